"""`create_app`: every room and handler, by hand, top to bottom."""

from __future__ import annotations

import importlib
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.accounts.sessions import login_manager, signed_in_person
from portal.alerts import messages as alerts_messages
from portal.attachments import messages as attachments_messages
from portal.config import Settings, settings_from
from portal.cooperation import messages as cooperation_messages
from portal.cooperation import thread_messages as cooperation_thread_messages
from portal.core import assets, i18n, limits, web
from portal.core.access import Actor
from portal.core.db import Database
from portal.core.logs import configure_logging
from portal.discussion import messages as discussion_messages
from portal.editorial import messages as editorial_messages
from portal.editorial.actions import hand_on
from portal.files.storage import storage_of
from portal.following import messages as following_messages
from portal.lessons import messages as lessons_messages
from portal.mail.transport import transport_of
from portal.matching import messages as matching_messages
from portal.organisations import messages as organisations_messages
from portal.organisations.actors import actor_of, actor_with_id
from portal.search.dictionary import Dictionary

# Rooms whose notifications have words: importing them registers these.
WORDS = (
    alerts_messages,
    attachments_messages,
    cooperation_messages,
    cooperation_thread_messages,
    discussion_messages,
    editorial_messages,
    following_messages,
    lessons_messages,
    matching_messages,
    organisations_messages,
)
ROOT = Path(__file__).parent.parent
ROOMS = (
    "health", "home", "accounts", "organisations", "notifications", "publishing", "attachments", "discussion",
    "lessons", "following", "matching", "cooperation", "packs", "translating", "moderation", "finding",
    "alerts", "board", "administration", "exchange",
)  # fmt: skip


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """The WSGI application for `settings` (default: from the environment)."""
    settings = settings or settings_from()
    database = database or Database(settings.database_url)
    configure_logging()
    app = Flask(__name__, static_folder=None)
    configure(app, settings)
    app.extensions["portal_settings"] = settings
    i18n.install(app)
    web.install(app, database, _load_actor)
    app.extensions["portal_actor_with_id"] = actor_with_id
    app.extensions["portal_hand_on"] = hand_on
    limits.install(app)
    app.extensions["portal_files"] = storage_of(settings)
    app.extensions["portal_dictionary"] = Dictionary(settings.dictionary_file)
    transport_of(app)  # a MAIL_URL that nobody understands is said at the start
    login_manager.init_app(app)
    assets.install(app)
    for room in ROOMS:
        module = importlib.import_module(f"portal.{room}.views")
        module.install(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies, x_host=0
        )
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's own configuration, from the portal's settings."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_upload_bytes,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=[host, "127.0.0.1", "localhost", *settings.trusted_hosts],
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_HEADERS_ENABLED=False,
        RATELIMIT_SWALLOW_ERRORS=True,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["portal_name"] = settings.portal_name


def _load_actor() -> Actor:
    return actor_of(signed_in_person())
