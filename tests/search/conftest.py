"""Fixtures of the search tests: every engine that implements the protocol, empty and ready."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.search.index import SearchIndex
from portal.search.memory_index import MemoryIndex
from portal.search.whoosh_index import WhooshIndex

ENGINES: dict[str, Callable[[Path], SearchIndex]] = {
    "whoosh": lambda path: WhooshIndex(path / "index"),
    "memory": lambda _path: MemoryIndex(),
}


@pytest.fixture(params=ENGINES)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    """An index that was never built."""
    return ENGINES[request.param](tmp_path)


@pytest.fixture
def index(blank: SearchIndex) -> SearchIndex:
    """An index without documents."""
    blank.rebuild([])
    return blank
