"""Saved searches as their owners are shown them: what each looks for in words, or why it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.alerts.actions import NAME_LENGTH
from portal.alerts.models import SavedSearch
from portal.alerts.queries import Line
from portal.alerts.reading import Gone, asked_of, read
from portal.finding.asking import Asked
from portal.finding.labels import facet_titles, label, label_of_field
from portal.finding.problems import problem
from portal.finding.running import Search
from portal.notifications.choices import Frequency
from portal.notifications.words import FREQUENCY_NAMES
from portal.organisations.queries import organisation_names
from portal.search.query import QueryError

Names = Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """A saved search: how often its owner is mailed, its filters in words, the parameters of its page.

    `trouble` says why it finds nothing any more; the parameters are then those of what is left of it.
    """

    saved: SavedSearch
    frequency: str
    filters: Sequence[tuple[str, str]]
    parameters: Mapping[str, Any]
    trouble: str = ""


def kept(lines: Sequence[Line], overall: Frequency) -> list[Kept]:
    """These searches as their owner is shown them; `overall` is how often they are mailed of all others."""
    outcomes = [_outcome(asked_of(line.saved)) for line in lines]
    names = names_for(outcome for outcome in outcomes if isinstance(outcome, Search))
    return [
        _kept(line, FREQUENCY_NAMES[line.frequency or overall], outcome, names)
        for line, outcome in zip(lines, outcomes, strict=True)
    ]


def names_for(searches: Iterable[Search]) -> Names:
    """The names of the organisations that these searches are narrowed to, by id; one statement."""
    ids: set[str] = set()
    for search in searches:
        ids.update(search.asked.chosen.organisation)
        ids.update(v for meant in search.meant if meant.field.facet == "organisation" for v in meant.named)
    wanted = sorted(ids)
    return dict(zip(wanted, organisation_names(wanted), strict=True))


def filters_in_words(search: Search, names: Names) -> list[tuple[str, str]]:
    """Each filter as the title of its facet and the name of its value: those of the text, then the boxes."""
    titles = facet_titles()
    typed = [(titles[one.field.facet], label_of_field(one, names)) for one in search.meant]
    ticked = [
        (titles[facet], label(facet, value, names))
        for facet, values in search.asked.chosen.chosen().items()
        for value in values
    ]
    return typed + ticked


def default_name(search: Search, names: Names) -> str:
    """What a search is called until its owner names it: its text, or its filters where it has no words."""
    labels = ", ".join(words for _title, words in filters_in_words(search, names))
    text = "" if search.query.is_empty else search.asked.text
    return (text or labels or str(_("All posts")))[:NAME_LENGTH]


def _outcome(asked: Asked) -> Search | Gone | QueryError:
    try:
        return read(asked)
    except (Gone, QueryError) as error:
        return error


def _kept(line: Line, frequency: str, outcome: Search | Gone | QueryError, names: Names) -> Kept:
    asked = asked_of(line.saved)
    if isinstance(outcome, Search):
        return Kept(line.saved, frequency, filters_in_words(outcome, names), asked.parameters())
    left = asked.toggled(outcome.facet, outcome.value) if isinstance(outcome, Gone) else asked.parameters()
    return Kept(line.saved, frequency, (), left, trouble(outcome, asked))


def trouble(error: Gone | QueryError, asked: Asked) -> str:
    """Why a search cannot be read."""
    if isinstance(error, QueryError):
        return problem(error, asked).message
    sentences: dict[str, str] = {
        "topic": _("The topic “%(value)s” is no longer there.", value=error.value),
        "country": _("The country “%(value)s” is no longer there.", value=error.value),
        "region": _("The region “%(value)s” is no longer there.", value=error.value),
    }
    return sentences[error.facet]
