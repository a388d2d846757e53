"""The three catalogues: complete, nothing fuzzy, with the same placeholders as the English."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "es", "fr")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def catalogue(language: str) -> Catalog:
    """The catalogue of one language."""
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def texts(value: object) -> list[str]:
    """The singular and, if there is one, the plural."""
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code says now."""
    target = tmp_path_factory.mktemp("pot") / "messages.pot"
    command = [
        sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "lazy_gettext",
        "-k", "lazy_ngettext:1,2", "-o", str(target), ".",
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    with target.open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_translated(language: str, extracted: Catalog) -> None:
    known = catalogue(language)
    missing = []
    for message in extracted:
        if not message.id:
            continue
        found = known.get(message.id if isinstance(message.id, str) else message.id[0])
        if found is None or not all(texts(found.string)) or found.fuzzy:
            missing.append(message.id)
    assert missing == []


def forms(message: Message) -> set[str]:
    """The placeholders of a message's own words."""
    return {p for text in texts(message.id) for p in PLACEHOLDER.findall(text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_english(language: str) -> None:
    wrong = [
        message.id
        for message in catalogue(language)
        if message.id and any(set(PLACEHOLDER.findall(t)) - forms(message) for t in texts(message.string))
    ]
    wrong += [
        message.id
        for message in catalogue(language)
        if message.id and not isinstance(message.id, tuple | list)
        and set(PLACEHOLDER.findall(str(message.string))) != forms(message)
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_mark_up_is_that_of_the_english(language: str) -> None:
    tags = re.compile(r"</?[a-z]+")
    for message in catalogue(language):
        for text in texts(message.string) if message.id else ():
            assert set(tags.findall(text)) <= {t for i in texts(message.id) for t in tags.findall(i)}, (
                message.id
            )
