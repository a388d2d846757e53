"""The steps on a contribution's own page: one address each, a form each, named after the step."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import LANGUAGES, language_name
from portal.editorial import actions
from portal.editorial.models import Audience, Revision
from portal.publishing import queries
from portal.publishing.forms import NarrowForm, StepForm
from portal.publishing.records import address


def add_to(blueprint: Blueprint) -> None:
    """Register one address a step."""
    steps = (
        submit, withdraw, clear, send_back, appeal, confirm_edit, refuse_edit, unpublish, restore, narrow,
        request_translation,
    )  # fmt: skip
    for step in steps:
        blueprint.add_url_rule(
            f"/contributions/<slugged:id>/{step.__name__}", step.__name__, step, methods=["POST"]
        )


def submit(id: str) -> Any:
    """Hand in the latest draft of a language as it stands."""
    whole, revision, _form = _load(id)
    try:
        actions.submit(web.actor(), whole.contribution, revision, web.settings().answer_days)
    except Invalid:
        flash(_("Something is still missing. It is marked in the form when you hand the text in."), "warn")
        return _back(whole)
    return _done(whole, _("Your text is handed in. You are told when there is an answer."))


def withdraw(id: str) -> Any:
    """Take the latest version of a language back."""
    whole, revision, _form = _load(id)
    actions.withdraw(web.actor(), whole.contribution, revision)
    return _done(whole, _("The version is withdrawn. You can edit it and hand it in again."))


def clear(id: str) -> Any:
    """Clear a text for the moderators."""
    whole, revision, _form = _load(id)
    actions.clear(web.actor(), whole.contribution, revision, web.settings().answer_days)
    return _done(whole, _("The text is cleared and on its way."))


def send_back(id: str) -> Any:
    """Give a text back to its author before it leaves the house."""
    whole, revision, form = _load(id)
    actions.send_back(web.actor(), whole.contribution, revision, form.comment.data or "")
    return _done(whole, _("The text is back with its author."))


def appeal(id: str) -> Any:
    """Ask for another moderator."""
    whole, revision, form = _load(id)
    actions.appeal(
        web.actor(), whole.contribution, revision, form.comment.data or "", web.settings().answer_days
    )
    return _done(whole, _("Another moderator will decide."))


def confirm_edit(id: str) -> Any:
    """Accept the moderator's wording."""
    whole, revision, _form = _load(id)
    actions.confirm_edit(web.actor(), whole.contribution, revision)
    return _done(whole, _("The proposed wording is published."))


def refuse_edit(id: str) -> Any:
    """Keep one's own wording."""
    whole, revision, form = _load(id)
    actions.refuse_edit(web.actor(), whole.contribution, revision, form.comment.data or "")
    return _done(whole, _("Your wording goes back to the moderator."))


def unpublish(id: str) -> Any:
    """Take a published contribution down."""
    whole = queries.get(web.actor(), id)
    actions.unpublish(web.actor(), whole.contribution, StepForm().comment.data or "")
    flash(_("The post is no longer published."), "ok")
    if whole.works:
        return _back(whole)
    return redirect(url_for("moderation.queue", tab="down"), 303)


def restore(id: str) -> Any:
    """Put a contribution back that its organisation took down."""
    whole = queries.get(web.actor(), id)
    actions.restore(web.actor(), whole.contribution, StepForm().comment.data or "")
    return _done(whole, _("The post is published again."))


def narrow(id: str) -> Any:
    """Let fewer people read what is published, at once."""
    whole = queries.get(web.actor(), id)
    form = NarrowForm()
    if form.audience.data not in set(Audience):
        raise Invalid("audience", _("Choose who can read it."))
    actions.narrow(
        web.actor(), whole.contribution, Audience(form.audience.data), tuple(form.organisations.data or ())
    )
    return _done(whole, _("The audience is narrower from now on."))


def request_translation(id: str) -> Any:
    """Wish for a language."""
    whole = queries.get(web.actor(), id)
    language = StepForm().language.data
    if not whole.is_visible or language not in LANGUAGES:
        raise NotFound
    actions.ask_for_translation(web.actor(), whole.contribution, language)
    return _done(whole, _("Your wish for %(language)s is noted.", language=language_name(language)))


def _load(contribution_id: str) -> tuple[queries.Whole, Revision, StepForm]:
    whole = queries.get(web.actor(), contribution_id)
    if not whole.works:
        raise NotFound
    form = StepForm()
    chain = whole.editions.get(form.language.data or whole.contribution.original_language)
    if chain is None or chain.latest is None:
        raise NotFound
    return whole, queries.revision(web.actor(), chain.latest.id), form


def _done(whole: queries.Whole, message: str) -> Any:
    flash(message, "ok")
    return _back(whole)


def _back(whole: queries.Whole) -> Any:
    return redirect(address(whole.contribution.id, whole.original.revisions[0].title), 303)
