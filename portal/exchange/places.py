"""Who is eligible for a programme: its countries, and its DAC regions as regions of the WCO."""

from __future__ import annotations

from portal.editorial.texts import COUNTRY_LIMIT
from portal.exchange.programmes import Into
from portal.exchange.reading import Activity, Node
from portal.exchange.sectors import WHOLE_WORLD, dac_regions

_DAC = frozenset({"", "1", "DAC"})
_GLOBAL_SCOPE = "1"
Places = tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...]]


def eligible(activity: Activity, into: Into) -> Places:
    """Countries (ISO alpha-2), WCO regions, and the places as the source names them.

    Both empty: for everybody. None instead of regions: nothing that is known here, which must not
    turn a programme for one place into one for everybody.
    """
    countries = _codes(activity, "recipient-country")
    known = [code for code in countries if code in into.regions_of]
    nodes = activity.all("recipient-region") or activity.all("transaction/recipient-region")
    regions: list[str] = []
    is_for_all = False
    for node in nodes:
        touched = _wco(node)
        is_for_all = is_for_all or (_is_dac(node) and node.get("code") == WHOLE_WORLD)
        regions += [code for code in touched if code in into.regions]
    places = (*(code for code in countries if code not in known), *(_named(node) for node in nodes))
    places = tuple(dict.fromkeys(place for place in places if place))
    if len(known) > COUNTRY_LIMIT:  # more than a post can name: their regions instead
        regions += [into.regions_of[code] for code in known]
        known = []
    if known or regions:
        return tuple(known), tuple(dict.fromkeys(regions)), places
    scope = activity.first("activity-scope")
    is_for_all = is_for_all or (scope is not None and scope.get("code") == _GLOBAL_SCOPE)
    return (), () if is_for_all else None, places


def _codes(activity: Activity, tag: str) -> list[str]:
    nodes = activity.all(tag) or activity.all(f"transaction/{tag}")
    return list(dict.fromkeys(code for node in nodes if (code := node.get("code").upper())))


def _is_dac(node: Node) -> bool:
    return node.get("vocabulary").upper() in _DAC


def _wco(node: Node) -> tuple[str, ...]:
    known = dac_regions().get(node.get("code")) if _is_dac(node) else None
    return known[0] if known is not None else ()


def _named(node: Node) -> str:
    """A region as the source has it: its code in its vocabulary, and the DAC's name where it is one."""
    code = node.get("code")
    if not code:
        return ""
    if not _is_dac(node):
        return f"{code} ({node.get('vocabulary')})"
    known = dac_regions().get(code)
    return f"{code} {known[1]}" if known is not None else code
