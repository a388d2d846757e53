"""The search page: how often one may search, and what that leaves alone."""

from __future__ import annotations

import dataclasses

import time_machine
from flask import Flask

from portal.app import create_app
from portal.core.db import Database
from tests.world import build_world


def test_the_sixty_first_new_search_in_a_minute_has_to_wait_but_a_kept_page_does_not(
    app: Flask, database: Database
) -> None:
    with database.unit_of_work():
        build_world()
    settings = dataclasses.replace(app.extensions["portal_settings"], rate_limits=True)
    strict = create_app(settings, database)
    strict.extensions["portal_index"].rebuild(())
    client = strict.test_client()
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        assert {client.get(f"/es/search?q=aduana{n}").status_code for n in range(60)} == {200}
        refused = client.get("/es/search?q=levante")
        assert refused.status_code == 429
        assert "Fueron demasiados" in refused.text or "Inténtelo" in refused.text
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/es/search?q=aduana1").status_code == 200
