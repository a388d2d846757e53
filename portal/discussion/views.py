"""A discussion's pages: its threads, writing in it, rewording, removing, reporting, marking answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from portal.core import web
from portal.core.db import new_id
from portal.core.errors import Forbidden, Invalid, NotFound, Stale
from portal.core.i18n import current_language
from portal.core.limits import limiter
from portal.core.text import to_html, whole_number
from portal.discussion import actions, policy, queries
from portal.discussion.forms import AnswerForm, CommentForm, ReportForm
from portal.discussion.queries import Line
from portal.editorial.models import Contribution
from portal.publishing.queries import listed
from portal.publishing.records import OrganisationLine, organisation_line, records

blueprint = Blueprint("discussion", __name__, url_prefix="/<language:lang>")
ALL = "/contributions/<slugged:id>/comments"
ONE = f"{ALL}/<slugged:comment_id>"
POST_LIMIT = "20 per 10 minutes"


@dataclass(frozen=True)
class Shown:
    """A comment as a page shows it; `may` names what the reader may do with it."""

    line: Line
    organisation: OrganisationLine
    html: Markup
    is_standing: bool
    may: frozenset[str] = frozenset()


def _writer() -> str:
    """The key of the limit on writing: the person, not the address of their whole house."""
    return f"person-{web.actor().person_id or 'visitor'}"


@blueprint.get(ALL)
def index(id: str) -> Any:
    """All comments on a contribution, twenty threads a page, or one thread with all its replies."""
    form = CommentForm(formdata=None)
    form.reply_to.data = request.args.get("reply_to", "")
    form.language.data = current_language()
    form.form_token.data = new_id()
    return _page(id, form)


@blueprint.post(ALL)
@limiter.limit(POST_LIMIT, key_func=_writer)
def post(id: str) -> Any:
    """Write a comment, a question or a reply."""
    actor = web.actor()
    contribution = queries.contribution(actor, id)
    form = CommentForm()
    target = form.reply_to.data or ""
    reply_to = queries.one(actor, contribution.id, target).comment if target else None
    try:
        written = actions.post(
            actor,
            contribution,
            form.text.data or "",
            form.language.data or current_language(),
            is_question=bool(form.is_question.data),
            reply_to=reply_to,
            token=form.form_token.data or None,
        )
    except Invalid as refused:
        form.add_errors(refused)
        return _page(id, form, 422)
    flash(_("Your reply is published.") if target else _("Your comment is published."), "ok")
    return _to_comment(contribution.id, written.thread_id or written.id, written.id)


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
@limiter.limit(POST_LIMIT, key_func=_writer, methods=["POST"])
def edit(id: str, comment_id: str) -> Any:
    """Reword one's own comment."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    found = queries.one(actor, id, comment_id)
    if not policy.change(actor, found.comment):
        raise Forbidden
    form = CommentForm()
    if request.method == "GET":
        form.text.data, form.language.data = found.comment.text, found.comment.language
        form.version.data = str(found.comment.version)
        return web.page("discussion/edit.html", form=form, found=found, contribution=found.contribution)
    version = whole_number(form.version.data)
    version = found.comment.version if version is None else version
    try:
        actions.reword(
            actor, found.contribution, found.comment, form.text.data or "", form.language.data or "", version
        )
    except Invalid as refused:
        form.add_errors(refused)
        return web.page("discussion/edit.html", 422, form=form, found=found, contribution=found.contribution)
    except Stale:
        form.version.data = str(found.comment.version)
        return web.page(
            "discussion/edit.html", 409, form=form, found=found, contribution=found.contribution, theirs=True
        )
    flash(_("Your comment is changed. The former wording can still be read."), "ok")
    return _back(found)


@blueprint.post(f"{ONE}/remove")
def remove(id: str, comment_id: str) -> Any:
    """Remove one's own comment."""
    found = queries.one(web.actor(), id, comment_id)
    actions.remove(web.actor(), found.contribution, found.comment)
    flash(_("Your comment is removed. Its place stays, so that the replies can be followed."), "ok")
    return _back(found)


