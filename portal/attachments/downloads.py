"""The bytes of a file as an HTTP answer: ranges, conditions, names and the headers that tame browsers."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import dump_options_header, http_date, is_resource_modified, quote_etag

from portal.attachments.queries import Download
from portal.files.known import PICTURES
from portal.files.models import StoredFile
from portal.files.storage import Storage

SANDBOX = "default-src 'none'; sandbox"


def answer(found: Download, storage: Storage, *, is_shown: bool = False) -> Response:
    """The file, or the range of it that was asked for; 304 and 416 where they belong.

    Pictures may be shown in the page (`is_shown`); everything else is saved, never run.
    """
    file = found.file
    headers = {
        "Content-Disposition": _disposition(file, is_shown and file.media_type in PICTURES),
        "Content-Security-Policy": SANDBOX,
        "ETag": quote_etag(_etag(file)),
        "Last-Modified": http_date(file.created_at),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache" if found.is_public else "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if not is_resource_modified(
        request.environ, etag=_etag(file), last_modified=file.created_at, ignore_if_range=True
    ):
        return Response(status=304, headers=headers)
    wanted = request.range if _may_be_partial(file) else None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return _sent(storage, file, 0, file.size, 200, headers)
    limits = wanted.range_for_length(file.size)
    if limits is None:
        return Response(status=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
    start, stop = limits
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    return _sent(storage, file, start, stop - start, 206, headers)


def _sent(
    storage: Storage, file: StoredFile, start: int, length: int, status: int, headers: dict[str, str]
) -> Response:
    pieces: Iterator[bytes] = iter(()) if request.method == "HEAD" else storage.open(file.key, start, length)
    sent = Response(pieces, status=status, headers=headers, mimetype=file.media_type)
    sent.content_length = length
    return sent


def _may_be_partial(file: StoredFile) -> bool:
    """False when an If-Range names other bytes than ours."""
    condition = request.if_range
    if condition.etag is not None:
        return bool(condition.etag == _etag(file))
    return condition.date is None or condition.date >= file.created_at.replace(microsecond=0)


def _disposition(file: StoredFile, is_shown: bool) -> str:
    plain = unicodedata.normalize("NFKD", file.name).encode("ascii", "ignore").decode().replace('"', "")
    options = {"filename": plain}
    if plain != file.name:
        options["filename*"] = f"UTF-8''{quote(file.name, safe='')}"
    return dump_options_header("inline" if is_shown else "attachment", options)


def _etag(file: StoredFile) -> str:
    """The key changes with the bytes and with nothing else; it is not told."""
    return hashlib.sha256(file.key.encode()).hexdigest()[:32]
