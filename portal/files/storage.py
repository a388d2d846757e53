"""Where bytes are kept: a folder or an S3-compatible service, chosen by the setting FILES."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol

from portal.config import Settings
from portal.files.folder import Folder


class Storage(Protocol):
    """Bytes under random keys; an object is there whole or not at all, and never changes."""

    def put(self, key: str, source: BinaryIO) -> int:
        """Keep what `source` still holds, durably, at constant memory; returns how many bytes."""

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` in pieces; raises FileNotFoundError at once when there is no such key."""

    def exists(self, key: str) -> bool:
        """True when there is such a key."""

    def delete(self, key: str) -> None:
        """Forget the bytes; deleting what is not there is no error."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every key with the moment it was kept."""

    def discard_unfinished(self, before: datetime) -> None:
        """Throw away what a `put` left behind that was killed before that moment."""


def storage_of(settings: Settings) -> Storage:
    """The storage that the settings name."""
    if settings.files == "s3":
        from portal.files.s3 import S3

        return S3(
            settings.s3_endpoint, settings.s3_bucket, settings.s3_key, settings.s3_secret, settings.s3_region
        )
    return Folder(settings.data / "files")
