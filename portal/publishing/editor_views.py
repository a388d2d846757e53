"""The editor: a new contribution, a new version, a translation, autosave, preview."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.db import new_id
from portal.core.errors import Forbidden, Invalid, NotFound, Stale
from portal.core.i18n import LANGUAGES, language_name, localised
from portal.core.text import to_html
from portal.editorial import actions, policy
from portal.editorial.models import EXCHANGE, PARTS, Audience, Contribution, Kind, Revision
from portal.editorial.terms import CURRENCIES, LINES, SLOTS, WORKING_LANGUAGES
from portal.editorial.texts import About, check_about, check_complete
from portal.editorial.workflow import RESTARTABLE
from portal.organisations.queries import choosable_organisations
from portal.publishing import queries
from portal.publishing.forms import AUDIENCES, PART_HELP, PART_LABELS, EditorForm
from portal.publishing.records import address
from portal.publishing.saving import conflict_page, kept_answer
from portal.publishing.terms_form import CATEGORY_NAMES, HELP_NAMES
from portal.taxonomy import queries as taxonomy


def add_to(blueprint: Blueprint) -> None:
    """Register the editor's addresses."""
    add = blueprint.add_url_rule
    add("/contributions/new", "new", new, methods=["GET", "POST"])
    add("/contributions/new/autosave", "autosave_new", autosave_new, methods=["POST"])
    add("/contributions/preview", "preview", preview, methods=["POST"])
    add("/contributions/<slugged:id>/edit", "edit", edit, methods=["GET", "POST"])
    add("/contributions/<slugged:id>/autosave", "autosave", autosave, methods=["POST"])


def new() -> Any:
    """Write a reform update or a lesson learned; `save` keeps a draft, `submit` hands it in."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    if not policy.post(actor):
        raise Forbidden
    kind = _kind(request.values.get("kind", ""))
    form = EditorForm()
    if request.method == "GET":
        form.form_token.data = new_id()
        form.language.data = actor.language
        form.fill_about(About())
        return _editor(form, kind, None, form.language.data)
    try:
        contribution = _create(form, kind)
        return _saved(contribution, contribution.original_language)
    except Invalid as refused:
        form.add_errors(refused)
        return _editor(form, kind, None, str(form.language.data), status=422)


def edit(id: str) -> Any:
    """Edit the draft of one language; a published or judged text begins a new version.

    A translation of what is published is written at the desk, beside its original.
    """
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    whole = _workable(id)
    language = _language_of(whole)
    if request.method == "GET" and policy.translate(actor, whole.contribution, language):
        return redirect(url_for("translating.translate", id=whole.contribution.id, language=language), 303)
    chain = whole.editions.get(language)
    latest = (
        queries.revision(actor, chain.latest.id) if chain is not None and chain.latest is not None else None
    )
    if not policy.edit(actor, whole.contribution, latest):
        flash(_("This version is with a reader or a moderator. Withdraw it first to edit it again."), "warn")
        return redirect(address(whole.contribution.id, whole.original.revisions[0].title), 303)
    form = EditorForm()
    if request.method == "GET":
        if latest is not None:
            form.fill(latest)
        return _editor(form, whole.contribution.kind, whole, language, latest)
    try:
        _save(form, whole, language)
        return _saved(whole.contribution, language)
    except Stale as stale:
        return _conflict(form, whole, language, stale.theirs)
    except Invalid as refused:
        form.add_errors(refused)
        return _editor(form, whole.contribution.kind, whole, language, latest, status=422)


def autosave(id: str) -> Any:
    """Keep what is being typed; JSON with the new version, 409 when somebody else saved first."""
    whole = _workable(id)
    language = _language_of(whole)
    revision = _save(EditorForm(), whole, language)
    return _kept(whole.contribution, language, revision)


def autosave_new() -> Any:
    """Keep the first words of a contribution that has no address yet."""
    form = EditorForm()
    contribution = _create(form, _kind(request.form.get("kind", "")))
    chain = queries.chains(web.actor(), contribution.id)[contribution.original_language]
    assert chain.latest is not None  # `_create` has made it
    revision = queries.revision(web.actor(), chain.latest.id)
    return _kept(contribution, contribution.original_language, revision)


def preview() -> Any:
    """The Markdown of a field as readers will see it."""
    if not policy.post(web.actor()):
        raise Forbidden
    return web.page("publishing/_preview.html", html=to_html(request.form.get("text", "")[:100_000]))


def _create(form: EditorForm, kind: Kind) -> Contribution:
    actor = web.actor()
    about = _checked(form, kind)
    language = form.language.data if form.language.data in LANGUAGES else actor.language
    text = form.text(kind)
    if _submits():
        check_complete(kind, text, about)
    contribution = actions.create(
        actor, kind, str(language), text, about, str(form.form_token.data or new_id())
    )
    return contribution


def _save(form: EditorForm, whole: queries.Whole, language: str) -> Revision:
    is_original = language == whole.contribution.original_language
    kind = whole.contribution.kind
    about = _checked(form, kind) if is_original else None
    text = form.text(kind)
    if _submits():
        check_complete(kind, text, about)
    published = whole.original.facts.revision_id
    return actions.save(
        web.actor(),
        whole.contribution,
        language,
        text,
        about,
        loaded=form.loaded_from(),
        changes_meaning=bool(form.changes_meaning.data),
        based_on=None if is_original else published or whole.original.revisions[0].id,
    )


def _checked(form: EditorForm, kind: Kind) -> About:
    """What the form says of an original. Raises Invalid for what does not exist or cannot be read."""
    if form.audience.data not in set(Audience):
        form.audience.data = Audience.PUBLIC.value
    known = {o.id for o in choosable_organisations()} if form.organisations.data else set()
    if not set(form.organisations.data or ()) <= known:
        raise Invalid("organisations", _("One of these organisations does not exist. Choose from the list."))
    about = form.about(kind)
    check_about(about, taxonomy.topic_codes(), taxonomy.country_codes(), taxonomy.region_codes())
    return about


def _saved(contribution: Contribution, language: str) -> Any:
    """After a save: hand in where that button was pressed, then the contribution's own page."""
    actor = web.actor()
    chain = queries.chains(actor, contribution.id)[language]
    assert chain.latest is not None  # it was saved just now
    if _submits():
        revision = queries.revision(actor, chain.latest.id)
        actions.submit(actor, contribution, revision, web.settings().answer_days)
        flash(_("Your text is handed in. You are told when there is an answer."), "ok")
    else:
        flash(_("Your draft is saved. Only your organisation sees it."), "ok")
    if "files" in request.form:
        return redirect(url_for("attachments.manage", id=contribution.id, language=language), 303)
    return redirect(address(contribution.id, chain.latest.title), 303)


