"""The portal's settings: read once from the environment, documented in docs/settings.md."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


class SettingsError(ValueError):
    """A setting cannot be used; the message says which one and what it takes."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another.

    Each field is read from the environment variable of its name in capitals; `docs/settings.md`
    describes them and a test keeps that page complete.
    """

    data: Path = field(default_factory=lambda: Path("var"))
    database_url: str = ""
    secret_key: str = ""
    portal_name: str = "Customs Exchange"
    base_url: str = "http://127.0.0.1:5000"
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    host: str = "127.0.0.1"
    port: int = 5000
    redis_url: str = ""
    search: str = "whoosh"
    mail_url: str = "file:"
    mail_from: str = "Customs Exchange <no-reply@localhost>"
    answer_days: int = 2
    digest_hour: int = 6
    claim_days: int = 3
    session_days: int = 14
    session_idle_hours: int = 12
    max_upload_bytes: int = 2_000_000
    rate_limits: bool = True
    testing: bool = False
    demo_password: str = ""
    argon2_memory_kib: int = 65536
    machine_translation: str = ""
    machine_translation_url: str = ""
    machine_translation_key: str = ""
    files: str = "folder"
    s3_endpoint: str = ""
    s3_bucket: str = ""
    s3_key: str = ""
    s3_secret: str = ""
    s3_region: str = ""
    max_file_bytes: int = 50_000_000
    clamd: str = ""
    web_threads: int = 8
    web_processes: int = 1

    @property
    def secure_cookies(self) -> bool:
        """True when people reach the portal over TLS, which `base_url` says."""
        return self.base_url.startswith("https://")

    @property
    def index_folder(self) -> Path:
        """The folder of the search index: derived data, writable by the worker alone."""
        return self.data / "index"

    @property
    def dictionary_file(self) -> Path:
        """The translations that searches may use: derived data, made by `portal dictionary`, optional."""
        return self.data / "dictionary.sqlite3"


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environment` (default: the process's own).

    Missing secrets are made once and kept in the data folder, readable by its owner alone.
    Raises SettingsError for a value that cannot be used.
    """
    env = os.environ if environment is None else environment
    data = Path(env.get("DATA", "var")).absolute()
    data.mkdir(parents=True, exist_ok=True)
    port = _whole(env, "PORT", 5000)
    settings = Settings(
        data=data,
        database_url=env.get("DATABASE_URL", "") or f"sqlite:///{data / 'portal.sqlite3'}",
        secret_key=env.get("SECRET_KEY", "") or kept_secret(data, "secret-key"),
        portal_name=env.get("PORTAL_NAME", Settings.portal_name),
        base_url=env.get("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        trusted_hosts=tuple(h.strip() for h in env.get("TRUSTED_HOSTS", "").split(",") if h.strip()),
        trusted_proxies=_whole(env, "TRUSTED_PROXIES", 0),
        host=env.get("HOST", "") or "127.0.0.1",
        port=port,
        redis_url=env.get("REDIS_URL", ""),
        search=_search(env),
        mail_url=env.get("MAIL_URL", "file:"),
        mail_from=env.get("MAIL_FROM", Settings.mail_from),
        answer_days=_whole(env, "ANSWER_DAYS", 2),
        claim_days=_whole(env, "CLAIM_DAYS", 3),
        digest_hour=_hour(env, "DIGEST_HOUR", Settings.digest_hour),
        session_days=_whole(env, "SESSION_DAYS", 14),
        session_idle_hours=_whole(env, "SESSION_IDLE_HOURS", 12),
        max_upload_bytes=_whole(env, "MAX_UPLOAD_BYTES", Settings.max_upload_bytes),
        rate_limits=_switch(env, "RATE_LIMITS", True),
        demo_password=env.get("DEMO_PASSWORD", ""),
        argon2_memory_kib=_whole(env, "ARGON2_MEMORY_KIB", Settings.argon2_memory_kib),
        machine_translation=_one_of(env, "MACHINE_TRANSLATION", "", ("", "apertium", "libretranslate")),
        machine_translation_url=env.get("MACHINE_TRANSLATION_URL", "").rstrip("/"),
        machine_translation_key=env.get("MACHINE_TRANSLATION_KEY", ""),
        web_threads=_whole(env, "WEB_THREADS", Settings.web_threads),
        web_processes=_whole(env, "WEB_PROCESSES", Settings.web_processes),
    )
    return _with_files(settings, env)


def kept_secret(data: Path, name: str) -> str:
    """The secret called `name`, made on first use and kept in `data` with mode 0600."""
    path = data / name
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, "")
    if not value:
        return default
    if not value.isdigit():
        raise SettingsError(f"{name} takes a whole number, not {value!r}.")
    return int(value)


def _hour(env: Mapping[str, str], name: str, default: int) -> int:
    value = _whole(env, name, default)
    if value > 23:
        raise SettingsError(f"{name} takes an hour from 0 to 23, not {value}.")
    return value


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(name, "").lower()
    if value in {"", "on", "yes", "true", "1"}:
        return True if value else default
    if value in {"off", "no", "false", "0"}:
        return False
    raise SettingsError(f"{name} takes on or off, not {value!r}.")


def _with_files(settings: Settings, env: Mapping[str, str]) -> Settings:
    return replace(
        settings,
        files=_one_of(env, "FILES", "folder", ("folder", "s3")),
        s3_endpoint=env.get("S3_ENDPOINT", ""),
        s3_bucket=env.get("S3_BUCKET", ""),
        s3_key=env.get("S3_KEY", ""),
        s3_secret=env.get("S3_SECRET", ""),
        s3_region=env.get("S3_REGION", ""),
        max_file_bytes=_whole(env, "MAX_FILE_BYTES", Settings.max_file_bytes),
        clamd=_scanner(env),
    )


def _search(env: Mapping[str, str]) -> str:
    value = _one_of(env, "SEARCH", "whoosh", ("whoosh", "postgresql"))
    if value == "postgresql" and not env.get("DATABASE_URL", "").startswith("postgresql"):
        raise SettingsError(
            "SEARCH=postgresql keeps the index in the portal's database, which SQLite cannot: "
            "set DATABASE_URL to a PostgreSQL database, or SEARCH to whoosh."
        )
    return value


def _scanner(env: Mapping[str, str]) -> str:
    value = env.get("CLAMD", "")
    if value and not value.startswith("/") and not value.rpartition(":")[2].isdigit():
        raise SettingsError(f"CLAMD takes host:port or the path of a socket, not {value!r}.")
    return value


def _one_of(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = env.get(name, "") or default
    if value not in choices:
        raise SettingsError(f"{name} takes one of {', '.join(choices)}, not {value!r}.")
    return value
