"""The words of each kind of notification: rooms register a function that makes the Message."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portal.core.access import Actor
from portal.mail.message import Message
from portal.notifications.models import Notification

__all__ = ["Maker", "Message", "Preparer", "is_known", "kinds", "message", "prepare", "prepares", "said"]

Maker = Callable[[Notification, Actor], Message | None]
Preparer = Callable[[Sequence[Notification], Actor], None]

_makers: dict[str, Maker] = {}
_preparers: list[Preparer] = []


def message(kind: str) -> Callable[[Maker], Maker]:
    """Register the function below as what makes the Message of `kind`.

    It runs in the recipient's language and under their rights of that moment, and returns None
    when they may no longer see what it is about.
    """

    def register(maker: Maker) -> Maker:
        if kind in _makers:
            raise ValueError(f"two messages are called {kind}")
        _makers[kind] = maker
        return maker

    return register


def prepares(preparer: Preparer) -> Preparer:
    """Register a function that loads at once what the messages of a whole page will ask for."""
    _preparers.append(preparer)
    return preparer


def prepare(notifications: Sequence[Notification], recipient: Actor) -> None:
    """Load what the messages of these notifications need, in a number of statements that does not grow."""
    if notifications:
        for preparer in _preparers:
            preparer(notifications, recipient)


def said(notification: Notification, recipient: Actor) -> Message | None:
    """What the recipient is told; None when there is nothing that they may see."""
    maker = _makers.get(notification.kind)
    return maker(notification, recipient) if maker is not None else None


def is_known(kind: str) -> bool:
    """False for a kind that this release has no words for."""
    return kind in _makers


def kinds() -> list[str]:
    """Every kind that has words, in order."""
    return sorted(_makers)
