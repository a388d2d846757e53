"""All writes to following: follow, stop, how often, the key of the feed, and telling followers."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, insert, select

from portal.accounts.queries import wait_for_turn
from portal.accounts.sessions import token_hash
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid, NotFound
from portal.editorial.visibility import can_see
from portal.following import policy
from portal.following.models import FeedKey, Follow, Followed
from portal.notifications import actions as notifications
from portal.notifications.choices import FOLLOW
from portal.organisations.queries import found
from portal.taxonomy.queries import country_codes, topic_codes

# Enough for everything that a person could read of; a script that follows all is stopped.
MOST = 500


def follow(actor: Actor, kind: str, key: str) -> Follow:
    """Follow an organisation, a topic, a country or a post that the actor may read; twice changes nothing.

    Raises Forbidden, NotFound for what is not there or not theirs to see, Invalid beyond `MOST`.
    """
    require(policy.follow(actor))
    if kind not in set(Followed) or not _is_there(actor, Followed(kind), key):
        raise NotFound
    wait_for_turn(actor.person_id)
    mine = session().scalars(select(Follow).where(Follow.person_id == actor.person_id)).all()
    present = next((f for f in mine if (f.kind, f.key) == (kind, key)), None)
    if present is not None:
        return present
    if len(mine) >= MOST:
        raise Invalid("key", "")
    made = Follow(person_id=actor.person_id, kind=Followed(kind), key=key, created_at=now())
    session().add(made)
    session().flush()
    return made


def unfollow(actor: Actor, follow_id: str) -> None:
    """Follow something no more. Raises NotFound for what others follow."""
    mine = _mine(actor, follow_id)
    session().execute(delete(Follow).where(Follow.id == mine.id))
    notifications.forget_choice(mine.person_id, FOLLOW + mine.id)


def choose(actor: Actor, follow_id: str, frequency: str) -> None:
    """Say how often to be mailed of one followed thing; "" for as often as of all others.

    Raises NotFound, Invalid.
    """
    mine = _mine(actor, follow_id)
    if frequency:
        notifications.choose(actor, FOLLOW + mine.id, frequency)
    else:
        notifications.forget_choice(mine.person_id, FOLLOW + mine.id)


def new_feed_key(actor: Actor) -> str:
    """Make the address of the actor's own feed anew; the former one is dead. Returns the token, shown once.

    Raises Forbidden.
    """
    require(policy.follow(actor))
    wait_for_turn(actor.person_id)
    token = secrets.token_urlsafe(24)
    session().execute(delete(FeedKey).where(FeedKey.person_id == actor.person_id))
    facts = {"person_id": actor.person_id, "token_hash": token_hash(token), "created_at": now()}
    session().execute(insert(FeedKey), [facts])
    record(actor, "feed.key_made", actor.person_id or "")
    return token


def revoke_feed_key(actor: Actor) -> None:
    """End the actor's own feed. Raises Forbidden."""
    require(policy.follow(actor))
    session().execute(delete(FeedKey).where(FeedKey.person_id == actor.person_id))
    record(actor, "feed.key_revoked", actor.person_id or "")


def _mine(actor: Actor, follow_id: str) -> Follow:
    statement = select(Follow).where(Follow.id == follow_id, Follow.person_id == actor.person_id)
    mine = session().scalars(statement).first()
    if mine is None:
        raise NotFound
    return mine


def _is_there(actor: Actor, kind: Followed, key: str) -> bool:
    if kind == Followed.TOPIC:
        return key in topic_codes()
    if kind == Followed.COUNTRY:
        return key in country_codes()
    if kind == Followed.ORGANISATION:
        return found(key) is not None
    return can_see(actor, key)
