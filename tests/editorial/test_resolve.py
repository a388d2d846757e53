"""Which language a reader gets, and why."""

from __future__ import annotations

import pytest

from portal.editorial.resolve import EditionFacts, Reason, resolve


def edition(language: str, **values: bool) -> EditionFacts:
    facts = {"is_original": language == "en", "is_published": True, **values}
    return EditionFacts(id=f"e-{language}", language=language, **facts)


EN, ES, FR = edition("en"), edition("es"), edition("fr")


@pytest.mark.parametrize(
    ("editions", "wanted", "order", "shown", "reason"),
    [
        ([EN, ES], "es", (), "es", Reason.EXACT),
        ([EN, edition("es", is_outdated=True)], "es", (), "es", Reason.OUTDATED),
        ([EN, ES], "fr", ("fr", "es"), "es", Reason.NO_TRANSLATION),
        ([EN, ES], "fr", (), "en", Reason.NO_TRANSLATION),
        ([EN, edition("fr", is_published=False, in_review=True)], "fr", (), "en", Reason.IN_REVIEW),
        ([EN, edition("fr", is_published=False)], "fr", (), "en", Reason.NO_TRANSLATION),
        ([ES, FR], "en", (), "es", Reason.NO_TRANSLATION),
    ],
)
def test_the_wanted_language_then_the_readers_then_the_original(
    editions: list[EditionFacts], wanted: str, order: tuple[str, ...], shown: str, reason: Reason
) -> None:
    found = resolve(editions, wanted, order)
    assert found is not None
    assert (found.edition.language, found.reason, found.wanted) == (shown, reason, wanted)


def test_nothing_published_resolves_to_nothing() -> None:
    assert resolve([edition("en", is_published=False)], "en") is None
    assert resolve([], "en") is None
