"""Stand-ins that speak the real protocols on the loopback interface: clamd and an S3 service."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from portal.core.db import new_id
from tests.files.samples import eicar


class _Clamd(socketserver.StreamRequestHandler):
    """One INSTREAM session as clamd holds it."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\x00"
        seen = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            seen += self.rfile.read(size)
        if self.server.says is not None:  # type: ignore[attr-defined]
            answer = self.server.says  # type: ignore[attr-defined]
        else:
            answer = b"stream: Eicar-Test-Signature FOUND" if eicar() in seen else b"stream: OK"
        self.wfile.write(answer + b"\x00")


@contextmanager
def clamd(path: str = "", says: bytes | None = None) -> Iterator[str]:
    """A clamd; gives its address. `says` is answered to everything."""
    if path:
        server: socketserver.BaseServer = socketserver.ThreadingUnixStreamServer(path, _Clamd)
        address = path
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd)
        address = f"127.0.0.1:{server.server_address[1]}"
    server.says = says  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def s3() -> Iterator[dict[str, str]]:
    """A real S3 API; gives the portal's settings for it, with a bucket made (moto keeps them between servers)."""
    import boto3
    from moto.server import ThreadedMotoServer

    bucket = f"portal-{new_id()}"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=bucket)
        client.close()
        yield {
            "files": "s3", "s3_endpoint": endpoint, "s3_bucket": bucket, "s3_key": "key", "s3_secret": "secret",
            "s3_region": "us-east-1",
        }  # fmt: skip
    finally:
        server.stop()
