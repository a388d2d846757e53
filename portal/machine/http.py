"""Calls to the one translation server that the settings name: no redirects, no proxies, limits on both."""

from __future__ import annotations

import json
from typing import Any

import requests

from portal.machine.port import MachineError

TIMEOUT = 20.0
LARGEST_ANSWER = 2_000_000


class Server:
    """One server; `base` is the configured address, and paths are ours alone."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.line = requests.Session()
        self.line.trust_env = False

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises MachineError."""
        return self._asked("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        """The JSON that `path` answers to a form (`data`) or to JSON (`json`). Raises MachineError."""
        return self._asked("POST", path, **body)

    def _asked(self, method: str, path: str, **body: Any) -> Any:
        try:
            with self.line.request(
                method, self.base + path, timeout=TIMEOUT, allow_redirects=False, stream=True, **body
            ) as answer:
                content = answer.raw.read(LARGEST_ANSWER + 1, decode_content=True)
                status = answer.status_code
        except (requests.RequestException, OSError) as error:
            raise MachineError(f"the translation server cannot be reached: {type(error).__name__}") from error
        if status != 200 or len(content) > LARGEST_ANSWER:
            raise MachineError(f"the translation server answered {status} with {len(content)} bytes")
        try:
            return json.loads(content)
        except ValueError as error:
            raise MachineError("the translation server answered something that is not JSON") from error
