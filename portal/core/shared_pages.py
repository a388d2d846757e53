"""Pages that many readers share: the body is rendered once, header and form tokens for each reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from portal.core import i18n
from portal.core.access import Actor
from portal.core.cache import PageCache

_CSRF_SLOT = "\x00csrf\x00"
_HEADER_SLOT = re.compile("\x00header:([a-z_]*):([01])\x00")
THEMES = ("light", "dark", "auto")


def install(app: Flask) -> None:
    """Give templates `page_header` and a `csrf_token` that can be filled in later."""
    app.extensions["portal_pages"] = PageCache()
    app.jinja_env.globals.update(page_header=page_header, csrf_token=_csrf_token, theme=theme)

    @app.context_processor
    def _slots() -> dict[str, Any]:
        return {"csrf_token": _csrf_token}  # Flask-WTF puts its own into every context, over the global


def theme() -> str:
    """What the reader chose: light, dark or auto (as their device has it)."""
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


def page_header(nav: str | None = None, hide_search: bool = False) -> Markup:
    """The top of the page for this reader; in a shared page a slot that is filled for each."""
    if g.get("is_shared"):
        return Markup(f"\x00header:{nav or ''}:{int(bool(hide_search))}\x00")
    return Markup(render_template("_header.html", nav=nav, hide_search=hide_search))


def shared_page(
    template: str, actor: Actor, build: Callable[[], tuple[dict[str, Any], bool]], *depends: Hashable
) -> Response:
    """The page of this address, rendered once for all readers with the same rights.

    `build` makes the template's context and says whether the page may be shared; it runs only
    when no page is kept. `depends` is what the page depends on besides address, language, theme
    and rights: the visibility version, always.
    """
    pages: PageCache = current_app.extensions["portal_pages"]
    key = (template, request.full_path, i18n.current_language(), theme(), _rights(actor), depends)
    body = pages.get(key)
    if body is None:
        context, may_share = build()
        g.is_shared = True
        body = render_template(template, **context)
        g.is_shared = False
        if may_share:
            pages.put(key, body)
    return Response(_filled(body), mimetype="text/html")


def _rights(actor: Actor) -> Hashable:
    roles = tuple((m.organisation_id, m.role) for m in actor.memberships)
    return (actor.labels, actor.languages, roles, actor.organisation_id, actor.scopes, actor.is_administrator)


def _filled(body: str) -> str:
    body = _HEADER_SLOT.sub(lambda m: page_header(m[1] or None, m[2] == "1"), body)
    return body.replace(_CSRF_SLOT, generate_csrf()) if _CSRF_SLOT in body else body


def _csrf_token() -> str:
    return _CSRF_SLOT if g.get("is_shared") else generate_csrf()
