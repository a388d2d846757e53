"""The queue, the review page and the moderators' steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.core import web
from portal.core.access import Actor
from portal.core.clock import now
from portal.core.errors import Invalid, Stale, WrongState
from portal.core.shared_pages import count_in_header
from portal.discussion.actions import hide_comment, keep_comment
from portal.discussion.queries import reported, reported_comment
from portal.editorial import actions, policy
from portal.editorial.compare import changed_count, compare, folded
from portal.editorial.models import Case, Kind
from portal.editorial.texts import About, Text, snapshot_digest
from portal.moderation import queries
from portal.moderation.forms import DecisionForm, HandOverForm, NoteForm, ProposalForm
from portal.organisations.queries import organisation_names
from portal.publishing.forms import AUDIENCES, PART_LABELS
from portal.publishing.records import address, organisation_line
from portal.publishing.sections import sections, terms_of
from portal.taxonomy import queries as taxonomy

blueprint = Blueprint("moderation", __name__, url_prefix="/<language:lang>/moderation")

VIEWS = ("changes", "side", "text", "original")
COMMENT_STEPS = {"hide_comment": hide_comment, "keep_comment": keep_comment}
DECISIONS = ("request_changes", "decline", "approve")


@blueprint.get("")
def queue() -> Any:
    """What waits for a moderator, oldest first, with what is overdue marked."""
    return queue_page()


def queue_page(status: int = 200, **context: Any) -> Any:
    """The queue; `context` is what a refused decision on a comment shows again."""
    actor = web.actor()
    args = request.args
    filters = queries.Filters(
        args.get("language", ""), args.get("kind", ""), args.get("region", ""), args.get("assigned", ""),
        args.get("sort", "oldest"),
    )  # fmt: skip
    tab = context.pop("tab", args.get("tab", "open"))
    if tab == "comments" and actor.is_moderator:
        found: Any = reported(actor, args.get("at", ""))
    else:
        found = queries.queue(actor, tab, filters, args.get("at", ""))
    shown: dict[str, Any] = {"errors": {}, "comment": "", "decided": "", **context}
    return web.page(
        "moderation/queue.html",
        status,
        nav="moderation",
        tab=tab,
        filters=filters,
        found=found if tab != "down" else None,
        down=queries.taken_down(actor) if tab == "down" else [],
        comment_count=queries.comment_count(actor),
        **shown,
        backlog=queries.backlog(actor),
        kinds=list(Kind),
        regions=taxonomy.region_choices(),
        organisation_line=organisation_line,
        address=address,
        answer_days=web.settings().answer_days,
        audiences=AUDIENCES,
    )


@blueprint.get("/<slugged:case_id>")
def review(case_id: str) -> Any:
    """One submission: what changed, the history, and the decision."""
    return _review(case_id)


@blueprint.post("/<slugged:case_id>/claim")
def claim(case_id: str) -> Any:
    """Take a submission for review."""
    case = queries.case(web.actor(), case_id)
    form = DecisionForm()
    version = form.version.data or case.version
    actions.claim(web.actor(), case, version, web.settings().claim_days)
    flash(
        _("You have taken this submission. It is yours for %(days)s days.", days=web.settings().claim_days),
        "ok",
    )
    return _to_review(case_id)


@blueprint.post("/<slugged:case_id>/release")
def release(case_id: str) -> Any:
    """Give a submission back to the queue."""
    case = queries.case(web.actor(), case_id)
    actions.release(web.actor(), case, DecisionForm().version.data or case.version)
    flash(_("The submission is back in the queue."), "ok")
    return _to_review(case_id)


@blueprint.post("/<slugged:case_id>/hand_over")
def hand_over(case_id: str) -> Any:
    """Pass a submission on to another moderator."""
    case = queries.case(web.actor(), case_id)
    form = HandOverForm()
    try:
        actions.hand_over(
            web.actor(), case, form.version.data or case.version, form.to.data or "", form.comment.data or "",
            web.settings().claim_days,
        )  # fmt: skip
    except Invalid as refused:
        return _review(case_id, errors=refused.errors, status=422)
    flash(_("The submission is handed over."), "ok")
    return _to_queue()


@blueprint.post("/<slugged:case_id>/decide")
def decide(case_id: str) -> Any:
    """Publish, ask for changes or decline: the button that was pressed is named after the step."""
    actor = web.actor()
    case = queries.case(actor, case_id)
    step = next((name for name in DECISIONS if name in request.form), None)
    if step is None:
        raise WrongState(_("Choose what to do with this submission."))
    return _decide(actor, case, step)


@blueprint.route("/<slugged:case_id>/propose_edit", methods=["GET", "POST"])
def propose_edit(case_id: str) -> Any:
    """Propose a wording for the author to confirm."""
    actor = web.actor()
    found = queries.review(actor, case_id)
    if not policy.decide(actor, found.case, now()):
        raise WrongState(_("You do not hold this submission, or your claim has run out. Take it first."))
    form = ProposalForm()
    if request.method == "GET":
        form.fill(Text.of(found.revision))
        form.version.data = found.case.version
        form.snapshot.data = snapshot_digest(found.contribution, found.revision)
        return _proposal(form, found)
    try:
        actions.propose_edit(
            actor, found.case, form.version.data or 0, form.snapshot.data or "",
            form.text(found.contribution.kind), form.comment.data or "",
        )  # fmt: skip
    except Invalid as refused:
        form.add_errors(refused)
        return _proposal(form, found, 422)
    flash(_("Your wording is with the author, who confirms it before it is published."), "ok")
    return _to_review(case_id)


@blueprint.post("/<slugged:case_id>/note")
def note(case_id: str) -> Any:
    """Pin a comment to a paragraph."""
    case = queries.case(web.actor(), case_id)
    form = NoteForm()
    try:
        actions.note(web.actor(), case, form.part.data or "", form.paragraph.data or 0, form.note.data or "")
    except Invalid as refused:
        return _review(case_id, errors=refused.errors, status=422)
    return redirect(url_for("moderation.review", case_id=case_id, _anchor="notes"), 303)


@blueprint.post("/comments/<slugged:comment_id>")
def decide_comment(comment_id: str) -> Any:
    """Hide a reported comment or keep it: the button that was pressed is named after the step."""
    actor = web.actor()
    found = reported_comment(actor, comment_id)
    step = next((name for name in COMMENT_STEPS if name in request.form), None)
    if step is None:
        raise WrongState(_("Choose what to do with this comment."))
    comment = DecisionForm().comment.data or ""
    try:
        COMMENT_STEPS[step](actor, found.contribution, found.comment, found.region_code, comment)
    except Invalid as refused:
        return queue_page(422, tab="comments", errors=refused.errors, comment=comment, decided=comment_id)
    hidden = step == "hide_comment"
    flash(_("The comment is hidden. Its writer is told.") if hidden else _("The comment stays."), "ok")
    return redirect(url_for("moderation.queue", tab="comments"), 303)


@blueprint.post("/restore/<slugged:contribution_id>")
def restore(contribution_id: str) -> Any:
    """Put back what a moderator took down."""
    contribution = queries.unpublished(web.actor(), contribution_id)
    actions.restore(web.actor(), contribution, DecisionForm().comment.data or "")
    flash(_("The post is published again."), "ok")
    return redirect(url_for("moderation.queue", tab="down"), 303)


def _decide(actor: Actor, case: Case, step: str) -> Any:
    form = DecisionForm()
    comment, version, snapshot = form.comment.data or "", form.version.data or 0, form.snapshot.data or ""
    try:
        if step == "approve":
            actions.approve(
                actor,
                case,
                version,
                snapshot,
                changes_meaning=bool(form.changes_meaning.data),
                comment=comment,
            )
        elif step == "decline":
            actions.decline(actor, case, version, snapshot, comment)
        else:
            actions.request_changes(actor, case, version, snapshot, comment)
    except Invalid as refused:
        return _review(case.id, errors=refused.errors, comment=comment, status=422)
    except Stale:
        return _review(case.id, comment=comment, changed=True, status=409)
    messages = {
        "approve": _("The version is published. Its author is told."),
        "request_changes": _("The text is back with its author, with your comment."),
        "decline": _("The text is declined. Its author is told why and may appeal once."),
    }
    flash(messages[step], "ok")
    return _to_queue()


def _review(
    case_id: str,
    *,
    errors: dict[str, list[str]] | None = None,
    comment: str = "",
    changed: bool = False,
    status: int = 200,
) -> Any:
    actor = web.actor()
    found = queries.review(actor, case_id)
    holds = policy.decide(actor, found.case, now())
    return web.page(
        "moderation/review.html",
        status,
        nav="moderation",
        found=found,
        organisation=organisation_line(found.organisation),
        holds=holds,
        can_claim=policy.claim(actor, found.case, now()) and found.revision.state != "edit_proposed",
        colleagues=queries.colleagues(actor, found.case) if holds else [],
        snapshot=snapshot_digest(found.contribution, found.revision),
        audiences=AUDIENCES,
        errors=errors or {},
        comment=comment,
        changed=changed,
        is_overdue=found.case.is_open and found.case.due_at < now(),
        **_compared(found),
        **_filed(found),
    )


def _compared(found: queries.Review) -> dict[str, Any]:
    """The text against what it is compared with, in the view that was asked for."""
    against = _against(found)
    older = {"published": found.published, "round": found.former_round}.get(against)
    blocks = compare(Text.of(older) if older is not None else None, Text.of(found.revision))
    usual = "original" if found.source is not None else "changes" if older is not None else "text"
    view = request.args.get("view", usual)
    return {
        "against": against,
        "older": older,
        "blocks": blocks,
        "runs": list(folded(blocks)),
        "changed_count": changed_count(blocks),
        "view": view if view in VIEWS and (view != "original" or found.source is not None) else "changes",
        "source_text": Text.of(found.source) if found.source is not None else None,
        "revision_text": Text.of(found.revision),
        "sections": sections(found.case.kind, found.revision.parts),
        "terms": terms_of(found.case.kind, found.revision.parts, found.terms),
        "part_labels": {"title": _("Title"), "summary": _("Summary"), **PART_LABELS},
    }


def _filed(found: queries.Review) -> dict[str, Any]:
    """Who is to read the text and what it is filed under; a translation has that of its original."""
    if found.revision.about is None:
        return {"about": None, "named": [], "audience": found.contribution.audience, "topics": []}
    about = About.of(found.revision)
    return {
        "about": about,
        "named": organisation_names(about.organisations),
        "audience": about.audience,
        "topics": [taxonomy.topic_name(code) for code in about.topics],
    }


def _against(found: queries.Review) -> str:
    """What the text is compared with: the round before, the published version, or nothing."""
    wanted = request.args.get("against", "")
    offered = [n for n, r in (("round", found.former_round), ("published", found.published)) if r is not None]
    if wanted in offered:
        return wanted
    return offered[0] if offered else ""


def _proposal(form: ProposalForm, found: queries.Review, status: int = 200) -> Any:
    return web.page(
        "moderation/propose_edit.html",
        status,
        nav="moderation",
        form=form,
        found=found,
        parts=list(Text.of(found.revision).pieces(found.case.kind))[2:],
        part_labels=PART_LABELS,
    )


def _to_review(case_id: str) -> Any:
    return redirect(url_for("moderation.review", case_id=case_id), 303)


def _to_queue() -> Any:
    return redirect(url_for("moderation.queue"), 303)


def install(app: Flask) -> None:
    """Register the moderators' room and the count in the menu."""
    app.register_blueprint(blueprint)
    count_in_header(app, "queue_count", queries.open_count)
