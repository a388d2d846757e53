"""Both adapters against servers on loopback: a real Apertium, and a stand-in for LibreTranslate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.config import Settings
from portal.machine import http
from portal.machine.apertium import Apertium
from portal.machine.libretranslate import LibreTranslate
from portal.machine.markdown import translate_markdown
from portal.machine.port import MachineError, UnknownPair, translator_from
from tests.machine.servers import StandIn, apertium, has_apertium, libretranslate

needs_apertium = pytest.mark.skipif(
    not has_apertium(), reason="apt-get install apertium-apy apertium-eng-spa apertium-fr-es"
)


@pytest.fixture(scope="module")
def apy() -> Iterator[Apertium]:
    with apertium() as url:
        yield Apertium(url)


@pytest.fixture
def stand_in() -> Iterator[tuple[str, StandIn]]:
    with libretranslate() as made:
        yield made


@needs_apertium
def test_apertium_serves_all_pairs_french_and_english_by_way_of_spanish(apy: Apertium) -> None:
    languages = ("en", "es", "fr")
    assert apy.pairs() == {(s, t) for s in languages for t in languages if s != t}
    assert apy.translate(["The port is open.", " "], "en", "es") == ["El puerto es abierto.", " "]
    (french,) = apy.translate(["The port is open."], "en", "fr")
    assert "port" in french
    assert "ouvert" in french
    (english,) = apy.translate(["Le port est ouvert."], "fr", "en")
    assert "open" in english
    with pytest.raises(UnknownPair):
        apy.translate(["x"], "en", "de")


@needs_apertium
def test_apertium_keeps_markdown_and_agreed_terms(apy: Apertium) -> None:
    source = (
        "# The port\n\nThe **big port** has [rules](https://example.org/a) since 2024.\n\n"
        "| Port | Days |\n|---|---|\n| The port | 12 |\n"
    )
    found = translate_markdown(
        source,
        lambda many: apy.translate(many, "en", "es"),
        lambda text: (
            [(text.find("rules"), text.find("rules") + 5, "resoluciones")] if "rules" in text else []
        ),
    )
    assert found.startswith("# El puerto\n")
    assert "[resoluciones](https://example.org/a)" in found
    assert "**" in found
    assert "2024" in found
    assert "| El puerto | 12 |" in found


def test_the_settings_name_the_translator_and_it_is_off_by_default() -> None:
    assert translator_from(Settings()) is None
    assert translator_from(Settings(machine_translation="apertium")) is None
    url = "http://127.0.0.1:1"
    found = translator_from(Settings(machine_translation="apertium", machine_translation_url=url))
    assert isinstance(found, Apertium)
    found = translator_from(Settings(machine_translation="libretranslate", machine_translation_url=url))
    assert isinstance(found, LibreTranslate)


def test_libretranslate_gets_batches_with_the_key_and_lists_our_languages(
    stand_in: tuple[str, StandIn],
) -> None:
    url, server = stand_in
    translator = LibreTranslate(url, "secret")
    assert ("en", "fr") in translator.pairs()
    assert ("en", "de") not in translator.pairs()
    many = [f"Text {number}" for number in range(30)]
    assert translator.translate(many, "en", "es") == [f"es: {text}" for text in many]
    sent = [body for path, body in server.asked if path == "/translate"]
    assert [len(body["q"]) for body in sent] == [25, 5]
    assert sent[0]["api_key"] == "secret"
    with pytest.raises(UnknownPair):
        translator.translate(["x"], "en", "de")


def test_a_server_without_a_key_is_sent_none(stand_in: tuple[str, StandIn]) -> None:
    url, server = stand_in
    LibreTranslate(url).translate(["x"], "en", "es")
    assert "api_key" not in server.asked[-1][1]


@pytest.mark.parametrize(
    "answer",
    [
        (302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
        (500, b"{}", {}),
        (200, b"not json", {}),
        (200, b'{"translatedText": "one"}', {}),
        (200, b"[]", {}),
    ],
    ids=["redirect", "error", "not json", "not a list", "another shape"],
)
def test_what_is_not_an_answer_is_an_error_and_redirects_are_not_followed(
    stand_in: tuple[str, StandIn], answer: tuple[int, bytes, dict[str, str]]
) -> None:
    url, server = stand_in
    server.instead = answer
    with pytest.raises(MachineError):
        LibreTranslate(url)._batch(["x"], "en", "es")
    assert len(server.asked) == 1
    for asks in (Apertium(url).pairs, lambda: Apertium(url)._one("x", "en", "es")):
        with pytest.raises(MachineError):
            asks()


def test_a_list_of_languages_of_another_shape_is_an_error(stand_in: tuple[str, StandIn]) -> None:
    url, server = stand_in
    server.languages = [{"code": "en"}]
    with pytest.raises(MachineError):
        LibreTranslate(url).pairs()


def test_an_answer_without_end_is_cut_off(
    stand_in: tuple[str, StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, server = stand_in
    monkeypatch.setattr(http, "LARGEST_ANSWER", 10)
    server.instead = (200, b'"' + b"x" * 100 + b'"', {})
    with pytest.raises(MachineError):
        LibreTranslate(url).pairs()


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(MachineError):
        LibreTranslate("http://127.0.0.1:1").pairs()
