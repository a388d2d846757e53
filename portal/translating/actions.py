"""Writing at the desk: keep a draft, hand it in, confirm that nothing changes, ask a machine."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.core.access import Actor, require
from portal.core.errors import Invalid, Stale, WrongState
from portal.editorial import actions, policy
from portal.editorial.actions import Machine
from portal.editorial.actions._steps import log
from portal.editorial.models import Audience, Kind, Revision
from portal.editorial.texts import Text, check_complete
from portal.jobs.actions import enqueue
from portal.translating.aligning import settled
from portal.translating.queries import Desk

Loaded = tuple[str, int] | None


def keep(
    actor: Actor, desk: Desk, text: Text, loaded: Loaded, *, reviewed: bool = False, based_on: str = ""
) -> Revision:
    """Save a draft; it stays based on what it was begun from until it is handed in.

    Raises Forbidden, Invalid, Stale.
    """
    return actions.save(
        actor,
        desk.contribution,
        desk.language,
        text,
        None,
        loaded=loaded,
        based_on=based_on or desk.kept_base_id,
        machine=Machine.REVIEWED if reviewed else Machine.AS_IT_WAS,
    )


def hand_in(
    actor: Actor,
    desk: Desk,
    text: Text,
    loaded: Loaded,
    source: Revision,
    *,
    reviewed: bool = False,
    is_partial: bool = False,
    answer_days: int = 2,
) -> Revision:
    """Save and submit a translation of `source`, the version of the original that its author had.

    A partial update stays based on what the published translation was made from, and so stays
    marked as older than the original. Raises Forbidden, Invalid, Stale, WrongState.
    """
    based_on = source.id
    if is_partial:
        if desk.published is None or desk.published.based_on_id is None:
            raise WrongState(_("Only a published translation can be updated in part."))
        based_on = desk.published.based_on_id
    base = Text.of(desk.base) if desk.base is not None else None
    text = settled(desk.contribution.kind, base, Text.of(source), text)
    check_complete(desk.contribution.kind, text, None)
    _check_follows(desk.contribution.kind, source, text)
    revision = keep(actor, desk, text, loaded, reviewed=reviewed, based_on=based_on)
    actions.submit(actor, desk.contribution, revision, answer_days)
    return revision


def no_change_needed(actor: Actor, desk: Desk, source: Revision) -> None:
    """Say that the published translation still says what `source` says. Forbidden, Stale, WrongState."""
    if desk.edition is None:
        raise WrongState(_("Nothing is translated yet."))
    actions.no_change_needed(actor, desk.contribution, desk.edition, source)


def may_ask_machine(desk: Desk) -> bool:
    """True for a public text with something left to translate: nothing else leaves the portal."""
    return desk.contribution.audience == Audience.PUBLIC and bool(
        empty_pieces(desk.contribution.kind, desk.source, desk.text)
    )


def ask_machine(actor: Actor, desk: Desk, text: Text, loaded: Loaded, *, is_on: bool) -> Revision:
    """Keep what is typed and have the worker fill what is empty with a machine's draft.

    Raises Forbidden for a text that is not public, WrongState while the machine is off, Invalid
    when nothing is empty, Stale.
    """
    if not is_on:
        raise WrongState(_("Machine translation is switched off."))
    require(desk.contribution.audience == Audience.PUBLIC)
    if not empty_pieces(desk.contribution.kind, desk.source, text):
        raise Invalid("title", _("Every field has words already; a machine fills only empty ones."))
    revision = keep(actor, desk, text, loaded)
    enqueue(
        "translate.machine",
        {
            "contribution_id": desk.contribution.id,
            "language": desk.language,
            "person_id": actor.person_id,
            "revision_id": revision.id,
            "version": revision.version,
        },
    )
    return revision


def fill(actor: Actor, desk: Desk, text: Text, loaded: Loaded) -> Revision:
    """Write a machine's draft into the draft that was asked for; it is marked until a person reviews it.

    Raises Forbidden, and Stale when somebody has gone on writing meanwhile.
    """
    latest = desk.latest
    require(desk.contribution.audience == Audience.PUBLIC)
    if latest is None or loaded != (latest.id, latest.version):
        raise Stale
    require(policy.submit(actor, desk.contribution, latest, desk.language))
    revision = actions.save(
        actor, desk.contribution, desk.language, text, None, loaded=loaded, machine=Machine.WROTE
    )
    state = revision.state
    log(actor, "machine_draft", desk.contribution, revision, state, language=desk.language)
    return revision


def empty_pieces(kind: Kind, source: Revision, text: Text) -> list[str]:
    """The fields of the original that the translation has no words for yet."""
    written = text.pieces(kind)
    return [name for name in Text.of(source).pieces(kind) if not written.get(name, "").strip()]


def _check_follows(kind: Kind, source: Revision, text: Text) -> None:
    """Raise Invalid at each part, needed or not, that the original has and the translation has not."""
    needed = {name: [_("Write this part.")] for name in empty_pieces(kind, source, text)}
    if needed:
        raise Invalid.of(needed)
