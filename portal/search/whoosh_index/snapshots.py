"""One commit of a Whoosh index as a process holds it: checked, opened, and with its catalogue made."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from time import sleep

from portal.search.catalogue import Generation, Ordinals, Part
from portal.search.index import IndexUnavailable
from portal.search.whoosh_index.folder import Folder
from portal.search.whoosh_index.schema import schema
from portal.search.whoosh_index.segments import Segment
from portal.search.whoosh_index.storage import (
    NAME,
    CheckedStorage,
    damage_is_unavailable,
    file_of,
    touch_of,
)

_RETRY_SECONDS = 0.02
_serials = count()


class Snapshot:
    """One commit, opened; it never changes. `serial` tells it from all others of the process."""

    def __init__(self, storage: CheckedStorage, number: int, previous: Snapshot | None) -> None:
        self.serial = next(_serials)
        self.storage, self.number = storage, number
        self.ordinals: Ordinals = previous.ordinals if previous else Ordinals()
        self.segments: dict[str, Segment] = {}
        self._toc = f"_{NAME}_{number}.toc"
        self.touched = {self._toc: touch_of(storage.path / self._toc)}
        self.parts: list[tuple[Segment, frozenset[int]]] = []
        for found in storage.segments(number, schema()):
            name = file_of(found)
            self.touched[name] = touch_of(storage.path / name)
            segment = previous.opened(name, self.touched[name]) if previous else None
            if segment is None:
                segment = Segment(storage, found, schema(), self.ordinals)
            self.segments[name] = segment
            # What is deleted is read from this commit, whatever the segment was opened for.
            self.parts.append((segment, frozenset(found.deleted_docs())))
        self.generation = Generation(
            [Part(segment.facts, segment.facts.live(deleted)) for segment, deleted in self.parts],
            self.ordinals,
        )

    def opened(self, name: str, touched: tuple[int, int]) -> Segment | None:
        """The segment in the file `name`, when it is open and the file was not touched since."""
        return self.segments.get(name) if self.touched.get(name) == touched else None

    def written_at(self) -> datetime:
        """When the commit was made."""
        _, nanoseconds = self.touched[self._toc]
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC)

    def is_current(self) -> bool:
        """True while there is no newer commit and nobody has touched the files of this one."""
        try:
            return self.storage.latest() == self.number and all(
                touch_of(self.storage.path / name) == touched for name, touched in self.touched.items()
            )
        except OSError:
            return False


class Snapshots:
    """The newest commit of the live index, opened when first asked for and after each change."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._storage: CheckedStorage | None = None
        self._snapshot: Snapshot | None = None

    def storage(self) -> CheckedStorage:
        """The live index's files. Raises IndexUnavailable."""
        path = self._folder.current()
        if self._storage is None or self._storage.path != path:
            self._storage = CheckedStorage(path)
        return self._storage

    def newest(self) -> Snapshot:
        """The newest commit, as it is on disk now. Raises IndexUnavailable."""
        storage, snapshot = self.storage(), self._snapshot
        if snapshot is None or snapshot.storage is not storage or not snapshot.is_current():
            self._snapshot = None
            snapshot = self._snapshot = self._open(snapshot)
        return snapshot

    def _open(self, previous: Snapshot | None) -> Snapshot:
        """Open the newest commit; a commit or rebuild that overtakes us is followed."""
        failed = None
        while True:
            storage, number = self.storage(), -1
            try:
                with damage_is_unavailable():
                    number = storage.latest()
                    kept = previous if previous is not None and previous.storage is storage else None
                    return Snapshot(storage, number, kept)
            except FileNotFoundError as error:
                if failed == (storage.path, number):
                    raise IndexUnavailable("broken", str(error)) from error
                failed = (storage.path, number)
                sleep(_RETRY_SECONDS)

    def require_sound(self) -> CheckedStorage:
        """The live index's files after comparing them with their sums; call under the write lock.

        Raises IndexUnavailable.
        """
        storage = self.storage()
        try:
            with damage_is_unavailable():
                storage.segments(storage.latest(), schema())
        except FileNotFoundError as error:
            raise IndexUnavailable("broken", str(error)) from error
        return storage
