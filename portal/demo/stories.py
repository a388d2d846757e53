"""Reading the stories of the demo world: `world/*.toml`, one contribution a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from portal.core.i18n import LANGUAGES
from portal.core.text import one_line, tidy
from portal.editorial.models import EXCHANGE, OPTIONAL_PARTS, PARTS, Audience, Kind, State
from portal.editorial.terms import Category, Help, Line, Terms
from portal.editorial.texts import Text

FOLDER = Path(__file__).parent / "world"
UNPUBLISHED = "unpublished"
_TOP = {
    "kind", "organisation", "original", "audience", "organisations", "topics", "countries", "state", "date",
    "comment", "editions", "terms",
}  # fmt: skip


class StoryError(ValueError):
    """A file of the demo world cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class StoryEdition:
    """A story in one language.

    `before` is an earlier published wording with its date, on which the translations were made;
    `next` is a version that follows the published one, in a state and with a comment of its own.
    `is_current` marks a translation that was made from the version that stands now.
    """

    language: str
    text: Text
    state: State
    before: Text | None = None
    before_day: date | None = None
    next: Text | None = None
    next_state: State = State.DRAFT
    next_comment: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Story:
    """One contribution as its file tells it; `organisation` and `organisations` are codes.

    `comment` is what the moderator, approver or coordinator wrote when they decided; needs and offers
    have `terms`.
    """

    name: str
    kind: Kind
    organisation: str
    original: str
    audience: Audience
    organisations: tuple[str, ...]
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    state: State
    is_taken_down: bool
    day: date
    comment: str
    terms: Terms | None = None
    editions: Mapping[str, StoryEdition] = field(default_factory=dict)

    @property
    def is_published(self) -> bool:
        """True when the original was published at least once."""
        return self.state == State.PUBLISHED

    @property
    def original_edition(self) -> StoryEdition:
        """The edition in the original language."""
        return self.editions[self.original]

    @property
    def translations(self) -> list[StoryEdition]:
        """The other editions, in the portal's order of languages."""
        return [self.editions[code] for code in LANGUAGES if code in self.editions and code != self.original]


def read_stories(folder: Path = FOLDER) -> list[Story]:
    """All stories in the order of their file names. Raises StoryError."""
    return [read_story(path) for path in sorted(folder.glob("*.toml"))]


def read_story(path: Path) -> Story:
    """The story of one file. Raises StoryError."""
    try:
        return _story(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoryError(f"{path.name}: {error!r}") from error


def _story(name: str, data: dict[str, Any]) -> Story:
    unknown = set(data) - _TOP
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    kind = Kind(data["kind"])
    is_taken_down = data["state"] == UNPUBLISHED
    state = State.PUBLISHED if is_taken_down else State(data["state"])
    original = data["original"]
    if original not in LANGUAGES or not set(data["editions"]) <= set(LANGUAGES):
        raise ValueError("an edition in a language that the portal does not have")
    if original not in data["editions"]:
        raise ValueError("no edition in the original language")
    return Story(
        name=name,
        kind=kind,
        organisation=data["organisation"],
        original=original,
        audience=Audience(data["audience"]),
        organisations=tuple(data.get("organisations", ())),
        topics=tuple(data["topics"]),
        countries=tuple(data.get("countries", ())),
        state=state,
        is_taken_down=is_taken_down,
        day=_date(data["date"]),
        comment=tidy(data.get("comment", "")),
        terms=_terms(data["terms"]) if kind in EXCHANGE else None,
        editions={
            language: _edition(kind, language, told, state, is_original=language == original)
            for language, told in data["editions"].items()
        },
    )


def _edition(
    kind: Kind, language: str, told: dict[str, Any], story_state: State, *, is_original: bool
) -> StoryEdition:
    # A translation can be handed in once its original is published; until then it is a draft.
    usual = State.PUBLISHED if story_state == State.PUBLISHED else State.DRAFT
    state = story_state if is_original else State(told.get("state", usual))
    if not is_original and usual == State.DRAFT:
        state = State.DRAFT
    before, following = told.get("before"), told.get("next")
    if not is_original and (before or following):
        raise ValueError(f"{language}: only the original has a version before or after")
    return StoryEdition(
        language=language,
        text=_text(kind, told),
        state=state,
        before=_text(kind, before) if before else None,
        before_day=_date(before["date"]) if before else None,
        next=_text(kind, following) if following else None,
        next_state=State(following.get("state", State.DRAFT)) if following else State.DRAFT,
        next_comment=tidy(following.get("comment", "")) if following else "",
        is_current=_is_current(told.get("based_on", "before")),
    )


def _is_current(based_on: str) -> bool:
    if based_on not in {"before", "current"}:
        raise ValueError(f"based_on takes before or current, not {based_on}")
    return based_on == "current"


def _text(kind: Kind, told: dict[str, Any]) -> Text:
    parts = {
        part: tidy(told.get(part, ""))
        for part in PARTS[kind]
        if part in told or part not in OPTIONAL_PARTS[kind]
    }
    return Text(one_line(told["title"]), one_line(told["summary"]), parts)


def _terms(told: dict[str, Any]) -> Terms:
    lines = tuple(
        Line(
            slot=slot,
            help=Help(line["help"]),
            key=f"line{slot}",
            topic=line.get("topic", ""),
            category=Category(line["category"]) if "category" in line else None,
            due_on=line.get("due_on"),
            is_definitive=line.get("definitive", False),
        )
        for slot, line in enumerate(told["lines"], 1)
    )
    rest: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }
    return Terms(**(rest | {"lines": lines}))


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
