"""Who may do what in a discussion: pure functions of the actor and the thing.

That the actor may read the contribution, the query that loads a comment has settled.
"""

from __future__ import annotations

from portal.core.access import Actor
from portal.discussion.models import Comment
from portal.editorial.models import Contribution


def is_standing(comment: Comment) -> bool:
    """True for a comment whose words readers see: neither removed nor hidden."""
    return comment.removed_at is None and comment.hidden_at is None


def comment(actor: Actor, contribution: Contribution) -> bool:
    """May write under what is published: any member of an active organisation."""
    return contribution.is_live and actor.acting is not None


def change(actor: Actor, written: Comment) -> bool:
    """May reword or remove a comment: the person who wrote it, while it stands."""
    return actor.is_signed_in and written.author_id == actor.person_id and is_standing(written)


def report(actor: Actor, written: Comment) -> bool:
    """May report a comment to the moderators: any member but the person who wrote it."""
    return actor.acting is not None and written.author_id != actor.person_id and is_standing(written)


def mark_answered(actor: Actor, contribution: Contribution, question: Comment) -> bool:
    """May say which reply answers a question: the contributors of the house that posted the text."""
    if not question.is_question or not is_standing(question) or not contribution.is_live:
        return False
    return actor.has_role(contribution.organisation_id, "contributor")


def moderate(actor: Actor, written: Comment, region_code: str | None) -> bool:
    """May decide on a reported comment: a moderator of its language, of another organisation.

    `region_code` is the region of the writer's organisation, for moderators of one region.
    """
    if written.author_id == actor.person_id or actor.belongs_to(written.organisation_id):
        return False
    return any(s.language == written.language and s.region in {None, region_code} for s in actor.scopes)
