"""Which search engine the portal has, as `SEARCH` says: several, behind one protocol."""

from __future__ import annotations

from portal.config import Settings
from portal.core.db import Database
from portal.search.index import SearchIndex


def index_of(settings: Settings, database: Database) -> SearchIndex:
    """The index of this process; the other engine is not even imported."""
    if settings.search == "postgresql":
        from portal.search.postgres_index import PostgresIndex

        return PostgresIndex(database)
    from portal.search.whoosh_index import WhooshIndex

    return WhooshIndex(settings.index_folder)
