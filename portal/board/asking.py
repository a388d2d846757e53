"""What the board is asked to show: the filters, as they stand in its address."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from portal.editorial.models import EXCHANGE, Kind
from portal.editorial.terms import Category, Help
from portal.taxonomy.queries import country_codes, taxonomy, topic_codes

E = TypeVar("E", bound=StrEnum)


class Closing(StrEnum):
    """When answers are wanted by, or else when it ends."""

    MONTH = "30"
    QUARTER = "90"
    UNDATED = "none"


class Standing(StrEnum):
    """How far the cooperation has come; without a choice, all that is not closed is shown."""

    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    AGREED = "agreed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Wanted:
    """The filters of the board. "" and None stand for no choice; what nobody knows is no choice either."""

    kind: Kind | None = None
    topic: str = ""
    region: str = ""
    country: str = ""
    help: Help | None = None
    category: Category | None = None
    closing: Closing | None = None
    standing: Standing | None = None

    @property
    def is_sorted_by_closing(self) -> bool:
        """True where the soonest to close come first; otherwise the newest do."""
        return self.closing in {Closing.MONTH, Closing.QUARTER}

    @property
    def is_narrowed(self) -> bool:
        """True when something is left out, besides one of the two kinds."""
        return bool(set(self.parameters()) - {"kind"})

    def parameters(self) -> dict[str, str]:
        """The filters as the address carries them."""
        chosen = {
            "kind": self.kind, "topic": self.topic, "region": self.region, "country": self.country,
            "help": self.help, "category": self.category, "closing": self.closing, "standing": self.standing,
        }  # fmt: skip
        return {name: str(value) for name, value in chosen.items() if value}


def wanted(arguments: Mapping[str, str]) -> Wanted:
    """The filters that an address names."""

    def code(name: str, known: Container[str]) -> str:
        value = arguments.get(name, "")
        return value if value in known else ""

    return Wanted(
        kind=_one_of(arguments.get("kind", ""), EXCHANGE),
        topic=code("topic", topic_codes()),
        region=code("region", taxonomy().regions),
        country=code("country", country_codes()),
        help=_one_of(arguments.get("help", ""), Help),
        category=_one_of(arguments.get("category", ""), Category),
        closing=_one_of(arguments.get("closing", ""), Closing),
        standing=_one_of(arguments.get("standing", ""), Standing),
    )


def _one_of(value: str, known: Iterable[E]) -> E | None:
    return next((one for one in known if one == value), None)
