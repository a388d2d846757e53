"""The moderators' pages of the thesaurus: topics with their synonyms, and what is searched in vain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from flask import Blueprint, Flask, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.db import end_reading
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import LANGUAGES, current_language, localised
from portal.finding import actions, missed
from portal.finding.forms import CandidateForm, SynonymForm
from portal.search.analysis import words
from portal.search.query import Query
from portal.taxonomy import actions as taxonomy_actions
from portal.taxonomy import policy
from portal.taxonomy import queries as taxonomy
from portal.taxonomy.models import Topic
from portal.taxonomy.phrases import begins, nearest_topics, phrases_of
from portal.taxonomy.queries import TopicFacts

log = structlog.get_logger("portal.finding")

PER_PAGE = 20
PLACE = "/moderation/thesaurus"
AROUND: dict[str, Any] = {"nav": "moderation", "languages": LANGUAGES}


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    one = f"{PLACE}/candidates/<slugged:id>"
    add(PLACE, "thesaurus", thesaurus)
    add(f"{PLACE}/<code>", "synonyms", synonyms, methods=["GET", "POST"])
    add(f"{PLACE}/<code>/remove", "remove_synonym", remove_synonym, methods=["POST"])
    add(f"{PLACE}/candidates", "candidates", candidates)
    add(f"{one}/adopt", "adopt", adopt, methods=["POST"])
    add(f"{one}/dismiss", "dismiss", dismiss, methods=["POST"])


def thesaurus() -> Any:
    """All topics with their synonyms, searched."""
    _moderators_only()
    text = request.args.get("q", "").strip()[:100]
    found = _called(text)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), pages)
    return web.page(
        "finding/thesaurus.html",
        text=text,
        count=len(found),
        topics=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        page=page,
        pages=pages,
        page_url=lambda number: url_for("finding.thesaurus", q=text or None, page=number),
        **AROUND,
    )


def synonyms(code: str) -> Any:
    """The synonyms of one topic: add one, take one away."""
    _moderators_only()
    topic = taxonomy.topic_for_editing(code)
    form = SynonymForm()
    if request.method == "GET":
        form.language.data = current_language()
        return _topic(topic, form)
    try:
        others = taxonomy_actions.add_synonym(
            web.actor(), topic, form.language.data or "", form.phrase.data or ""
        )
    except Invalid as refused:
        form.add_errors(refused)
        return _topic(topic, form, 422)
    _tell_added(others)
    return redirect(url_for("finding.synonyms", code=code), 303)


def remove_synonym(code: str) -> Any:
    """Let a topic be found by a phrase no more."""
    _moderators_only()
    form = SynonymForm()
    topic = taxonomy.topic_for_editing(code)
    taxonomy_actions.remove_synonym(web.actor(), topic, form.language.data or "", form.phrase.data or "")
    flash(_("The synonym is removed, from the next search on."), "ok")
    return redirect(url_for("finding.synonyms", code=code), 303)


def candidates() -> Any:
    """What three organisations or more looked for in vain."""
    _moderators_only()
    _write_down(_counter().taken())
    end_reading()  # what was written just now is part of what is shown
    return _candidates()


def adopt(id: str) -> Any:
    """Make what was looked for in vain a synonym of a topic."""
    found = missed.candidate(web.actor(), id)
    form = CandidateForm()
    try:
        topic = _chosen(form.topic.data or "")
        others = actions.adopt(web.actor(), found, topic, form.language.data or "", form.phrase.data or "")
    except Invalid as refused:
        return _candidates(422, tried=id, form=form, errors=refused.errors)
    _tell_added(others)
    return redirect(url_for("finding.candidates"), 303)


def dismiss(id: str) -> Any:
    """Show what was looked for in vain no more."""
    actions.dismiss(web.actor(), missed.candidate(web.actor(), id))
    flash(_("The search is put aside."), "ok")
    return redirect(url_for("finding.candidates"), 303)


def note_missed(text: str, query: Query) -> None:
    """Remember a search that found nothing, unless it is a visitor's or no phrase."""
    one = missed.worth_keeping(web.actor(), text, query, current_language())
    if one is not None:
        _write_down(_counter().note(one))


def install(app: Flask) -> None:
    """Gather what is searched in vain."""
    app.extensions["portal_miss_counter"] = missed.MissCounter()


def _moderators_only() -> None:
    if not policy.extend(web.actor()):
        raise NotFound


def _called(text: str) -> list[TopicFacts]:
    """The topics with a phrase or code in which every word of `text` begins a word, in the tree's order."""
    wanted = words(text)
    return [
        topic
        for top, below in taxonomy.topic_tree()
        for topic in (top, *(child for child, _depth in below))
        if any(begins(called, wanted) for called in (topic.code, *(p.text for p in phrases_of(topic))))
    ]


def _topic(topic: Topic, form: SynonymForm, status: int = 200) -> Any:
    return web.page(
        "finding/synonyms.html",
        status,
        topic=topic,
        form=form,
        decided=taxonomy.decided_synonyms(topic.code),
        **AROUND,
    )


def _candidates(status: int = 200, **tried: Any) -> Any:
    waiting = missed.candidates(web.actor())
    topics = {code: localised(topic, "name") for code, topic in taxonomy.taxonomy().topics.items()}
    return web.page(
        "finding/candidates.html",
        status,
        waiting=waiting,
        nearest={one.id: [t.code for t in nearest_topics(one.written)] for one in waiting},
        topics=topics,
        **{"tried": "", "form": None, "errors": {}, **tried},
        **AROUND,
    )


def _chosen(code: str) -> Topic:
    try:
        return taxonomy.topic_for_editing(code)
    except NotFound as unknown:
        raise Invalid("topic", _("Choose a topic.")) from unknown


def _tell_added(others: Sequence[TopicFacts]) -> None:
    flash(_("The synonym is added. It counts from the next search on."), "ok")
    if others:
        names = ", ".join(localised(topic, "name") for topic in others)
        flash(
            _("Other topics are called so, too, and are looked for with it: %(topics)s.", topics=names),
            "warn",
        )


def _counter() -> missed.MissCounter:
    found: missed.MissCounter = current_app.extensions["portal_miss_counter"]
    return found


def _write_down(batch: Sequence[missed.Missed]) -> None:
    """Write a batch in a unit of work of its own; a page never fails for it."""
    if not batch:
        return
    try:
        with web.writing():
            missed.write(batch)
    except Exception as error:  # it is worth less than the page
        log.warning("misses_lost", count=len(batch), error=type(error).__name__)
