"""Sets of small whole numbers as the bits of a Python integer: AND, OR and counting at C speed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress

_DIGITS_TO_FLAGS = bytes.maketrans(b"01", b"\x00\x01")
_WEIGHTS_TO_DIGITS = b"0" + b"1" * 255


def bits_of(members: Iterable[int], size: int) -> int:
    """The set of `members`, each below `size`."""
    flags = bytearray(size // 8 + 1)
    for member in members:
        flags[member >> 3] |= 1 << (member & 7)
    return int.from_bytes(flags, "little")


def bits_of_weights(weights: bytes) -> int:
    """The set of the places where `weights` is not zero."""
    return int(weights.translate(_WEIGHTS_TO_DIGITS)[::-1], 2) if weights else 0


def flags_of(bits: int) -> bytes:
    """One byte a number, 1 for members; as long as the largest member needs."""
    return format(bits, "b")[::-1].encode().translate(_DIGITS_TO_FLAGS)


def members_of(bits: int) -> list[int]:
    """The members of a set in rising order."""
    flags = flags_of(bits)
    return list(compress(range(len(flags)), flags))


def contains(bits: int, member: int) -> bool:
    """True when `member` is in the set."""
    return bool(bits >> member & 1)
