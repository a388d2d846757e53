"""Handing letters over: a real SMTP server on the loopback interface, up and down, honest or not."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask

from portal.config import Settings, SettingsError
from portal.core.db import Database
from portal.editorial.models import Contribution
from portal.jobs import actions as jobs
from portal.mail.transport import (
    FolderTransport,
    MemoryTransport,
    Refused,
    SmtpTransport,
    is_loopback,
    transport_from,
    transport_of,
)
from portal.notifications.delivery import deliver
from tests.world import World, make_draft, submit


@dataclass
class Server:
    """What a mail server has taken, and how it answers a recipient."""

    answer: str = "250 OK"
    letters: list[bytes] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.letters.append(bytes(envelope.content))
        return "250 OK"


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _start(server: Server, port: int, **options: Any) -> Controller:
    controller = Controller(server, hostname="127.0.0.1", port=port, **options)
    controller.start()
    return controller


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    """A mail server without encryption, and its port."""
    server, port = Server(), _port()
    controller = _start(server, port)
    yield server, port
    controller.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@exchange.example", "b@frcs.example", "One"
    letter["Message-ID"] = "<k1@exchange.example>"
    letter.set_content("Two")
    return letter


def _smtp(port: int, **values: Any) -> SmtpTransport:
    return SmtpTransport(**{"host": "127.0.0.1", "port": port, "encryption": "", **values})


def test_a_letter_reaches_the_server(server: tuple[Server, int]) -> None:
    taken, port = server
    _smtp(port).send(_letter())
    assert message_from_bytes(taken.letters[0])["Subject"] == "One"


def test_a_refused_recipient_is_final_when_the_server_says_for_good(server: tuple[Server, int]) -> None:
    taken, port = server
    taken.answer = "550 no such person"
    with pytest.raises(Refused):
        _smtp(port).send(_letter())
    taken.answer = "450 not just now"
    with pytest.raises(SMTPRecipientsRefused):  # which is no Final: it is tried again
        _smtp(port).send(_letter())
    assert taken.letters == []


def test_a_server_that_is_down_is_tried_again(server: tuple[Server, int]) -> None:
    with pytest.raises(OSError, match="refused"):
        _smtp(_port()).send(_letter())


def test_mail_waits_while_the_server_is_down_and_leaves_when_it_is_back(
    app: Flask, world: World, database: Database
) -> None:
    server, port = Server(), _port()
    app.extensions["portal_mail"] = _smtp(port)
    with database.unit_of_work():
        made: Contribution = make_draft(world)
        submit(world, made)
    with database.unit_of_work():
        job = next(job for job in jobs.claim(50) if job.kind == "mail")
    with pytest.raises(OSError, match="refused"):
        deliver(app, job.payload)
    with database.unit_of_work():
        jobs.fail(job.id, "the server is down")
    with database.unit_of_work(write=False):
        from portal.core.db import session

        waiting = session().get_one(type(job), job.id)
        assert waiting.state == "ready"
        assert waiting.run_at > job.created_at
    controller = _start(server, port)
    try:
        deliver(app, job.payload)
    finally:
        controller.stop()
    assert len(server.letters) == 1
    assert b"To review: Single window" in server.letters[0]


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(
    certificate: ssl.SSLContext,
) -> None:
    taken, port = Server(), _port()
    controller = _start(taken, port, tls_context=certificate)
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            _smtp(port, encryption="starttls").send(_letter())
    finally:
        controller.stop()
    assert taken.letters == []


def test_nor_does_one_that_speaks_tls_from_the_first_byte(certificate: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake_hands() -> None:
            connection, _address = listening.accept()
            with suppress(OSError), certificate.wrap_socket(connection, server_side=True):
                pass

        thread = threading.Thread(target=shake_hands)
        thread.start()
        with pytest.raises(ssl.SSLCertVerificationError):
            _smtp(listening.getsockname()[1], encryption="tls").send(_letter())
        thread.join()


def test_a_server_without_encryption_gets_nothing_where_it_is_required(server: tuple[Server, int]) -> None:
    taken, port = server
    with pytest.raises(Exception, match="STARTTLS"):
        _smtp(port, encryption="starttls").send(_letter())
    assert taken.letters == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_name_and_password_are_given_to_a_server_that_asks() -> None:
    asked: list[LoginPassword] = []

    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        asked.append(data)
        return AuthResult(success=True)

    taken, port = Server(), _port()
    controller = _start(taken, port, authenticator=check, auth_require_tls=False, auth_required=True)
    try:
        _smtp(port, user="portal", password="p@ss word").send(_letter())
    finally:
        controller.stop()
    assert asked == [LoginPassword(b"portal", b"p@ss word")]
    assert len(taken.letters) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", SmtpTransport("mail.example", 587, "starttls")),
        ("smtp://mail.example:2525", SmtpTransport("mail.example", 2525, "starttls")),
        ("smtp://localhost", SmtpTransport("localhost", 25, "")),
        ("smtp://127.0.0.1:1025", SmtpTransport("127.0.0.1", 1025, "")),
        ("smtp://[::1]:1025", SmtpTransport("::1", 1025, "")),
        ("smtps://a%40b:p%2Fw@mail.example", SmtpTransport("mail.example", 465, "tls", "a@b", "p/w")),
        ("memory:", MemoryTransport()),
    ],
)
def test_the_setting_names_the_way_out(url: str, expected: object, tmp_path: Path) -> None:
    assert transport_from(Settings(data=tmp_path, mail_url=url)) == expected


def test_letters_go_to_a_folder_by_default_for_the_owners_eyes_alone(tmp_path: Path) -> None:
    transport = transport_from(Settings(data=tmp_path))
    assert transport == FolderTransport(tmp_path / "mail")
    transport.send(_letter())
    (path,) = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert message_from_bytes(path.read_bytes())["Subject"] == "One"
    elsewhere = transport_from(Settings(data=tmp_path, mail_url=f"file:{tmp_path}/else%20where"))
    assert elsewhere == FolderTransport(tmp_path / "else where")


@pytest.mark.parametrize("url", ["", "pigeon://mail.example", "smtp://", "mail.example"])
def test_a_setting_that_nobody_understands_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MAIL_URL"):
        transport_from(Settings(data=tmp_path, mail_url=url))


def test_the_password_of_the_server_is_not_written_into_logs() -> None:
    assert "p/w" not in repr(SmtpTransport("mail.example", 465, "tls", "a", "p/w"))


def test_the_application_makes_its_transport_once(app: Flask) -> None:
    assert transport_of(app) is transport_of(app)


def test_this_machine_is_known_by_its_names() -> None:
    assert is_loopback("localhost")
    assert is_loopback(str(ipaddress.ip_address("127.8.8.8")))
    assert not is_loopback("192.0.2.7")
    assert not is_loopback("localhost.evil.example")
