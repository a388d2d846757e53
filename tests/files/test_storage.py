"""Both storages keep one contract: whole or not at all, ranges, lists, and nothing left of what was cut short."""

from __future__ import annotations

import io
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.config import Settings, SettingsError, settings_from
from portal.core.db import new_id
from portal.files.storage import Storage, storage_of
from tests.files import servers
from tests.files.samples import noise

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "folder":
        yield storage_of(Settings(data=tmp_path))
        return
    with servers.s3() as settings:
        yield storage_of(Settings(data=tmp_path, **settings))  # type: ignore[arg-type]


def test_what_is_put_can_be_had_in_whole_and_in_part_and_forgotten(storage: Storage) -> None:
    key, content = new_id(), noise(700_000)
    assert not storage.exists(key)
    assert storage.put(key, io.BytesIO(content)) == len(content)
    assert storage.exists(key)
    assert b"".join(storage.open(key)) == content
    assert b"".join(storage.open(key, 300_000, 5)) == content[300_000:300_005]
    assert b"".join(storage.open(key, 699_990)) == content[-10:]
    assert b"".join(storage.open(key, 10, 0)) == b""
    ((name, moment),) = storage.names()
    assert name == key
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
    storage.delete(key)
    storage.delete(key)
    assert list(storage.names()) == []
    with pytest.raises(FileNotFoundError):
        storage.open(key)


def test_an_object_larger_than_a_part_arrives_at_constant_memory(storage: Storage, tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as out:
        for _piece in range(24):
            out.write(noise(1024 * 1024))
    key = new_id()
    if type(storage).__name__ == "Folder":
        tracemalloc.start()
    with source.open("rb") as opened:
        assert storage.put(key, opened) == 24 * 1024 * 1024
    assert sum(map(len, storage.open(key))) == 24 * 1024 * 1024
    if tracemalloc.is_tracing():
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
        tracemalloc.stop()


def test_what_a_killed_put_left_behind_is_discarded(storage: Storage, tmp_path: Path) -> None:
    if type(storage).__name__ == "Folder":
        left = tmp_path / "files" / "incoming" / "x"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"half")
        storage.discard_unfinished(datetime.now(UTC) - timedelta(days=1))
        assert left.exists()
        storage.discard_unfinished(TOMORROW)
        assert not left.exists()
        return
    client, bucket = storage._client, storage._bucket  # type: ignore[attr-defined]
    client.create_multipart_upload(Bucket=bucket, Key="half")
    storage.discard_unfinished(datetime(2000, 1, 1, tzinfo=UTC))  # moto says that all began in 2010
    assert client.list_multipart_uploads(Bucket=bucket).get("Uploads")
    storage.discard_unfinished(TOMORROW)
    assert not client.list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_another_fault_of_the_service_is_not_taken_for_absence(tmp_path: Path) -> None:
    with servers.s3() as settings:
        storage = storage_of(Settings(data=tmp_path, **{**settings, "s3_bucket": "nowhere"}))  # type: ignore[arg-type]
        client = storage._client  # type: ignore[attr-defined]
        with pytest.raises(client.exceptions.NoSuchBucket):
            storage.open("x")


def test_a_folder_is_its_owners_alone_and_takes_no_paths_for_keys(tmp_path: Path) -> None:
    storage = storage_of(Settings(data=tmp_path))
    storage.put("abc", io.BytesIO(b"x"))
    assert os.stat(tmp_path / "files").st_mode & 0o777 == 0o700
    assert os.stat(tmp_path / "files" / "ab" / "abc").st_mode & 0o777 == 0o600
    for key in ("../../etc/passwd", "a/b", "", "é"):
        with pytest.raises(FileNotFoundError):
            storage.open(key)


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FILES"):
        settings_from({"DATA": str(tmp_path), "FILES": "ftp"})
    with pytest.raises(SettingsError, match="CLAMD"):
        settings_from({"DATA": str(tmp_path), "CLAMD": "localhost"})
    found = settings_from({"DATA": str(tmp_path), "FILES": "s3", "S3_BUCKET": "b", "CLAMD": "/run/clamd"})
    assert (found.files, found.s3_bucket, found.clamd) == ("s3", "b", "/run/clamd")
