"""Whom an act in a discussion is told to: only people who can read what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select

from portal.accounts.models import Person, PersonState
from portal.core.access import Actor
from portal.core.db import session
from portal.discussion.models import Comment
from portal.editorial.actions._steps import answerable_for
from portal.editorial.models import Contribution
from portal.notifications.actions import notify
from portal.organisations.actors import actor_with_id
from portal.organisations.models import (
    Membership,
    MembershipState,
    ModeratorScope,
    Organisation,
    OrganisationState,
    Role,
)
from portal.publishing.queries import labels

# Organisations that one comment can call; more of them is no mention but a mailing.
MOST_MENTIONS = 10
_MENTION = re.compile(r"(?<![\w@./-])@([A-Za-z][A-Za-z0-9]{0,15}(?:-[A-Za-z0-9]{1,15})*)(?![\w@])")


def mentioned(text: str) -> list[str]:
    """The codes that a text mentions as `@THA`, in capitals, each once, in order."""
    return list(dict.fromkeys(code.upper() for code in _MENTION.findall(text)))[:MOST_MENTIONS]


def tell_of(actor: Actor, contribution: Contribution, written: Comment, answered: Sequence[Comment]) -> None:
    """Tell of a new comment: the writers of what it answers, who answers for the text, who is mentioned.

    Somebody who is all three is told once, in the words of the first.
    """
    _tell([comment.author_id for comment in answered], "comment.replied", actor, contribution, written)
    kind = "comment.question" if written.is_question else "comment.posted"
    _tell(answerable_for(contribution), kind, actor, contribution, written)
    tell_mentioned(actor, contribution, written)


def tell_mentioned(actor: Actor, contribution: Contribution, written: Comment) -> None:
    """Tell the coordinators of the organisations that a comment mentions, each once a comment."""
    _tell(_coordinators(mentioned(written.text)), "comment.mentioned", actor, contribution, written)


def moderators_of(contribution: Contribution, written: Comment) -> list[str]:
    """The ids of those who may decide on a comment and read what it stands under."""
    region = session().scalar(
        select(Organisation.region_code).where(Organisation.id == written.organisation_id)
    )
    insiders = select(Membership.person_id).where(
        Membership.organisation_id == written.organisation_id, Membership.state == MembershipState.ACTIVE
    )
    found = session().scalars(
        select(ModeratorScope.person_id)
        .join(Person, Person.id == ModeratorScope.person_id)
        .where(Person.state == PersonState.ACTIVE, ModeratorScope.language == written.language)
        .where(or_(ModeratorScope.region_code.is_(None), ModeratorScope.region_code == region))
        .where(ModeratorScope.person_id.not_in(insiders), ModeratorScope.person_id != written.author_id)
        .distinct()
    )
    return who_see(contribution, found)


def who_see(contribution: Contribution, people: Iterable[str]) -> list[str]:
    """Those of these people who may read a contribution now."""
    wanted = list(dict.fromkeys(people))
    readers = labels(contribution.id) if wanted else frozenset()
    return [person for person in wanted if readers & actor_with_id(person).labels]


def _tell(
    people: Sequence[str], kind: str, actor: Actor, contribution: Contribution, written: Comment
) -> None:
    notify(
        who_see(contribution, [person for person in people if person != actor.person_id]),
        kind,
        event_key=f"comment:{written.id}",
        contribution_id=contribution.id,
        actor=actor,
        comment_id=written.id,
    )


def _coordinators(codes: Sequence[str]) -> list[str]:
    if not codes:
        return []
    statement = (
        select(Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(func.upper(Organisation.code).in_(codes), Organisation.state == OrganisationState.ACTIVE)
        .where(Membership.role == Role.COORDINATOR, Membership.state == MembershipState.ACTIVE)
        .order_by(Membership.joined_at, Membership.id)
    )
    return list(session().scalars(statement))
