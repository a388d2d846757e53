"""Passwords: hashing with argon2, and which new ones are refused."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import current_app, has_app_context
from flask_babel import gettext as _

from portal.accounts.common import COMMON
from portal.config import Settings
from portal.core.errors import Invalid, TooMany

SHORTEST, LONGEST = 12, 128
DISTINCT = 5
# Each hash takes tens of megabytes and a core: more at once would starve the pages.
AT_ONCE = 2
PATIENCE = 10.0  # seconds to wait for a turn
_turns = threading.BoundedSemaphore(AT_ONCE)

_LEET = str.maketrans("01345789@$!|", "oleastbgasii")


def hash_password(password: str) -> str:
    """The argon2id hash of `password`; asks nothing of the password itself."""
    with _turn():
        return _hasher(_memory()).hash(_bytes(password))


def verify(hashed: str | None, password: str) -> bool:
    """True when `password` is the one behind `hashed`.

    With None (nobody has that address, or no password is set) the same work is done on a
    made-up hash, so that the time taken tells nothing.
    """
    hasher = _hasher(_memory())
    with _turn():
        target = _nobodys(_memory())
        try:
            right = hasher.verify(hashed or target, _bytes(password))
        except (Argon2Error, InvalidHashError):
            return False
    return right and hashed is not None


def is_outdated(hashed: str) -> bool:
    """True for a hash made with other costs than those of today."""
    return _hasher(_memory()).check_needs_rehash(hashed)


def check_new(password: str, about: Iterable[str] = (), field: str = "password") -> None:
    """Raise Invalid at `field` for a password that is too short, too long or too easy to guess.

    `about` holds the person's name and address, which must not appear in it. There are no rules
    about kinds of characters: length is what counts.
    """
    plain = unicodedata.normalize("NFKC", password[: LONGEST * 4])
    if len(plain) < SHORTEST:
        raise Invalid(field, _("A password has at least %(count)s characters.", count=SHORTEST))
    if len(plain) > LONGEST:
        raise Invalid(field, _("A password has at most %(count)s characters.", count=LONGEST))
    if _is_monotonous(plain) or _is_common(plain):
        raise Invalid(field, _("This password is among the first that others try. Choose another one."))
    if _names_its_owner(plain, [*about, _portal_name()]):
        raise Invalid(field, _("Leave your name, your address and the portal's name out of it."))


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise TooMany(_("Many people are signing in just now. Try again in a moment."))
    try:
        yield
    finally:
        _turns.release()


@lru_cache(maxsize=4)
def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=1)


@lru_cache(maxsize=4)
def _nobodys(memory_kib: int) -> str:
    return _hasher(memory_kib).hash(b"nobody has this password")


def _memory() -> int:
    return _settings().argon2_memory_kib


def _portal_name() -> str:
    return _settings().portal_name


def _settings() -> Settings:
    if has_app_context():
        found: Settings = current_app.extensions["portal_settings"]
        return found
    return Settings()


def _bytes(password: str) -> bytes:
    # Nothing longer than LONGEST is ever stored, so what is cut here can never match.
    return unicodedata.normalize("NFKC", password[: LONGEST * 8]).encode("utf-8", "replace")


def _is_monotonous(plain: str) -> bool:
    """Few different characters, the same piece over and over, or a run such as 123456."""
    if len(set(plain.casefold())) < DISTINCT or (plain + plain).find(plain, 1) < len(plain):
        return True
    steps = [ord(b) - ord(a) for a, b in pairwise(plain)]
    return max(steps.count(1), steps.count(-1)) >= 0.7 * len(steps)


def _is_common(plain: str) -> bool:
    """Made of common words alone, however they are spelt or numbered."""
    folded = _folded(plain)
    for spelling in (folded, folded.strip("0123456789!?.,;:_-+*#@$ ").translate(_LEET)):
        letters = "".join(c for c in spelling if c.isalpha())
        left = letters
        for word in COMMON:
            left = left.replace(word, "|")
        if left != letters and len(left.replace("|", "")) < 4:
            return True
    return False


def _names_its_owner(plain: str, about: Iterable[str]) -> bool:
    folded = re.sub(r"[\W_]", "", _folded(plain))
    for fact in about:
        local, _at, domain = _folded(fact).partition("@")
        words = [*re.split(r"[\W_]+", local)] if domain else [*re.split(r"\s+", local)]
        joined = re.sub(r"[\W_]", "", local)
        is_portal = fact == _portal_name()
        if any(len(word) > 3 and word in folded for word in ([joined] if is_portal else [*words, joined])):
            return True
    return False


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
