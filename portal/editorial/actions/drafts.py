"""Writing drafts: begin a contribution, save a text, ask for a translation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, update

from portal.accounts.queries import wait_for_turn
from portal.core.access import Actor, require
from portal.core.clock import now
from portal.core.db import new_id, session
from portal.core.errors import Stale
from portal.core.guard import scoped
from portal.editorial import policy
from portal.editorial.actions._steps import log, log_all
from portal.editorial.actions.files import put_files
from portal.editorial.models import (
    Contribution,
    Edition,
    Kind,
    Revision,
    State,
    TranslationRequest,
)
from portal.editorial.texts import About, Text, check_size
from portal.editorial.workflow import RESTARTABLE


class Machine(StrEnum):
    """What a save says of a machine's part: it wrote the words, a person reviewed them, or nothing new."""

    AS_IT_WAS = "as_it_was"
    WROTE = "wrote"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class Post:
    """What a contribution begins with: a text in each language, the original's first, and its metadata.

    `form_token` is the random name of the form that it came with.
    """

    texts: Mapping[str, Text]
    about: About
    form_token: str


@dataclass(frozen=True)
class Begun:
    """A contribution that was begun, with its first draft in each language."""

    contribution: Contribution
    drafts: dict[str, Revision]

    @property
    def original(self) -> Revision:
        """The draft in the original's language."""
        return self.drafts[self.contribution.original_language]


def create(
    actor: Actor, kind: Kind, language: str, text: Text, about: About, form_token: str
) -> Contribution:
    """Begin a contribution of the acting organisation with a first draft.

    `form_token` is the random name of the form: a form posted twice leads to the same
    contribution. Raises Forbidden and Invalid.
    """
    require(policy.post(actor))
    check_size(text)
    existing = (
        session()
        .scalars(
            scoped(
                actor,
                select(Contribution).where(Contribution.form_token == f"{actor.person_id}:{form_token}"),
            )
        )
        .first()
    )
    if existing is not None:
        return existing
    (begun,) = _begin_all(actor, kind, [Post({language: text}, about, form_token)])
    return begun.contribution


def create_all(actor: Actor, kind: Kind, posts: Sequence[Post]) -> list[Begun]:
    """Begin many contributions, as `create` begins each, and `save` adds its texts in further languages.

    Their forms are new: none was posted before. The number of statements does not grow with them.
    Raises Forbidden and Invalid, for all of them, before anything is written.
    """
    require(policy.post(actor))
    for post in posts:
        for text in post.texts.values():
            check_size(text)
    return _begin_all(actor, kind, posts)


def save(
    actor: Actor,
    contribution: Contribution,
    language: str,
    text: Text,
    about: About | None,
    *,
    loaded: tuple[str, int] | None,
    changes_meaning: bool = False,
    based_on: str | None = None,
    machine: Machine = Machine.AS_IT_WAS,
) -> Revision:
    """Save a draft of one edition; a text that was judged or published begins a new version.

    `loaded` is the id and version of the revision that the form was made from (None: there was
    none). `about` belongs to the original alone. `based_on` names the original's revision that a
    translation was made from, `machine` whether a machine wrote or a person reviewed the words.
    Raises Forbidden, Invalid, and Stale with the text that stands there when somebody else saved
    in the meantime.
    """
    edition = _edition(actor, contribution, language)
    latest = latest_revision(actor, edition) if edition is not None else None
    require(policy.edit(actor, contribution, latest, language))
    check_size(text)
    edition = edition or _first_of(contribution, language)
    about = about if edition.is_original else None
    marks = _marks(actor, latest, machine)
    if latest is None:
        revision = _begun(actor, contribution, edition, 1, 1, text, about, based_on)
        return _marked(revision, marks)
    if loaded is None or latest.id != loaded[0]:
        raise Stale(theirs=latest)
    if latest.state in RESTARTABLE:
        judged = latest.state in {State.CHANGES_REQUESTED, State.DECLINED}
        following = latest.round + 1 if judged else 1
        revision = _begun(actor, contribution, edition, latest.number + 1, following, text, about, based_on)
        revision.changes_meaning = changes_meaning
        put_files(revision, latest.files)
        return _marked(revision, marks)
    return _overwrite(actor, latest, loaded[1], text, about, changes_meaning, based_on, marks)


def ask_for_translation(actor: Actor, contribution: Contribution, language: str) -> None:
    """Note that a reader wishes for a language; a second wish of the same person changes nothing."""
    require(actor.is_signed_in)
    wait_for_turn(actor.person_id)
    key = (contribution.id, language, actor.person_id)
    if session().get(TranslationRequest, key) is None:
        session().add(
            TranslationRequest(
                contribution_id=contribution.id, language=language, person_id=actor.person_id or "", at=now()
            )
        )


