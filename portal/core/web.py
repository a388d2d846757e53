"""HTTP for every room: unit of work, actor, language, error pages, security headers, kept forms."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import structlog
from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import BaseConverter
from werkzeug.wrappers.response import Response as BaseResponse

from portal.config import Settings
from portal.core import i18n, shared_pages
from portal.core.access import Actor
from portal.core.db import ID_LENGTH, Database, bind_session, session, unbind_session
from portal.core.errors import Invalid, NotFound, PortalError, Stale
from portal.core.failpoints import reached
from portal.core.text import paragraphs, to_html

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger("portal.web")
csrf = CSRFProtect()

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# Added to every answer; no view sets any of them.
HARDENED = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Vary", "Cookie, Accept-Language"),
]
READING = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT_FIELD = "kept"


class LanguageConverter(BaseConverter):
    """The first part of every address: en, es or fr."""

    regex = "en|es|fr"


class SluggedConverter(BaseConverter):
    """An opaque id, with or without a readable tail, which is ignored."""

    regex = rf"[0-9a-z]{{{ID_LENGTH}}}(?:-[0-9a-z-]*)?"

    def to_python(self, value: str) -> str:
        """The id alone."""
        return value[:ID_LENGTH]


def actor() -> Actor:
    """Who makes this request; loaded once."""
    if "actor" not in g:
        g.actor = g.load_actor()
    found: Actor = g.actor
    return found


def actor_with_id(person_id: str) -> Actor:
    """The actor that the person with this id is now: for sign-in, and for what the worker does for them."""
    load: Callable[[str], Actor] = current_app.extensions["portal_actor_with_id"]
    return load(person_id)


@contextmanager
def writing() -> Iterator[None]:
    """A short unit of work of its own inside a reading request, for the marks that reading leaves."""
    database: Database = current_app.extensions["portal_database"]
    with database.unit_of_work():
        yield


def settings() -> Settings:
    """The portal's settings."""
    found: Settings = current_app.extensions["portal_settings"]
    return found


def page(template: str, status: int = 200, **context: Any) -> Response:
    """The template as an HTML answer."""
    return Response(render_template(template, **context), status=status, mimetype="text/html")


def download(body: str | Iterable[str], media_type: str, name: str) -> Response:
    """Words as a file to take away, whole or piece by piece."""
    answer = Response(body, content_type=f"{media_type}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def wants_json() -> bool:
    """True for our own scripts and API clients, which name JSON as what they accept best."""
    return request.accept_mimetypes.best == "application/json"


def install(app: Flask, database: Database, load_actor: Callable[[], Actor]) -> None:
    """Give `app` its units of work, actors, languages, errors and headers."""
    app.url_map.converters.update(language=LanguageConverter, slugged=SluggedConverter)
    app.extensions["portal_database"] = database
    app.jinja_env.filters.update(markdown=to_html, paragraphs=paragraphs)

    @app.before_request
    def _open() -> None:
        g.request_id = uuid.uuid4().hex
        g.load_actor = load_actor
        g.session_token = bind_session(database.open_session(write=request.method not in READING))
        g.setdefault("language", _language_of_path(request))

    csrf.init_app(app)  # after `_open`: a refused form is answered by a page of ours
    shared_pages.install(app, language_links)

    @app.url_value_preprocessor
    def _language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values and "lang" in values:
            g.language = values.pop("lang")

    @app.url_defaults
    def _same_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = g.get("language", i18n.DEFAULT)

    @app.after_request
    def _commit(response: Response) -> Response:
        if "session_token" in g:
            if response.status_code >= 400:
                session().rollback()
            elif request.method not in READING:  # reading changes nothing: closing is enough
                session().commit()
                reached("after_db_commit")
        return _with_headers(app, response)

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        token = g.pop("session_token", None)
        if token is not None:
            session().close()
            unbind_session(token)

    @app.context_processor
    def _context() -> dict[str, Any]:
        g.reader = actor()
        return {"actor": g.reader, "lang": i18n.current_language(), "language_links": language_links()}

    app.wsgi_app = _hardened(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.register_error_handler(PortalError, _on_portal_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_crash)


def _hardened(answer: WSGIApplication) -> WSGIApplication:
    """`answer` with the headers that every answer has, added where they need no checking any more."""

    def hardened(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], error: Any = None
        ) -> Callable[[bytes], object]:
            return start_response(status, headers + HARDENED, error)

        return answer(environ, start)

    return hardened


def language_links() -> dict[str, str]:
    """The address of the page that is shown, in each language: only its first part differs."""
    query = request.query_string.decode("ascii", "ignore") if request.method in READING else ""
    return _links(request.path, query)


@lru_cache(maxsize=2048)
def _links(path: str, query: str) -> dict[str, str]:
    head, slash, tail = path[1:].partition("/")
    tail = quote(tail) if head in i18n.LANGUAGES and slash else ""
    return {code: f"/{code}/{tail}{'?' if query else ''}{query}" for code in i18n.LANGUAGES}


def keep_typed() -> str:
    """What was posted, signed, to travel through a sign-in form and back; "" when nothing was.

    Passwords never travel, and nothing that another site posted: its form must not be handed
    to the person as if they had typed it.
    """
    fields = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token" and "password" not in k]
    if request.method in READING or not fields or not _is_our_own_form():
        return ""
    return _signer().dumps({"url": request.full_path.rstrip("?"), "fields": fields})


def typed_before(kept: str) -> tuple[str, list[tuple[str, str]]] | None:
    """The address and the fields that `keep_typed` kept; None for anything that we did not sign."""
    try:
        value = _signer().loads(kept)
        return value["url"], [(k, v) for k, v in value["fields"]]
    except (BadData, KeyError, TypeError, ValueError):
        return None


def ask_to_sign_in() -> BaseResponse:
    """Send a visitor to the sign-in page, which leads back to the address asked for."""
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)


