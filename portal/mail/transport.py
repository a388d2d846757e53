"""How a letter leaves the house: SMTP, a folder of .eml files, or memory for the tests."""

from __future__ import annotations

import ipaddress
import os
import re
import smtplib
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import Flask

from portal.config import Settings, SettingsError
from portal.core.clock import now
from portal.core.failpoints import reached
from portal.jobs.actions import Final

TIMEOUT = 10.0  # seconds for each step of the talk with the server


class Refused(Final):
    """The server has refused the recipient for good: trying again is of no use."""


class Transport(Protocol):
    """Something that takes a letter; raises when it could not, Refused when it never will."""

    def send(self, letter: EmailMessage) -> None:
        """Hand `letter` over."""


@dataclass
class SmtpTransport:
    """A mail server. Whatever leaves this machine is encrypted, for a server whose certificate is right.

    `encryption` is "tls" from the first byte (smtps), "starttls", or "" for a server on the
    loopback interface, whose traffic nobody else sees.
    """

    host: str
    port: int
    encryption: str
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, letter: EmailMessage) -> None:
        """Send over a connection of its own; raises OSError or SMTPException, Refused for a final no."""
        with self._connect() as server:
            if self.user:
                server.login(self.user, self.password)
            try:
                server.send_message(letter)
            except smtplib.SMTPRecipientsRefused as refused:
                answers = list(refused.recipients.values())
                if answers and all(500 <= code < 600 for code, _words in answers):
                    raise Refused(f"the mail server refuses the recipient: {answers[0][0]}") from refused
                raise
        reached("after_smtp_accept")

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encryption == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        if self.encryption == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server


@dataclass
class FolderTransport:
    """Letters as files, one each, for an installation without a mail server."""

    folder: Path

    def send(self, letter: EmailMessage) -> None:
        """Write the letter beside the others, readable by its owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = re.sub(r"[^0-9A-Za-z_-]+", "", str(letter["Message-ID"]).partition("@")[0])[:60]
        path = self.folder / f"{now():%Y%m%dT%H%M%S%f}-{identity}.eml"
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(letter.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        reached("after_smtp_accept")


@dataclass
class MemoryTransport:
    """Letters in a list, for tests."""

    sent: list[EmailMessage] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def send(self, letter: EmailMessage) -> None:
        """Keep the letter."""
        with self._lock:
            self.sent.append(letter)


def transport_from(settings: Settings) -> Transport:
    """The transport that `settings.mail_url` names; SettingsError for one that nobody knows."""
    url = urlsplit(settings.mail_url)
    if url.scheme == "memory":
        return MemoryTransport()
    if url.scheme == "file":
        return FolderTransport(Path(unquote(url.path)) if url.path else settings.data / "mail")
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise SettingsError("MAIL_URL takes smtp://user:password@host:port, smtps://... or file:")
    encryption = "tls" if url.scheme == "smtps" else "" if is_loopback(url.hostname) else "starttls"
    return SmtpTransport(
        host=url.hostname,
        port=url.port or {"tls": 465, "starttls": 587}.get(encryption, 25),
        encryption=encryption,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
    )


def transport_of(app: Flask) -> Transport:
    """The application's transport, made once."""
    found: Transport | None = app.extensions.get("portal_mail")
    if found is None:
        found = app.extensions["portal_mail"] = transport_from(app.extensions["portal_settings"])
    return found


def is_loopback(host: str) -> bool:
    """True for a name or number of this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
