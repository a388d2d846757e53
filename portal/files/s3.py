"""Files in a bucket of an S3-compatible service, by whatever endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO

from portal.files.pieces import Pieces

PART = 8 * 1024 * 1024
ABSENT = {"404", "NoSuchKey", "NotFound"}


class S3:
    """A storage in a bucket; boto3 is imported at the first use."""

    def __init__(self, endpoint: str, bucket: str, key: str, secret: str, region: str) -> None:
        self._bucket = bucket
        self._options: dict[str, Any] = {
            "endpoint_url": endpoint or None,
            "aws_access_key_id": key or None,
            "aws_secret_access_key": secret or None,
            "region_name": region or None,
        }

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 3})
        return boto3.session.Session().client("s3", config=config, **self._options)

    def put(self, key: str, source: BinaryIO) -> int:
        """Keep what `source` still holds, in parts; the object appears when the last one is there."""
        from boto3.s3.transfer import TransferConfig

        counted = _Counted(source)
        config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        self._client.upload_fileobj(counted, self._bucket, key, Config=config)
        return counted.count

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` in pieces; FileNotFoundError."""
        if length == 0:
            return iter(())
        wanted = {"Bucket": self._bucket, "Key": key}
        if start or length is not None:
            last = "" if length is None else str(start + length - 1)
            wanted["Range"] = f"bytes={start}-{last}"
        try:
            body = self._client.get_object(**wanted)["Body"]
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                raise FileNotFoundError(key) from None
            raise
        return Pieces(body, length)

    def exists(self, key: str) -> bool:
        """True when there is such a key."""
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        """Forget the bytes."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every key with the moment it was kept."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket):
            for item in page.get("Contents", ()):
                yield item["Key"], item["LastModified"]

    def discard_unfinished(self, before: datetime) -> None:
        """Abort uploads in parts that were begun before that moment."""
        for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket):
            for item in page.get("Uploads", ()):
                if item["Initiated"] < before:
                    self._client.abort_multipart_upload(
                        Bucket=self._bucket, Key=item["Key"], UploadId=item["UploadId"]
                    )


class _Counted:
    """A stream that counts what is read of it and cannot be read twice."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._source.read(size)
        self.count += len(piece)
        return piece
