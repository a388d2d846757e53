"""The route census: an endpoint that no leak test lists fails the build (security.md 2.5)."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.leaks.census import CENSUS


@pytest.mark.one_database
def test_every_endpoint_is_in_the_census_and_the_census_names_no_other(app: Flask) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert known - set(CENSUS) == set(), "put these endpoints into tests/leaks/census.py"
    assert set(CENSUS) - known == set(), "these are no more"


@pytest.mark.one_database
def test_whatever_is_not_crawled_says_why() -> None:
    assert all(reach.paths or reach.why_not for reach in CENSUS.values())
