"""The map of tiles: where each administration's square stands; a layout of our own, not a map of borders."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

SIZE = 24
GAP = 3
# One line a row of tiles; a dot is an empty place. A code that the data does not have is left out.
LAYOUT = """
.   CAN .   BMU .   .   ISL .   NOR SWE FIN EST LVA .   RUS .   KAZ .   .   MNG
.   USA .   .   .   .   IRL GBR DNK NLD DEU POL LTU BLR UKR .   UZB KGZ TJK CHN KOR JPN
MEX BLZ CUB BHS ATG .   EU  BEL LUX CHE CZE SVK HUN MDA GEO AZE TKM .   .   .   HKG MAC
GTM HND JAM HTI DOM .   .   FRA AND AUT SVN HRV ROU SRB ARM .   AFG PAK NPL BTN .   PHL
SLV NIC CUW LCA BRB .   PRT ESP ITA MLT BIH MNE MKD BGR TUR .   IRN IND BGD MMR LAO .   .   .   PLW
.   CRI PAN TTO .   .   .   .   .   .   ALB XKX GRC CYP SYR IRQ KWT BHR LKA THA VNM
.   VEN GUY SUR .   CPV MAR DZA TUN LBY EGY ISR PSE LBN JOR SAU QAT ARE MDV KHM MYS BRN
COL ECU BRA .   .   SEN MRT MLI NER TCD SDN ERI .   .   YEM OMN .   .   .   SGP IDN TLS PNG SLB
PER BOL PRY .   .   GMB GNB BFA NGA CMR SSD ETH DJI .   .   .   .   .   .   .   .   .   .   VUT WSM
CHL ARG URY .   .   GIN CIV GHA TGO BEN CAF UGA KEN SOM .   .   .   .   .   .   .   AUS .   FJI TON
.   .   .   .   .   SLE LBR GNQ GAB COG COD RWA BDI .   .   .   .   .   .   .   .   .   NZL
.   .   .   .   .   STP .   .   AGO ZMB MWI TZA COM SYC
.   .   .   .   .   .   .   .   NAM BWA ZWE MOZ MDG MUS
.   .   .   .   .   .   .   .   .   ZAF LSO SWZ
"""


@dataclass(frozen=True)
class Tile:
    """One square: its code, its corner in the drawing, a step of 0 (none) to 4 (ten or more), a mark."""

    code: str
    x: int
    y: int
    step: int
    is_marked: bool


@dataclass(frozen=True)
class TileMap:
    """The drawing: its size and its tiles."""

    width: int
    height: int
    tiles: tuple[Tile, ...]


def tile_map(counts: dict[str, int], marked: Container[str] = ()) -> TileMap:
    """The map with each administration's number of posts as a step of colour, some of them marked."""
    rows = [line.split() for line in LAYOUT.strip().splitlines()]
    tiles = tuple(
        Tile(code, x * (SIZE + GAP), y * (SIZE + GAP), _step(counts.get(code, 0)), code in marked)
        for y, row in enumerate(rows)
        for x, code in enumerate(row)
        if code != "."
    )
    return TileMap(max(map(len, rows)) * (SIZE + GAP) - GAP, len(rows) * (SIZE + GAP) - GAP, tiles)


def _step(count: int) -> int:
    return 0 if count == 0 else 1 if count == 1 else 2 if count < 5 else 3 if count < 10 else 4