def safe_next(target: str) -> str:
    """`target` when it is a path of this portal, else "" (security.md T16)."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return ""
    if any(ord(c) < 33 or ord(c) == 127 for c in target) or "%5c" in target.lower() or "%0" in target.lower():
        return ""
    return target


def _is_our_own_form() -> bool:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    return site == "same-origin" and (origin is None or urlsplit(origin).netloc == request.host)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="kept-form")


def _language_of_path(req: Request) -> str:
    head = req.path[1:3]
    if head in i18n.LANGUAGES and req.path[3:4] in {"", "/"}:
        return head
    return i18n.best_language(req.headers.get("Accept-Language", ""), req.cookies.get("language", ""))


def _with_headers(app: Flask, response: Response) -> Response:
    headers = response.headers
    if app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if not headers.get("Cache-Control"):
        signed_in = "actor" in g and g.actor.is_signed_in
        headers["Cache-Control"] = "private, no-store" if signed_in else "private, no-cache"
    return response


def _answer(
    status: int, message: str = "", errors: dict[str, list[str]] | None = None, **context: Any
) -> Any:
    session().rollback()
    if wants_json():
        body = {"type": "about:blank", "status": status, "detail": message, "errors": errors or {}}
        return jsonify(body), status, {"Content-Type": "application/problem+json"}
    template = f"error/{status}.html" if status in {403, 404, 409, 413, 422, 429, 503} else "error/400.html"
    return page(template, status, message=message, errors=errors or {}, **context)


def _visitor_posted() -> bool:
    return request.method not in READING and not actor().is_signed_in and bool(request.form)


def _keep_and_ask() -> Response:
    session().rollback()
    return page("accounts/sign_in.html", 401, kept=keep_typed(), next_url="", form=None)


def _on_portal_error(error: PortalError) -> Any:
    if isinstance(error, NotFound) or error.status == 403:
        if not wants_json() and _visitor_posted():
            return _keep_and_ask()
        return _answer(error.status)
    if isinstance(error, Stale):
        return _answer(409, str(error), theirs=error.theirs)
    return _answer(error.status, str(error), error.errors if isinstance(error, Invalid) else None)


def _on_csrf_error(error: CSRFError) -> Any:
    if wants_json():
        return _answer(400, "csrf")
    if request.endpoint == "accounts.sign_in":
        session().rollback()
        again = {"next_url": safe_next(request.form.get("next", "")), "kept": request.form.get("kept", "")}
        return page("accounts/sign_in.html", 400, form=None, is_stale=True, **again)
    if _visitor_posted():
        return _keep_and_ask()
    typed = typed_before(keep_typed())
    if typed is None:
        return _answer(400, "csrf")
    # Signed in anew in another tab: the form's token went with the former session, its words did not.
    session().rollback()
    return page("accounts/resume.html", 400, address=typed[0], fields=typed[1])


def _on_http_error(error: HTTPException) -> Any:
    code = error.code or 500
    if isinstance(error, SecurityError):  # a Host that is not ours: no address of a page can be made
        return Response(f"{code} {error.name}\n", code, mimetype="text/plain")
    if code < 400:
        return error.get_response()
    if code == 404 and _visitor_posted():
        return _keep_and_ask()
    answer = _answer(code)
    if isinstance(answer, BaseResponse) and code in {405, 429}:
        answer.headers.extend((k, v) for k, v in error.get_headers() if k in {"Allow", "Retry-After"})
    return answer


def _on_crash(error: Exception) -> Any:
    log.exception(
        "crash", request_id=g.get("request_id"), endpoint=request.endpoint, error=type(error).__name__
    )
    if "session_token" in g:
        session().rollback()
    if wants_json():
        return jsonify({"status": 500, "detail": g.get("request_id")}), 500
    return Response(
        render_template("error/500.html", request_id=g.get("request_id")), 500, mimetype="text/html"
    )
