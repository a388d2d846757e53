"""The virus scanner ClamAV, asked through clamd's INSTREAM."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

PIECE = 64 * 1024
SECONDS = 60.0


class ScannerAway(Exception):
    """The scanner does not answer, or not as it should; ask again later."""


def is_clean(address: str, source: BinaryIO) -> bool:
    """True when the scanner at `address` (host:port, or the path of a socket) finds nothing; ScannerAway."""
    try:
        with _connected(address) as line:
            line.sendall(b"zINSTREAM\x00")
            while piece := source.read(PIECE):
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            answer = _answer(line)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error
    if answer.endswith(" FOUND"):
        return False
    if answer.endswith(" OK"):
        return True
    raise ScannerAway(answer[:80])


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(SECONDS)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), SECONDS)


def _answer(line: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\x00") and len(found) < 4096:
        piece = line.recv(1024)
        if not piece:
            break
        found += piece
    return found.rstrip(b"\x00\n").decode("utf-8", "replace")
