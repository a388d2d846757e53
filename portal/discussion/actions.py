"""All writes to a discussion: write, reword, remove, report, mark answered, moderate."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from portal.audit.actions import record
from portal.core.access import SYSTEM, Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, Stale, WrongState
from portal.core.guard import scoped
from portal.core.i18n import LANGUAGES
from portal.discussion import policy
from portal.discussion.models import Comment, CommentReport, CommentVersion
from portal.discussion.telling import moderators_of, tell_mentioned, tell_of, who_see
from portal.editorial.actions._steps import administrators
from portal.editorial.models import Contribution
from portal.notifications.actions import notify

TEXT_LIMIT = 5000
REASON_LIMIT = 1000


def post(
    actor: Actor,
    contribution: Contribution,
    text: str,
    language: str,
    *,
    is_question: bool = False,
    reply_to: Comment | None = None,
    token: str | None = None,
) -> Comment:
    """Write a comment, or a reply in the thread that `reply_to` belongs to.

    `token` names the form: sent twice, it makes one comment. Raises Forbidden, Invalid, and
    WrongState for a reply to what is there no more.
    """
    require(policy.comment(actor, contribution))
    _check(text, language)
    _wait_for_turn(contribution)
    written = _with_token(actor, token)
    if written is not None:
        return written
    root = _root_of(reply_to) if reply_to is not None else None
    assert actor.person_id is not None and actor.organisation_id is not None  # the policy has asked
    written = Comment(
        contribution_id=contribution.id,
        thread_id=root.id if root is not None else None,
        author_id=actor.person_id,
        organisation_id=actor.organisation_id,
        language=language,
        text=text,
        is_question=is_question and root is None,
        form_token=token,
        created_at=now(),
    )
    session().add(written)
    session().flush()
    record(actor, "comment.posted", written.id, shown=True, contribution=contribution.id)
    tell_of(actor, contribution, written, [c for c in (reply_to, root) if c is not None])
    return written


def reword(
    actor: Actor, contribution: Contribution, written: Comment, text: str, language: str, version: int
) -> None:
    """Change the words of one's own comment; the former ones stay to be read.

    Raises Forbidden, Invalid, and Stale when it was changed after the form was loaded.
    """
    require(policy.change(actor, written))
    _check(text, language)
    if (text, language) == (written.text, written.language):
        return
    former = CommentVersion(
        comment_id=written.id,
        number=written.version,
        language=written.language,
        text=written.text,
        written_at=written.edited_at or written.created_at,
    )
    _change(written, version, text=text, language=language, edited_at=now())
    session().add(former)
    record(actor, "comment.reworded", written.id, shown=True, contribution=contribution.id)
    tell_mentioned(actor, contribution, written)


def remove(actor: Actor, contribution: Contribution, written: Comment) -> None:
    """Remove one's own comment: its place stays, its words and former wordings go.

    Raises Forbidden.
    """
    require(policy.change(actor, written))
    _change(written, written.version, text="", removed_at=now(), reported_at=None)
    session().execute(delete(CommentVersion).where(CommentVersion.comment_id == written.id))
    _forget_answer(written)
    _close_reports(actor, written, "removed", "")
    record(actor, "comment.removed", written.id, shown=True, contribution=contribution.id)


def report(actor: Actor, contribution: Contribution, written: Comment, reason: str) -> None:
    """Ask the moderators to look at a comment. Forbidden, Invalid; WrongState for a second report."""
    require(policy.report(actor, written))
    if not reason:
        raise Invalid("reason", _("Say what is wrong with it. The moderators read your reason."))
    if len(reason) > REASON_LIMIT:
        raise Invalid("reason", _("This is too long: at most %(limit)s characters.", limit=REASON_LIMIT))
    _wait_for_turn(contribution)
    mine = select(CommentReport.id).where(
        CommentReport.comment_id == written.id, CommentReport.person_id == actor.person_id
    )
    if session().scalars(scoped(actor, mine)).first() is not None:
        raise WrongState(_("You have reported this comment before. A moderator reads it once."))
    made = CommentReport(comment_id=written.id, person_id=actor.person_id, reason=reason, at=now())
    session().add(made)
    session().flush()
    record(actor, "comment.reported", written.id, contribution=contribution.id)
    if written.reported_at is not None:
        return
    written.reported_at = now()
    moderators = moderators_of(contribution, written)
    notify(
        moderators or who_see(contribution, administrators()),
        "comment.reported" if moderators else "comment.no_moderator",
        event_key=f"comment.reported:{made.id}",
        contribution_id=contribution.id,
        actor=actor,
        comment_id=written.id,
        language=written.language,
    )


def mark_answered(actor: Actor, contribution: Contribution, question: Comment, reply: Comment | None) -> None:
    """Say which reply answers a question; None: it is open again.

    Raises Forbidden, and WrongState for what is no reply to it or stands no more.
    """
    require(policy.mark_answered(actor, contribution, question))
    if reply is not None and (reply.thread_id != question.id or not policy.is_standing(reply)):
        raise WrongState(_("Only a reply to this question can be its answer."))
    chosen = reply.id if reply is not None else None
    if question.answer_id == chosen:
        return
    question.answer_id = chosen
    verb = "comment.answered" if reply is not None else "comment.reopened"
    record(actor, verb, question.id, shown=True, contribution=contribution.id, answer=chosen)
    if reply is not None:
        notify(
            who_see(contribution, [question.author_id]),
            "comment.answered",
            event_key=f"comment.answered:{question.id}:{reply.id}",
            contribution_id=contribution.id,
            actor=actor,
            comment_id=reply.id,
        )


def hide_comment(
    actor: Actor, contribution: Contribution, written: Comment, region_code: str | None, comment: str
) -> None:
    """Hide a reported comment from all readers, and tell its writer why. Forbidden, Invalid, WrongState."""
    _decide(actor, contribution, written, region_code, "hide_comment", comment)


def keep_comment(
    actor: Actor, contribution: Contribution, written: Comment, region_code: str | None, comment: str
) -> None:
    """Leave a reported comment where it is, and tell its writer so. Forbidden, Invalid, WrongState."""
    _decide(actor, contribution, written, region_code, "keep_comment", comment)


def _decide(
    actor: Actor, contribution: Contribution, written: Comment, region: str | None, step: str, comment: str
) -> None:
    require(policy.moderate(actor, written, region))
    if not comment:
        raise Invalid("comment", _("Give a reason. The writer of the comment reads it."))
    if len(comment) > REASON_LIMIT:
        raise Invalid("comment", _("This is too long: at most %(limit)s characters.", limit=REASON_LIMIT))
    hides = step == "hide_comment"
    hidden_at = now() if hides else written.hidden_at
    changed = session().execute(
        update(Comment)
        .where(Comment.id == written.id, Comment.reported_at.is_not(None))
        .values(reported_at=None, hidden_at=hidden_at)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(_("Somebody has decided on this comment already."))
    written.reported_at, written.hidden_at = None, hidden_at
    if hides:
        _forget_answer(written)
    _close_reports(actor, written, step, comment)
    record(actor, f"comment.{step}", written.id, shown=hides, contribution=contribution.id)
    notify(
        who_see(contribution, [written.author_id]),
        "comment.hidden" if hides else "comment.kept",
        event_key=f"comment.{step}:{written.id}:{now().isoformat()}",
        contribution_id=contribution.id,
        actor=actor,
        comment_id=written.id,
        comment=comment,
    )


def _check(text: str, language: str) -> None:
    if not text:
        raise Invalid("text", _("Write something first."))
    if len(text) > TEXT_LIMIT:
        raise Invalid("text", _("This is too long: at most %(limit)s characters.", limit=TEXT_LIMIT))
    if language not in LANGUAGES:
        raise Invalid("language", _("Choose the language that you write in."))


def _wait_for_turn(contribution: Contribution) -> None:
    """Two who write at once under one contribution wait for each other; SQLite lets one write anyway."""
    statement = select(Contribution.id).where(Contribution.id == contribution.id).with_for_update()
    session().execute(scoped(SYSTEM, statement))


def _with_token(actor: Actor, token: str | None) -> Comment | None:
    if not token:
        return None
    statement = select(Comment).where(Comment.form_token == token, Comment.author_id == actor.person_id)
    return session().scalars(scoped(actor, statement)).first()


def _root_of(written: Comment) -> Comment:
    """What begins the thread of a comment that is answered; WrongState where either is gone."""
    root = written
    if written.thread_id is not None:
        root = session().scalars(scoped(SYSTEM, select(Comment).where(Comment.id == written.thread_id))).one()
    if not policy.is_standing(written) or not policy.is_standing(root):
        raise WrongState(_("The comment that you answer is there no more. You can write a new one."))
    return root


def _change(written: Comment, version: int, **values: object) -> None:
    changed = session().execute(
        update(Comment)
        .where(Comment.id == written.id, Comment.version == version)
        .where(Comment.removed_at.is_(None), Comment.hidden_at.is_(None))
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(theirs=written)
    for name, value in {**values, "version": version + 1}.items():
        setattr(written, name, value)


def _forget_answer(written: Comment) -> None:
    """A question whose answer is gone is open again."""
    session().execute(update(Comment).where(Comment.answer_id == written.id).values(answer_id=None))


def _close_reports(actor: Actor, written: Comment, decision: str, comment: str) -> None:
    session().execute(
        update(CommentReport)
        .where(CommentReport.comment_id == written.id, CommentReport.decided_at.is_(None))
        .values(decision=decision, decision_comment=comment, decided_by_id=actor.person_id, decided_at=now())
    )
