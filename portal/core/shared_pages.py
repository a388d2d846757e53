"""Pages that many readers share: the body is rendered once, header and form tokens for each reader."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from portal.core import i18n
from portal.core.access import Actor
from portal.core.cache import PageCache

_CSRF_SLOT = "\x00csrf\x00"
_PATH_SLOT = "\x00path\x00"
_LINK_SLOTS = {code: f"\x00link-{code}\x00" for code in i18n.LANGUAGES}
_HEADER_SLOT = re.compile("\x00header:([a-z_]*):([01])\x00")
THEMES = ("light", "dark", "auto")


def install(app: Flask, links: Callable[[], dict[str, str]]) -> None:
    """Give templates `page_header` and a `csrf_token` that can be filled in later.

    `links` gives the address of the page that is shown, in each language.
    """
    app.extensions["portal_pages"] = PageCache()
    app.extensions["portal_counts"] = {}
    app.extensions["portal_links"] = links
    app.jinja_env.globals.update(page_header=page_header, csrf_token=_csrf_token, theme=theme)

    @app.context_processor
    def _slots() -> dict[str, Any]:
        return {"csrf_token": _csrf_token}  # Flask-WTF puts its own into every context, over the global


def count_in_header(app: Flask, name: str, count: Callable[[Actor], int]) -> None:
    """Let the top of every page show a figure of the reader's, such as what is unread."""
    app.extensions["portal_counts"][name] = count


def theme() -> str:
    """What the reader chose: light, dark or auto (as their device has it)."""
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


def page_header(nav: str | None = None, hide_search: bool = False) -> Markup:
    """The top of the page for this reader; in a shared page a slot that is filled for each."""
    if g.get("has_slots"):
        return Markup(f"\x00header:{nav or ''}:{int(bool(hide_search))}\x00")
    return Markup(_header(g.reader, nav, hide_search))


def shared_page(
    template: str, actor: Actor, build: Callable[[], tuple[dict[str, Any], bool]], *depends: Hashable
) -> Response:
    """The page of this address, rendered once for all readers with the same rights.

    `build` makes the template's context and says whether the page may be shared; it runs only
    when no page is kept. `depends` is what the page depends on besides address, language, theme
    and rights: the visibility version, always.
    """
    key = (template, request.full_path, i18n.current_language(), theme(), _rights(actor), depends)
    is_plain = not actor.is_signed_in and "_flashes" not in session
    whole = _pages().get(("whole", key)) if is_plain else None
    if whole is not None:
        return Response(whole, mimetype="text/html")
    body = _kept_text(key)
    if body is None:
        context, may_share = build()
        body = _with_slots(template, context)
        if may_share:
            _pages().put(key, body)
    filled = _filled(actor, body).encode()
    if is_plain and _CSRF_SLOT not in body and _pages().get(key) is not None:
        _pages().put(("whole", key), filled)
    return Response(filled, mimetype="text/html")


def _pages() -> PageCache:
    found: PageCache = current_app.extensions["portal_pages"]
    return found


def _kept_text(key: Hashable) -> str | None:
    found = _pages().get(key)
    return found if isinstance(found, str) else None


def _rights(actor: Actor) -> Hashable:
    roles = tuple((m.organisation_id, m.role) for m in actor.memberships)
    return (actor.labels, actor.languages, roles, actor.organisation_id, actor.scopes, actor.translates,
            actor.is_administrator)  # fmt: skip


def _header(actor: Actor, nav: str | None, hide_search: bool) -> str:
    """The header, rendered once for each reader and place in the menu, with today's counts and links."""
    counts = {name: count(actor) for name, count in current_app.extensions["portal_counts"].items()}
    context = {"nav": nav, "hide_search": hide_search, "path": _PATH_SLOT, "language_links": _LINK_SLOTS}
    key = ("header", i18n.current_language(), theme(), nav, hide_search, actor.person_id, actor.name,
           _rights(actor), tuple(counts.values()))  # fmt: skip
    kept = _kept_text(key)
    if kept is None or "_flashes" in session:
        may_keep = "_flashes" not in session
        kept = _with_slots("_header.html", {**context, **counts})
        if may_keep:
            _pages().put(key, kept)
    kept = kept.replace(_PATH_SLOT, str(escape(request.full_path.rstrip("?"))))
    for code, url in current_app.extensions["portal_links"]().items():
        kept = kept.replace(_LINK_SLOTS[code], str(escape(url)))
    return _with_token(kept)


def _with_slots(template: str, context: dict[str, Any]) -> str:
    before = g.get("has_slots", False)
    g.has_slots = True
    try:
        return render_template(template, **context)
    finally:
        g.has_slots = before


def _filled(actor: Actor, body: str) -> str:
    return _with_token(_HEADER_SLOT.sub(lambda m: _header(actor, m[1] or None, m[2] == "1"), body))


def _with_token(body: str) -> str:
    return body.replace(_CSRF_SLOT, _signed_token()) if _CSRF_SLOT in body else body


def _signed_token() -> str:
    """The form token of this session, signed about once a minute: signing costs more than the page.

    A session that has no token yet gets one, and is written for it.
    """
    if "csrf_token" not in session:
        return str(generate_csrf())
    key = ("token", session["csrf_token"], int(time.time() // 60))
    kept = _kept_text(key)
    if kept is None:
        kept = str(generate_csrf())
        _pages().put(key, kept)
    return kept


def _csrf_token() -> str:
    return _CSRF_SLOT if g.get("has_slots") else generate_csrf()
