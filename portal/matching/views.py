"""What fits a need or an offer, and its radar while it is written; coverage has a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.core import web
from portal.core.errors import Forbidden, NotFound
from portal.core.i18n import country_name
from portal.core.limits import SUGGEST_LIMIT, limiter
from portal.core.text import whole_number
from portal.editorial import policy as editorial
from portal.editorial.models import EXCHANGE, Contribution, Kind, Revision
from portal.editorial.texts import About
from portal.matching import actions, coverage_views, policy, queries
from portal.matching.likeness import Likeness
from portal.matching.queries import Found
from portal.matching.radar import Draft, Radar, radar, typed, written
from portal.matching.words import STRENGTHS, Why, explained, joined, listed, sentence, topic_in_words, weaker
from portal.publishing.forms import EditorForm
from portal.publishing.queries import Whole
from portal.publishing.queries import listed as listed_posts
from portal.publishing.records import Record, records
from portal.taxonomy.queries import region_name

blueprint = Blueprint("matching", __name__, url_prefix="/<language:lang>")
coverage_views.add_to(blueprint)

MATCHES = "/contributions/<slugged:id>/matches"
PER_PAGE = 10


@dataclass(frozen=True)
class Shown:
    """A match as a page shows it."""

    record: Record
    strength: str
    sentence: str
    weaker: str
    why: list[Why]


@blueprint.get(MATCHES)
def matches(id: str) -> Any:
    """What fits a need or an offer, best first; `show=dismissed` is what is not relevant to the house."""
    actor = web.actor()
    found = queries.matches(actor, id)
    is_dismissed = request.args.get("show") == "dismissed"
    every = found.dismissed if is_dismissed else found.found
    pages = max(1, -(-len(every) // PER_PAGE))
    page = min(max(1, whole_number(request.args.get("page", "")) or 1), pages)
    some = every[(page - 1) * PER_PAGE : page * PER_PAGE]
    left = next((m for m in found.dismissed if m.known.id == request.args.get("undo")), None)
    posts = _records([id, *(match.known.id for match in some), *([left.known.id] if left else [])])
    if id not in posts:
        raise NotFound
    return web.page(
        "matching/matches.html",
        nav="cooperation",
        post=posts[id],
        matches=_shown(some, posts),
        total=len(found.found),
        dismissed=len(found.dismissed),
        is_dismissed=is_dismissed,
        left=posts.get(left.known.id) if left else None,
        may_dismiss=policy.dismiss(actor),
        page=page,
        pages=pages,
        page_url=lambda number: url_for(
            "matching.matches", id=id, show=request.args.get("show"), page=number
        ),
    )


@blueprint.post(f"{MATCHES}/dismiss")
def dismiss(id: str) -> Any:
    """Say that a match is not relevant to one's organisation; the page then offers to undo it."""
    other = request.form.get("other", "")
    actions.dismiss(web.actor(), id, other)
    return redirect(url_for("matching.matches", id=id, undo=other), 303)


@blueprint.post(f"{MATCHES}/take_back")
def take_back(id: str) -> Any:
    """Have a match shown again."""
    actions.take_back(web.actor(), id, request.form.get("other", ""))
    return redirect(url_for("matching.matches", id=id), 303)


@blueprint.get("/contributions/similar")
@limiter.limit(SUGGEST_LIMIT)
def similar() -> Any:
    """What is there already like what stands in the editor's fields: a part of its page."""
    if not editorial.post(web.actor()):
        raise Forbidden
    value = request.args.get("kind", "")
    if value not in EXCHANGE:
        raise NotFound
    draft = typed(Kind(value), request.args.getlist, request.args.get("id", ""))
    return web.page("matching/_radar.html", **_radar_shown(draft))


def radar_in_editor(form: EditorForm, kind: Kind, whole: Whole | None) -> dict[str, Any]:
    """What the editor shows beside what is saved or came back, before any script asks for more."""

    def values(name: str) -> list[str]:
        field = form[name].data
        return field if isinstance(field, list) else [field or ""]

    return _radar_shown(typed(kind, values, whole.contribution.id if whole is not None else ""))


def radar_of(contribution: Contribution, revision: Revision) -> dict[str, Any]:
    """What a draft's own page shows of what is there already."""
    return _radar_shown(written(contribution.kind, About.of(revision), contribution.id))


def _radar_shown(draft: Draft) -> dict[str, Any]:
    found: Radar = radar(web.actor(), draft)
    posts = _records([known.id for known, _like in found.alike] + [match.known.id for match in found.fitting])
    return {
        "kind": draft.kind,
        "has_topic": bool(draft.side.topics),
        "alike": [(posts[known.id], _alike(like)) for known, like in found.alike if known.id in posts],
        "fitting": _shown(found.fitting, posts),
    }


def _alike(like: Likeness) -> str:
    topics = listed(map(topic_in_words, like.topics))
    said = [ngettext("same topic: %(topics)s", "same topics: %(topics)s", len(like.topics), topics=topics)]
    if like.countries:
        names = listed(map(country_name, like.countries))
        said.append(
            ngettext("same country: %(names)s", "same countries: %(names)s", len(like.countries), names=names)
        )
    if like.regions:
        said.append(_("same region: %(names)s", names=listed(map(region_name, like.regions))))
    return joined(said)


def _records(ids: Sequence[str]) -> dict[str, Record]:
    actor = web.actor()
    return {record.id: record for record in records(actor, listed_posts(actor, ids))}


def _shown(found: Sequence[Found], posts: dict[str, Record]) -> list[Shown]:
    return [
        Shown(
            posts[match.known.id],
            str(STRENGTHS[match.score.strength]),
            sentence(match.score),
            weaker(match.score),
            explained(match.score),
        )
        for match in found
        if match.known.id in posts
    ]


def install(app: Flask) -> None:
    """Register the room, and give the editor and drafts their radar."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(radar_in_editor=radar_in_editor, radar_of=radar_of)
