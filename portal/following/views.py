"""What a person follows, and the feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.access import ANONYMOUS, Actor
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import localised
from portal.editorial.models import Kind
from portal.following import actions, queries
from portal.following.feeds import answer, name_of
from portal.following.models import Follow, Followed
from portal.following.words import KIND_NAMES
from portal.notifications.choices import Frequency
from portal.notifications.words import FREQUENCY_NAMES
from portal.publishing.queries import listed
from portal.publishing.records import records
from portal.taxonomy.queries import country_codes, given_country_name, topic_codes, topic_name

blueprint = Blueprint("following", __name__, url_prefix="/<language:lang>")


@dataclass(frozen=True)
class Named:
    """One thing that is or can be followed, with its name and address; `lang` is that of the name."""

    kind: Followed
    key: str
    name: str
    url: str
    lang: str
    follow: Follow | None = None
    frequency: Frequency | None = None


@blueprint.get("/following")
def index() -> Any:
    """What they follow; with `contribution`, `organisation`, `topic` or `country`, that as an offer."""
    actor = web.actor()
    if not actor.is_signed_in:
        return web.ask_to_sign_in()
    return _page(actor)


@blueprint.post("/following")
def follow() -> Any:
    """Follow something."""
    try:
        actions.follow(web.actor(), request.form.get("kind", ""), request.form.get("key", ""))
    except Invalid:
        flash(_("You follow as many things as one can: stop following some first."), "bad")
    else:
        flash(_("You follow it now. You are told of what is new in your inbox."), "ok")
    return _back()


@blueprint.post("/following/<slugged:id>/stop")
def unfollow(id: str) -> Any:
    """Follow something no more."""
    actions.unfollow(web.actor(), id)
    flash(_("You do not follow it any more."), "ok")
    return _back()


@blueprint.post("/following/<slugged:id>/mail")
def choose(id: str) -> Any:
    """Say how often to be mailed of one followed thing."""
    actions.choose(web.actor(), id, request.form.get("frequency", ""))
    flash(_("Your choice is saved."), "ok")
    return _back()


@blueprint.post("/following/feed")
def make_feed() -> Any:
    """Make the address of the person's own feed anew, and show it once."""
    token = actions.new_feed_key(web.actor())
    return _page(web.actor(), url_for("following.own_feed", token=token, _external=True))


@blueprint.post("/following/feed/revoke")
def revoke_feed() -> Any:
    """End the person's own feed."""
    actions.revoke_feed_key(web.actor())
    flash(_("The address of your feed no longer works."), "ok")
    return redirect(url_for("following.index"), 303)


@blueprint.get("/feeds/latest.atom")
def latest_feed() -> Any:
    """What is public, the latest first; of an organisation, a topic, a country or a kind if one is named."""
    asked = {name: request.args.get(name, "") for name in ("organisation", "topic", "country", "kind")}
    items = queries.entries(ANONYMOUS, **asked)
    chosen = {name: value for name, value in asked.items() if value}
    address = url_for("following.latest_feed", **chosen)  # type: ignore[arg-type]
    return answer(ANONYMOUS, items, address, _feed_title(asked), "public, max-age=300")


@blueprint.get("/feeds/<token>.atom")
def own_feed(token: str) -> Any:
    """What a person follows, under their rights of this moment; the token is the authority."""
    owner = queries.feed_owner(token)
    actor = web.actor_with_id(owner) if owner is not None else ANONYMOUS
    if not actor.is_signed_in:
        raise NotFound
    items = queries.followed_entries(actor)
    return answer(actor, items, name_of(token), _("What you follow"), "private, no-store")


def _feed_title(asked: dict[str, str]) -> str:
    if asked["topic"] in topic_codes():
        return topic_name(asked["topic"])
    if asked["country"] in country_codes():
        return given_country_name(asked["country"]) or ""
    found = queries.organisations([asked["organisation"]]).get(asked["organisation"])
    if found is not None:
        return localised(found, "name")
    titles = {
        Kind.LESSON_LEARNED: _("Lessons learned"), Kind.REFORM_UPDATE: _("Reform updates"),
        Kind.NEED: _("Needs"), Kind.OFFER: _("Offers"),
    }  # fmt: skip
    return titles.get(asked["kind"], _("Latest posts"))  # type: ignore[call-overload,no-any-return]


def _page(actor: Actor, feed: str = "") -> Any:
    lines = queries.mine(actor)
    offered = _offered(actor)
    wanted = [(line.follow.kind, line.follow.key) for line in lines]
    names = _names(actor, [*wanted, *offered])
    by_key = {(line.follow.kind, line.follow.key): line for line in lines}

    def named(subject: tuple[Followed, str]) -> Named | None:
        if subject not in names:
            return None
        name, url, lang = names[subject]
        line = by_key.get(subject)
        return Named(
            *subject, name, url, lang, line.follow if line else None, line.frequency if line else None
        )

    gone = [line.follow for line in lines if (line.follow.kind, line.follow.key) not in names]
    return web.page(
        "following/index.html",
        followed=[found for subject in wanted if (found := named(subject))],
        offered=[found for subject in offered if (found := named(subject))],
        gone=gone,
        kinds=KIND_NAMES,
        frequencies=FREQUENCY_NAMES,
        feed=feed,
        feed_made_at=queries.feed_made_at(actor),
    )


def _offered(actor: Actor) -> list[tuple[Followed, str]]:
    """What the link that led here offers to follow: a post with all that it stands under, or one thing."""
    post = request.args.get("contribution", "").partition("-")[0]
    if post:
        contribution = queries.visible(actor, post)
        if contribution is None:
            raise NotFound
        return [(Followed(kind), key) for kind, key in queries.subjects_of(contribution)]
    return [
        (kind, request.args[kind])
        for kind in (Followed.ORGANISATION, Followed.TOPIC, Followed.COUNTRY)
        if request.args.get(kind)
    ]


def _names(
    actor: Actor, subjects: list[tuple[Followed, str]]
) -> dict[tuple[Followed, str], tuple[str, str, str]]:
    """Name, address and language of the name of each; without what is not there or out of sight."""
    keys = {kind: [key for k, key in subjects if k == kind] for kind in Followed}
    found: dict[tuple[Followed, str], tuple[str, str, str]] = {}
    for row in records(actor, listed(actor, keys[Followed.CONTRIBUTION])):
        found[Followed.CONTRIBUTION, row.id] = (row.title, row.url, row.language)
    for id_, organisation in queries.organisations(keys[Followed.ORGANISATION]).items():
        url = url_for("organisations.show", id=id_)
        found[Followed.ORGANISATION, id_] = (localised(organisation, "name"), url, "")
    for code in set(keys[Followed.TOPIC]) & topic_codes():
        found[Followed.TOPIC, code] = (topic_name(code), url_for("finding.search", topic=code), "")
    for code in set(keys[Followed.COUNTRY]) & country_codes():
        name = given_country_name(code) or code
        found[Followed.COUNTRY, code] = (name, url_for("finding.search", country=code), "")
    return found


def _back() -> Any:
    kept = {
        name: request.form[name]
        for name in ("contribution", "organisation", "topic", "country")
        if request.form.get(name)
    }
    return redirect(url_for("following.index", **kept), 303)  # type: ignore[arg-type]


def install(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(blueprint)
