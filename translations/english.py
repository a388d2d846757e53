"""Fill the English catalogue: every message says itself."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po, write_po

CATALOGUE = Path(__file__).parent / "en" / "LC_MESSAGES" / "messages.po"


def fill() -> None:
    """Give each message of the English catalogue its own words as its translation."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    for message in catalogue:
        if message.id:
            message.string = message.id
            message.flags.discard("fuzzy")
    catalogue.fuzzy = False
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=0, omit_header=False, sort_output=True, ignore_obsolete=True)


if __name__ == "__main__":
    fill()