def _kept(contribution: Contribution, language: str, revision: Revision) -> Any:
    here: dict[str, Any] = {"id": contribution.id, "language": language}
    return kept_answer(revision, url_for("publishing.edit", **here), url_for("publishing.autosave", **here))


def _conflict(form: EditorForm, whole: queries.Whole, language: str, theirs: Revision) -> Any:
    action = url_for("publishing.edit", id=whole.contribution.id, language=language)
    return conflict_page(form, whole.contribution.kind, language, theirs, action)


def _editor(
    form: EditorForm,
    kind: Kind,
    whole: queries.Whole | None,
    language: str,
    latest: Revision | None = None,
    status: int = 200,
) -> Any:
    is_original = whole is None or language == whole.contribution.original_language
    source = None
    if whole is not None and not is_original:
        original = whole.original
        source = queries.revision(web.actor(), original.facts.revision_id or original.revisions[0].id)
    return web.page(
        "publishing/edit.html",
        status,
        form=form,
        kind=kind,
        whole=whole,
        language=language,
        latest=latest,
        restarts=latest is not None and latest.state in RESTARTABLE,
        is_original=is_original,
        source=source,
        parts=PARTS[kind],
        part_labels=PART_LABELS,
        part_help=PART_HELP,
        audiences=AUDIENCES,
        line_parts=LINES,
        **(_term_choices() if kind in EXCHANGE and is_original else {}),
        topic_tree=taxonomy.topic_tree(),
        country_choices=taxonomy.country_choices(),
        organisation_choices=[(o.id, o.code, localised(o, "name")) for o in choosable_organisations()],
        languages=LANGUAGES,
        answer_days=web.settings().answer_days,
        nav="workspace",
    )


def _term_choices() -> dict[str, Any]:
    """What can be chosen in the fields of a need's or an offer's terms."""
    topics = [
        (topic.code, localised(topic, "name"))
        for top, below in taxonomy.topic_tree()
        for topic in (top, *(child for child, _depth in below))
    ]
    return {
        "slots": SLOTS,
        "help_choices": [(value.value, name) for value, name in HELP_NAMES.items()],
        "topic_choices": [("", _("No topic")), *topics],
        "category_choices": [
            ("", _("Not notified")),
            *((c.value, name) for c, name in CATEGORY_NAMES.items()),
        ],
        "currency_choices": [("", _("Choose")), *((code, code) for code in CURRENCIES)],
        "language_choices": [(code, language_name(code)) for code in WORKING_LANGUAGES],
        "region_choices": taxonomy.region_choices(),
    }


def _workable(contribution_id: str) -> queries.Whole:
    whole = queries.get(web.actor(), contribution_id)
    if not whole.works:
        raise NotFound
    return whole


def _language_of(whole: queries.Whole) -> str:
    wanted = (
        request.values.get("language", "") if request.method == "GET" else request.args.get("language", "")
    )
    return wanted if wanted in LANGUAGES else whole.contribution.original_language


def _kind(value: str) -> Kind:
    return Kind(value) if value in set(Kind) else Kind.REFORM_UPDATE


def _submits() -> bool:
    return "submit" in request.form
