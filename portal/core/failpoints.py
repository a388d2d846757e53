"""Places where a test may kill or stop the process, to see that nothing is lost; armed by FAILPOINT alone."""

from __future__ import annotations

import os
import signal

# "name" kills at the first arrival, "name:3" at the third.
_NAME, _, _COUNT = os.environ.get("FAILPOINT", "").partition(":")
_left = int(_COUNT) if _COUNT.isdigit() else 1
# SIGSTOP holds it there instead, until SIGCONT.
_SIGNAL = signal.Signals[os.environ.get("FAILPOINT_SIGNAL", "SIGKILL")]


def reached(name: str) -> None:
    """Die here, without a farewell, when the failpoint `name` is armed and its count has run out."""
    global _left
    if name != _NAME:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), _SIGNAL)