@blueprint.route(f"{ONE}/report", methods=["GET", "POST"])
@limiter.limit(POST_LIMIT, key_func=_writer, methods=["POST"])
def report(id: str, comment_id: str) -> Any:
    """Ask the moderators to look at a comment."""
    actor = web.actor()
    if not actor.is_signed_in and request.method == "GET":
        return web.ask_to_sign_in()
    found = queries.one(actor, id, comment_id)
    if not policy.report(actor, found.comment):
        raise Forbidden
    form = ReportForm()
    if request.method == "GET":
        return _report_page(form, found)
    try:
        actions.report(actor, found.contribution, found.comment, form.reason.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return _report_page(form, found, 422)
    flash(_("Thank you. A moderator reads the comment and decides."), "ok")
    return _back(found)


@blueprint.post(f"{ONE}/answered")
def answered(id: str, comment_id: str) -> Any:
    """Say which reply answers a question, or that none does."""
    actor = web.actor()
    found = queries.one(actor, id, comment_id)
    chosen = AnswerForm().reply.data or ""
    reply = queries.one(actor, id, chosen).comment if chosen else None
    actions.mark_answered(actor, found.contribution, found.comment, reply)
    flash(_("The question is marked as answered.") if reply else _("The question is open again."), "ok")
    return _back(found)


@blueprint.get(f"{ONE}/versions")
def versions(id: str, comment_id: str) -> Any:
    """The former wordings of a comment."""
    found, former = queries.wordings(web.actor(), id, comment_id)
    return web.page(
        "discussion/versions.html",
        found=found,
        contribution=found.contribution,
        organisation=organisation_line(found.organisation),
        former=former,
    )


def _page(contribution_id: str, form: CommentForm, status: int = 200) -> Any:
    actor = web.actor()
    rows = records(actor, listed(actor, [contribution_id]))
    if not rows:
        raise NotFound
    contribution = queries.contribution(actor, contribution_id)
    context: dict[str, Any] = {"thread": None}
    wanted = request.args.get("thread", "") or (form.reply_to.data or "")
    if wanted:
        context |= _one_thread(contribution, wanted)
    else:
        found = queries.threads(actor, contribution.id, request.args.get("at", ""))
        context |= {"found": found.page, "count": found.count}
        context["threads"] = [_thread(contribution, thread) for thread in found.page.items]
    return web.page(
        "discussion/index.html",
        status,
        form=form,
        contribution=contribution,
        post=rows[0],
        may_write=policy.comment(actor, contribution),
        text_limit=actions.TEXT_LIMIT,
        names=actor.is_signed_in,
        **context,
    )


def _one_thread(contribution: Contribution, wanted: str) -> dict[str, Any]:
    actor = web.actor()
    begun = queries.one(actor, contribution.id, wanted).comment.thread_id or wanted
    root, replies = queries.thread(actor, contribution.id, begun, request.args.get("at", ""))
    lines = [_shown(contribution, line, root) for line in replies.items]
    return {"thread": root.comment, "found": replies, "threads": [(_shown(contribution, root), lines, 0)]}


def _thread(contribution: Contribution, thread: queries.Thread) -> tuple[Shown, list[Shown], int]:
    root = _shown(contribution, thread.root)
    replies = [_shown(contribution, reply, thread.root) for reply in thread.replies]
    return root, replies, thread.reply_count - len(replies)


def _shown(contribution: Contribution, line: Line, root: Line | None = None) -> Shown:
    """A comment with what this reader may do with it."""
    actor, comment = web.actor(), line.comment
    question = root.comment if root is not None else comment
    stands = policy.is_standing(comment)
    asked = (
        ("change", policy.change(actor, comment)),
        ("report", policy.report(actor, comment)),
        ("reply", stands and policy.is_standing(question) and policy.comment(actor, contribution)),
        ("answer", stands and root is not None and policy.mark_answered(actor, contribution, question)),
    )
    return _plain(line, frozenset(name for name, allowed in asked if allowed))


def _plain(line: Line, may: frozenset[str] = frozenset()) -> Shown:
    stands = policy.is_standing(line.comment)
    html = to_html(line.comment.text) if stands else Markup()
    return Shown(line, organisation_line(line.organisation), html, stands, may)


def _report_page(form: ReportForm, found: queries.Found, status: int = 200) -> Any:
    shown = _plain(Line(found.comment, found.person, found.organisation))
    return web.page(
        "discussion/report.html", status, form=form, found=found, contribution=found.contribution, shown=shown
    )


def _back(found: queries.Found) -> Any:
    comment = found.comment
    return _to_comment(found.contribution.id, comment.thread_id or comment.id, comment.id)


def _to_comment(contribution_id: str, thread_id: str, comment_id: str) -> Any:
    return redirect(
        url_for("discussion.index", id=contribution_id, thread=thread_id, _anchor=f"c-{comment_id}"), 303
    )


def discussion_of(contribution: Contribution) -> dict[str, Any]:
    """The first threads of a contribution for its own page, which readers of equal rights share."""
    found = queries.threads(web.actor(), contribution.id)
    threads = [
        (_plain(t.root), [_plain(reply) for reply in t.replies], t.reply_count - len(t.replies))
        for t in found.page.items
    ]
    return {"count": found.count, "threads": threads, "has_more": bool(found.page.next)}


def install(app: Flask) -> None:
    """Register the room, and give the contribution's page its discussion."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["discussion_of"] = discussion_of
