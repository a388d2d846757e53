"""What a text and its terms look like on a page: the same for readers, moderators, print and packs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal.core.text import to_html
from portal.editorial.models import EXCHANGE, PARTS, Kind
from portal.editorial.terms import LINES, Line, Terms
from portal.editorial.texts import Text
from portal.publishing.forms import PART_LABELS
from portal.publishing.terms_form import HELP_NAMES
from portal.taxonomy.queries import region_name, topic_name


@dataclass(frozen=True)
class LineShown:
    """A line as a page shows it: its place, its words as HTML, the facts in the reader's language."""

    number: int
    line: Line
    html: Markup
    help: Any
    topic: str


@dataclass(frozen=True)
class TermsShown:
    """The lines of a need or an offer, and what holds for all of them."""

    terms: Terms
    lines: tuple[LineShown, ...]
    regions: tuple[str, ...]


def sections(kind: Kind, parts: Mapping[str, str]) -> list[tuple[Any, Markup]]:
    """The label and the HTML of each part that is shown as running text; lines are not."""
    shown = Text(parts=dict(parts)).pieces(kind)
    return [
        (PART_LABELS[name], to_html(shown[name]))
        for name in PARTS[kind]
        if name in shown and (kind not in EXCHANGE or name not in LINES)
    ]


def terms_of(kind: Kind, parts: Mapping[str, str], terms: Terms | None) -> TermsShown | None:
    """The terms with the words that `parts` has for their lines; None for kinds without terms."""
    if terms is None or kind not in EXCHANGE:
        return None
    lines = tuple(
        LineShown(
            number=number,
            line=line,
            html=to_html(parts.get(f"line{line.slot}", "")),
            help=HELP_NAMES[line.help],
            topic=topic_name(line.topic) if line.topic else "",
        )
        for number, line in enumerate(terms.lines, 1)
    )
    return TermsShown(terms, lines, tuple(region_name(code) for code in terms.regions))
