"""Imports for tests: a world whose World Bank has a coordinator, and running a file in it."""

from __future__ import annotations

import io

from flask import Flask
from sqlalchemy import select

from portal.core.access import SYSTEM
from portal.core.db import Database, session
from portal.core.guard import scoped
from portal.editorial.models import Contribution
from portal.exchange.houses import acting
from portal.exchange.models import ImportConflict, Imported
from portal.exchange.running import Order, Told, run
from portal.organisations.models import Organisation, Role
from tests import world as w
from tests.world import World, build_world


def bank_world() -> World:
    """The world of all tests, with a coordinator of the World Bank and its identifier."""
    world = build_world()
    bank = world.organisations["worldbank"]
    world.people["banker"] = w.make_person("banker", bank, Role.COORDINATOR)
    session().get_one(Organisation, bank).iati_identifier = "44000"
    session().flush()
    return world


def bring(
    app: Flask, database: Database, world: World, data: bytes, *, name: str = "programmes.xml", who: str = "banker",
    is_dry: bool = False, is_complete: bool = False,
) -> tuple[dict[str, int], list[Told]]:  # fmt: skip
    """Import a file for the World Bank; the counts that are not 0, and the verdicts."""
    bank = world.organisations["worldbank"]
    with app.app_context():
        with database.unit_of_work(write=False):
            house = session().get_one(Organisation, bank)
            order = Order(acting(world.actor(who), bank), house, name, is_dry, is_complete)
        verdicts: list[Told] = []
        counts: dict[str, int] = {}
        run(database, io.BytesIO(data), order, verdicts.append, counts)
    return {verdict: count for verdict, count in counts.items() if count}, verdicts


def imported(identifier: str = "44000-P1") -> tuple[Imported, Contribution]:
    """What was imported under an identifier, and its post."""
    row = session().scalars(scoped(SYSTEM, select(Imported).where(Imported.identifier == identifier))).one()
    statement = select(Contribution).where(Contribution.id == row.contribution_id)
    return row, session().scalars(scoped(SYSTEM, statement)).one()


def publish(world: World, identifier: str = "44000-P1") -> Contribution:
    """Have a moderator approve what was imported."""
    _row, made = imported(identifier)
    w.claim(world, made, language=made.original_language)
    w.approve(world, made, made.original_language)
    return made


def conflicts() -> list[ImportConflict]:
    """Every conflict that is open."""
    statement = select(ImportConflict).where(ImportConflict.settled_at.is_(None))
    return list(session().scalars(scoped(SYSTEM, statement)))
