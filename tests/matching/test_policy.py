"""Who may say that a match is not relevant."""

from __future__ import annotations

import pytest

from portal.core.access import ANONYMOUS
from portal.matching import policy
from tests.editorial.test_policy import HOUSE, PEOPLE


def test_who_writes_for_an_organisation_may_say_so_for_it() -> None:
    assert {name for name in PEOPLE if policy.dismiss(PEOPLE[name])} == HOUSE | {"outsider"}
    assert not policy.dismiss(ANONYMOUS)


@pytest.mark.parametrize("name", ["reader", "moderator", "administrator", "translator into French"])
def test_readers_may_not(name: str) -> None:
    assert not policy.dismiss(PEOPLE[name])
