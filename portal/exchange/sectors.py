"""Which sectors and regions of other vocabularies speak of what is filed here, from the files in `data`.

DAC sectors: shared/data/iati/dac_sectors.csv (IATI Sector codelist). One that `needs_words` is
broader than customs: it counts where the words of the programme speak of customs too. DAC regions
are cut differently from those of the WCO: each stands for all WCO regions that it touches.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.taxonomy.queries import folded

DATA = Path(__file__).parent / "data"
WHOLE_WORLD = "998"
_CUSTOMS = re.compile(
    r"\b(customs|trade facilitation|border (management|agenc|crossing)|aduan|facilitacion del comercio|"
    r"comercio transfronterizo|douan|facilitation (des echanges|du commerce)|poste.? frontier)"
)


@dataclass(frozen=True)
class Sector:
    """A sector of the DAC, or a theme of the World Bank, and the topics that it stands for."""

    code: str
    topics: tuple[str, ...]
    needs_words: bool
    name_en: str
    name_es: str
    name_fr: str


@lru_cache(maxsize=1)
def sectors() -> dict[tuple[str, str], Sector]:
    """By vocabulary and code."""
    with (DATA / "sectors.csv").open(encoding="utf-8", newline="") as source:
        return {
            (row["vocabulary"], row["code"]): Sector(
                row["code"],
                tuple(row["topics"].split()),
                row["needs_words"] == "yes",
                row["en"],
                row["es"],
                row["fr"],
            )
            for row in csv.DictReader(source)
        }


@lru_cache(maxsize=1)
def dac_regions() -> dict[str, tuple[tuple[str, ...], str]]:
    """By the DAC's code: the WCO regions that it touches, and its name in English."""
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as source:
        return {row["dac"]: (tuple(row["wco"].split()), row["name"]) for row in csv.DictReader(source)}


@lru_cache(maxsize=256)
def sector_of_topic(code: str) -> Sector:
    """The DAC sector that says best what a topic is about: trade facilitation, unless one is closer."""
    dac = [sector for (vocabulary, _code), sector in sectors().items() if vocabulary == "DAC"]
    close = [sector for sector in dac if sector.topics == (code,)]
    return min(close, key=lambda sector: sector.needs_words) if close else sectors()["DAC", "33120"]


def speaks_of_customs(words: str) -> bool:
    """True where a text names customs, trade facilitation or the border, in any of the three languages."""
    return _CUSTOMS.search(folded(words)) is not None
