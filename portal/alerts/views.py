"""Saved searches: the list, saving with a look back, changing, pausing, deleting, and their feeds."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.alerts import actions, queries, showing
from portal.alerts.forms import SavedSearchForm
from portal.alerts.queries import Line
from portal.alerts.reading import Gone, asked_of, read, readable, spoken
from portal.core import web
from portal.core.access import ANONYMOUS, Actor
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import current_language, language_order
from portal.core.limits import SEARCH_LIMIT, limiter
from portal.finding import running
from portal.finding.asking import asked
from portal.finding.problems import unreadable
from portal.finding.running import Search
from portal.finding.showing import address
from portal.following.feeds import answer, name_of
from portal.following.queries import ENTRIES
from portal.notifications.choices import SEARCHES
from portal.notifications.queries import frequencies
from portal.notifications.words import FREQUENCY_NAMES
from portal.publishing.queries import listed
from portal.publishing.records import records
from portal.search.query import QueryError

blueprint = Blueprint("alerts", __name__, url_prefix="/<language:lang>")
ONE = "/searches/<slugged:id>"
# What a search would have found is shown by its ten latest.
SHOWN = 10


@blueprint.get("/searches")
def index() -> Any:
    """The person's saved searches, the newest first."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    kept = showing.kept(queries.mine(actor), frequencies(actor)[SEARCHES])
    return web.page("alerts/index.html", kept=kept, most=actions.MOST)


@blueprint.route("/searches/new", methods=["GET", "POST"])
@limiter.limit(SEARCH_LIMIT)
def new() -> Any:
    """What a search would have found lately, and a form to save it; takes what the search page takes."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    wanted = asked(request.args)
    try:
        search = read(wanted)
    except QueryError as error:
        return unreadable(wanted, error)
    except Gone as error:
        flash(showing.trouble(error, wanted), "warn")
        return redirect(address(wanted.toggled(error.facet, error.value)), 303)
    form = SavedSearchForm()
    if request.method == "GET":
        form.name.data = showing.default_name(search, showing.names_for([search]))
        return _new_page(actor, search, form)
    if request.form.get("instead"):
        saved = queries.one(actor, request.form["instead"]).saved
        actions.replace(actor, saved, search, current_language())
        flash(_("“%(name)s” looks for this from now on.", name=saved.name), "ok")
        return redirect(url_for("alerts.index"), 303)
    try:
        actions.save(actor, search, form.name.data or "", form.frequency.data or "", current_language())
    except Invalid as refused:
        form.add_errors(refused)
        return _new_page(actor, search, form, 422)
    flash(_("The search is saved. You are told of what it finds from now on."), "ok")
    return redirect(url_for("alerts.index"), 303)


@blueprint.route(ONE, methods=["GET", "POST"])
def edit(id: str) -> Any:
    """What one is called, how often its owner is mailed, and its feed."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    line = queries.one(actor, id)
    form = SavedSearchForm(name=line.saved.name, frequency=line.frequency or "")
    if request.method == "GET":
        return _edit_page(actor, line, form)
    try:
        actions.change(actor, line.saved, form.name.data or "", form.frequency.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _edit_page(actor, line, form, status=422)
    flash(_("Your choice is saved."), "ok")
    return redirect(url_for("alerts.index"), 303)


@blueprint.post(f"{ONE}/pause")
def pause(id: str) -> Any:
    """Let one find nothing for a while."""
    saved = queries.one(web.actor(), id).saved
    actions.pause(web.actor(), saved)
    flash(_("“%(name)s” is paused.", name=saved.name), "ok")
    return redirect(url_for("alerts.index"), 303)


@blueprint.post(f"{ONE}/resume")
def resume(id: str) -> Any:
    """Let one find again."""
    saved = queries.one(web.actor(), id).saved
    actions.resume(web.actor(), saved)
    flash(_("You are told of what “%(name)s” finds from now on.", name=saved.name), "ok")
    return redirect(url_for("alerts.index"), 303)


@blueprint.route(f"{ONE}/delete", methods=["GET", "POST"])
def delete(id: str) -> Any:
    """Ask whether one is to be deleted, and delete it."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    saved = queries.one(actor, id).saved
    if request.method == "GET":
        return web.page("alerts/delete.html", saved=saved)
    actions.remove(actor, saved)
    flash(_("“%(name)s” is deleted.", name=saved.name), "ok")
    return redirect(url_for("alerts.index"), 303)


@blueprint.post(f"{ONE}/feed")
def make_feed(id: str) -> Any:
    """Make the address of its feed anew, and show it once."""
    actor = web.actor()
    line = queries.one(actor, id)
    token = actions.new_feed_key(actor, line.saved)
    form = SavedSearchForm(None, name=line.saved.name, frequency=line.frequency or "")
    return _edit_page(actor, line, form, url_for("alerts.feed", token=token, _external=True))


@blueprint.post(f"{ONE}/feed/revoke")
def revoke_feed(id: str) -> Any:
    """End its feed."""
    saved = queries.one(web.actor(), id).saved
    actions.revoke_feed_key(web.actor(), saved)
    flash(_("The address of your feed works no more."), "ok")
    return redirect(url_for("alerts.edit", id=saved.id), 303)


@blueprint.get("/searches/feeds/<token>.atom")
@limiter.limit(SEARCH_LIMIT)
def feed(token: str) -> Any:
    """The latest that a saved search finds under its owner's rights of now; the token is the authority."""
    saved = queries.of_feed(token)
    owner = web.actor_with_id(saved.person_id) if saved is not None else ANONYMOUS
    search = readable(asked_of(saved)) if saved is not None else None
    if saved is None or search is None or not owner.is_signed_in:
        raise NotFound
    found = queries.found(owner, running.index(), search, spoken(saved, owner.languages), ENTRIES)
    items = listed(owner, [hit.contribution_id for hit in found.hits])
    return answer(owner, items, name_of(token), saved.name, "private, no-store")


def _new_page(actor: Actor, search: Search, form: SavedSearchForm, status: int = 200) -> Any:
    languages = language_order(current_language(), actor.languages)
    found = queries.found(actor, running.index(), search, languages, SHOWN, among=queries.lately(actor))
    editions = {hit.contribution_id: hit.edition_id for hit in found.hits}
    return web.page(
        "alerts/new.html",
        status,
        text=search.asked.text,
        filters=showing.filters_in_words(search, showing.names_for([search])),
        url=address(search.asked.parameters()),
        action=url_for("alerts.new", **search.asked.parameters()),
        form=form,
        frequencies=FREQUENCY_NAMES,
        overall=FREQUENCY_NAMES[frequencies(actor)[SEARCHES]],
        found=found,
        rows=records(actor, listed(actor, list(editions)), editions),
        others=queries.titles(actor),
        instead=request.args.get("instead", ""),
    )


def _edit_page(actor: Actor, line: Line, form: SavedSearchForm, feed: str = "", status: int = 200) -> Any:
    overall = frequencies(actor)[SEARCHES]
    (kept,) = showing.kept([line], overall)
    return web.page(
        "alerts/edit.html",
        status,
        kept=kept,
        form=form,
        frequencies=FREQUENCY_NAMES,
        overall=FREQUENCY_NAMES[overall],
        feed=feed,
    )


def install(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(blueprint)
