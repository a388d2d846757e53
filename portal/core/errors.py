"""What can go wrong in a query or an action, each with the answer that a browser gets."""

from __future__ import annotations

from typing import Any


class PortalError(Exception):
    """Something a person has to be told about; `status` is the HTTP answer."""

    status = 500


class NotFound(PortalError):
    """It does not exist, or the person may not know that it does: the two are told alike."""

    status = 404


class Forbidden(PortalError):
    """The person may read it but not do this to it."""

    status = 403


class WrongState(PortalError):
    """The step does not fit the state that the thing is in now."""

    status = 409


class Stale(WrongState):
    """Somebody changed it after the page was loaded; `theirs` is what stands there now."""

    def __init__(self, message: str = "", theirs: Any = None) -> None:
        super().__init__(message)
        self.theirs = theirs


class Invalid(PortalError):
    """What was typed cannot be taken: `errors` maps each field to its messages."""

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.errors: dict[str, list[str]] = {field: [message]}

    @classmethod
    def of(cls, errors: dict[str, list[str]]) -> Invalid:
        """All that is wrong at once; `errors` has at least one field, with at least one message."""
        field, messages = next(iter(errors.items()))
        made = cls(field, messages[0])
        made.errors = errors
        return made


class TooMany(PortalError):
    """Too many tries in a short time."""

    status = 429
