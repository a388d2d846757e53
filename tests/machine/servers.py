"""Translation servers on loopback: a real Apertium APy, and a stand-in that speaks as LibreTranslate does."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODES = Path("/usr/share/apertium/modes")


def has_apertium() -> bool:
    """True where Debian's apertium-apy and both pairs are installed, as .ci/run does."""
    pairs = ("eng-spa.mode", "spa-eng.mode", "es-fr.mode", "fr-es.mode")
    return shutil.which("apertium-apy") is not None and all((MODES / name).exists() for name in pairs)


@contextmanager
def apertium() -> Iterator[str]:
    """The address of an APy server that lives as long as the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["apertium-apy", "-p", str(port), str(MODES)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _try in range(150):
            try:
                urllib.request.urlopen(f"{url}/listPairs", timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(10)


class StandIn:
    """What the stand-in was asked, and what it answers instead when told so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.instead: tuple[int, bytes, dict[str, str]] | None = None
        self.languages: Any = [
            {"code": code, "targets": ["en", "es", "fr", "de"]} for code in ("en", "es", "fr", "de")
        ]

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        """The status, body and headers of one answer."""
        self.asked.append((path, body))
        if self.instead is not None:
            return self.instead
        if path == "/languages":
            return 200, json.dumps(self.languages).encode(), {}
        words = [f"{body['target']}: {text}" for text in body["q"]]
        return 200, json.dumps({"translatedText": words}).encode(), {}


@contextmanager
def libretranslate() -> Iterator[tuple[str, StandIn]]:
    """The address of a stand-in and what it knows."""
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            read = self.rfile.read(int(self.headers["Content-Length"]))
            is_json = self.headers["Content-Type"] == "application/json"
            self._answer(json.loads(read) if is_json else {"form": read.decode()})

        def _answer(self, body: dict[str, Any]) -> None:
            status, content, headers = stand_in.answer(self.path, body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
