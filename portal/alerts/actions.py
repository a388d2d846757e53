"""All writes to saved searches: save, change, pause, resume, delete, and the key of each one's feed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, insert

from portal.accounts.sessions import token_hash
from portal.alerts import policy, queries
from portal.alerts.models import SavedSearch, SavedSearchHit
from portal.audit.actions import record
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import session
from portal.core.errors import Invalid
from portal.core.text import one_line
from portal.finding.running import Search
from portal.notifications import actions as notifications
from portal.notifications.choices import SEARCH

# More than anybody reads the alerts of; a script that saves all is stopped.
MOST = 50
NAME_LENGTH = 100


def save(actor: Actor, search: Search, name: str, frequency: str, language: str) -> SavedSearch:
    """Keep a search under a name; its owner is mailed as often as `frequency` says.

    "" as a frequency means as often as of all others; `language` is the one it was asked in.
    Raises Forbidden, Invalid for no name or a strange frequency, and beyond `MOST`.
    """
    require(policy.save(actor))
    if queries.count(actor) >= MOST:
        message = _("You have %(most)s saved searches, as many as one can have: delete one first.", most=MOST)
        raise Invalid("name", message)
    made = SavedSearch(
        person_id=actor.person_id, name=_named(name), language=language, created_at=now(), **_facts(search)
    )
    session().add(made)
    session().flush()
    _choose(actor, made, frequency)
    return made


def change(actor: Actor, saved: SavedSearch, name: str, frequency: str) -> None:
    """Call it something else, or be mailed as often as `frequency` says. Raises Forbidden, Invalid."""
    require(policy.own(actor, saved))
    saved.name = _named(name)
    _choose(actor, saved, frequency)


def replace(actor: Actor, saved: SavedSearch, search: Search, language: str) -> None:
    """Look for something else from now on, under the same name. Raises Forbidden."""
    require(policy.own(actor, saved))
    saved.language = language
    for field, value in _facts(search).items():
        setattr(saved, field, value)


def pause(actor: Actor, saved: SavedSearch) -> None:
    """Find nothing until it is resumed; twice changes nothing. Raises Forbidden."""
    require(policy.own(actor, saved))
    saved.paused_at = saved.paused_at or now()


def resume(actor: Actor, saved: SavedSearch) -> None:
    """Find again what is published from now on. Raises Forbidden."""
    require(policy.own(actor, saved))
    saved.paused_at = None


def remove(actor: Actor, saved: SavedSearch) -> None:
    """Delete a search with its feed; what it has found stays in the inbox. Raises Forbidden."""
    require(policy.own(actor, saved))
    session().execute(delete(SavedSearchHit).where(SavedSearchHit.search_id == saved.id))
    session().delete(saved)
    notifications.forget_choice(saved.person_id, SEARCH + saved.id)


def new_feed_key(actor: Actor, saved: SavedSearch) -> str:
    """Make the address of its feed anew; the former one is dead. Returns the token, shown once.

    Raises Forbidden.
    """
    require(policy.own(actor, saved))
    token = secrets.token_urlsafe(24)
    saved.feed_hash, saved.feed_made_at = token_hash(token), now()
    record(actor, "feed.key_made", saved.id)
    return token


def revoke_feed_key(actor: Actor, saved: SavedSearch) -> None:
    """End its feed. Raises Forbidden."""
    require(policy.own(actor, saved))
    saved.feed_hash = saved.feed_made_at = None
    record(actor, "feed.key_revoked", saved.id)


def note_hits(search_ids: Sequence[str], edition_id: str) -> None:
    """Note that these searches have found an edition, so that they never do again."""
    facts = {"edition_id": edition_id, "found_at": now()}
    if search_ids:
        session().execute(insert(SavedSearchHit), [{"search_id": one, **facts} for one in search_ids])


def _named(name: str) -> str:
    named = one_line(name)
    if not named:
        raise Invalid("name", _("Give the search a name."))
    if len(named) > NAME_LENGTH:
        raise Invalid("name", _("Use at most %(most)s characters.", most=NAME_LENGTH))
    return named


def _facts(search: Search) -> dict[str, object]:
    asked = search.asked
    chosen = {facet: list(values) for facet, values in asked.chosen.chosen().items()}
    return {"text": asked.text, "chosen": chosen, "plain": list(asked.plain), "sort": asked.sort}


def _choose(actor: Actor, saved: SavedSearch, frequency: str) -> None:
    if frequency:
        notifications.choose(actor, SEARCH + saved.id, frequency)
    else:
        notifications.forget_choice(saved.person_id, SEARCH + saved.id)