def latest_revision(actor: Actor, edition: Edition) -> Revision | None:
    """The newest revision of an edition."""
    newest = select(func.max(Revision.number)).where(Revision.edition_id == edition.id).scalar_subquery()
    statement = select(Revision).where(Revision.edition_id == edition.id, Revision.number == newest)
    return session().scalars(scoped(actor, statement)).first()


def _begin_all(actor: Actor, kind: Kind, posts: Sequence[Post]) -> list[Begun]:
    made = [_contribution(actor, kind, post) for post in posts]
    editions, drafts = [], []
    for contribution, post in zip(made, posts, strict=True):
        begun: dict[str, Revision] = {}
        for language, text in post.texts.items():
            is_original = language == contribution.original_language
            require(is_original or policy.edit(actor, contribution, None, language))
            edition = {"id": new_id(), "contribution_id": contribution.id, "language": language}
            draft = _revision(actor, edition["id"], 1, text, post.about if is_original else None)
            if not is_original:
                draft.based_on_id = begun[contribution.original_language].id
            editions.append({**edition, "is_original": is_original})
            begun[language] = draft
        drafts.append(begun)
    # What rows point to has to be there before them.
    session().add_all(made)
    session().flush()
    if editions:
        session().execute(insert(Edition), editions)
    session().add_all(draft for begun in drafts for draft in begun.values())
    session().flush()
    begun_all = [Begun(contribution, begun) for contribution, begun in zip(made, drafts, strict=True)]
    written = [(one.contribution, draft, code) for one in begun_all for code, draft in one.drafts.items()]
    log_all(actor, "create", written, "")
    return begun_all


def _contribution(actor: Actor, kind: Kind, post: Post) -> Contribution:
    return Contribution(
        id=new_id(),
        kind=kind,
        organisation_id=actor.organisation_id,
        author_id=actor.person_id,
        original_language=next(iter(post.texts)),
        audience=None,
        form_token=f"{actor.person_id}:{post.form_token}",
        created_at=now(),
        changed_at=now(),
    )


def _edition(actor: Actor, contribution: Contribution, language: str) -> Edition | None:
    statement = select(Edition).where(
        Edition.contribution_id == contribution.id, Edition.language == language
    )
    return session().scalars(scoped(actor, statement)).first()


def _first_of(contribution: Contribution, language: str) -> Edition:
    edition = Edition(contribution_id=contribution.id, language=language, is_original=False)
    session().add(edition)
    session().flush()
    return edition


def _marks(actor: Actor, former: Revision | None, machine: Machine) -> dict[str, Any]:
    """What the next text keeps of a machine's part: marked until a person has reviewed it."""
    wrote = machine == Machine.WROTE
    is_machine = wrote or (former is not None and former.is_machine)
    reviewer = None
    if is_machine and not wrote and former is not None:
        reviewer = actor.person_id if machine == Machine.REVIEWED else former.machine_reviewed_by_id
    return {"is_machine": is_machine, "machine_reviewed_by_id": reviewer}


def _marked(revision: Revision, marks: dict[str, Any]) -> Revision:
    for name, value in marks.items():
        setattr(revision, name, value)
    return revision


def _revision(
    actor: Actor, edition_id: str, number: int, text: Text, about: About | None, round_: int = 1
) -> Revision:
    return Revision(
        id=new_id(),
        edition_id=edition_id,
        number=number,
        round=round_,
        author_id=actor.person_id,
        editor_id=actor.person_id,
        title=text.title,
        summary=text.summary,
        parts=text.parts,
        about=about.stored() if about is not None else None,
        created_at=now(),
        updated_at=now(),
    )


def _begun(
    actor: Actor,
    contribution: Contribution,
    edition: Edition,
    number: int,
    round_: int,
    text: Text,
    about: About | None,
    based_on: str | None,
) -> Revision:
    revision = _revision(actor, edition.id, number, text, about, round_)
    revision.based_on_id = based_on
    session().add(revision)
    session().flush()
    log(actor, "create", contribution, revision, "", language=edition.language)
    return revision


def _overwrite(
    actor: Actor,
    draft: Revision,
    expected: int,
    text: Text,
    about: About | None,
    changes_meaning: bool,
    based_on: str | None,
    marks: dict[str, Any],
) -> Revision:
    values = {
        **marks,
        "title": text.title,
        "summary": text.summary,
        "parts": text.parts,
        "about": about.stored() if about is not None else draft.about,
        "changes_meaning": changes_meaning,
        "based_on_id": based_on or draft.based_on_id,
        "editor_id": actor.person_id,
        "updated_at": now(),
        "version": expected + 1,
    }
    changed = session().execute(
        update(Revision)
        .where(Revision.id == draft.id, Revision.version == expected, Revision.state == State.DRAFT)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(theirs=draft)
    for name, value in values.items():
        setattr(draft, name, value)
    return draft
