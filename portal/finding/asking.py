"""What an address asks of search: the text that was typed, the boxes that were ticked, order and page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, get_args

from werkzeug.datastructures import MultiDict

from portal.finding.queries import DEEPEST
from portal.search.index import FACETS, NO_FILTERS, Filters, Sort

VALUE = re.compile(r"[0-9A-Za-z._:-]{1,40}")
CHOICES = 12
ORIGINS = 60
"""How many values of one facet, and how many origins of other names, an address may name."""

SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True)
class Asked:
    """`chosen` are the boxes, without what fields of the text narrow to; `plain` is as in `queries.search`.

    With `shows_figures` the years and countries of what was found are drawn as well.
    """

    text: str = ""
    chosen: Filters = NO_FILTERS
    plain: tuple[str, ...] = ()
    sort: Sort = "relevance"
    page: int = 1
    shows_figures: bool = False

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """The parameters of the address that asks the same but for what is `changed`, on the first page."""
        own: dict[str, Any] = {
            "q": self.text,
            **self.chosen.chosen(),
            "plain": self.plain,
            "sort": "" if self.sort == SORTS[0] else self.sort,
            "show": "figures" if self.shows_figures else "",
        }
        return {name: value for name, value in (own | changed).items() if value}

    def toggled(self, facet: str, value: str) -> dict[str, Any]:
        """The parameters with one box ticked, or no more."""
        values: tuple[str, ...] = getattr(self.chosen, facet)
        after = tuple(v for v in values if v != value) if value in values else (*values, value)
        return self.parameters(**{facet: after})


def asked(arguments: MultiDict[str, str]) -> Asked:
    """What the arguments of an address ask; what cannot be meant is left out."""
    sort = arguments.get("sort")
    return Asked(
        text=arguments.get("q", "").strip(),
        chosen=Filters(**{facet: _values(arguments.getlist(facet), CHOICES) for facet in FACETS}),
        plain=_values(arguments.getlist("plain"), ORIGINS),
        sort=next((known for known in SORTS if known == sort), SORTS[0]),
        page=min(max(arguments.get("page", 1, type=int) or 1, 1), DEEPEST),
        shows_figures=arguments.get("show") == "figures",
    )


def joined(filters: Filters, others: Filters) -> Filters:
    """Any of the values of both, facet by facet."""
    both = {
        field.name: tuple(dict.fromkeys((*getattr(filters, field.name), *getattr(others, field.name))))
        for field in fields(Filters)
    }
    return Filters(**both)


def _values(given: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in given if VALUE.fullmatch(value)))[:most]
