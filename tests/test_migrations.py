"""The migrations make the tables that the models name, forwards and backwards, on both databases."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, inspect

import portal
from portal.core.db import Base, Database
from portal.core.migrating import FOLDER, configuration, connection_to, downgrade, is_current, upgrade
from tests import engines

FILES = sorted((FOLDER / "versions").glob("*.py"))


@pytest.fixture
def url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database that nobody else uses."""
    yield from engines.bare(database_kind, tmp_path)


def tables_of(url: str) -> set[str]:
    """The names of the tables that are there."""
    database = Database(url, poolclass=NullPool)
    try:
        return set(inspect(database.engine).get_table_names())
    finally:
        database.dispose()


def test_up_down_and_up_again_without_drift(url: str) -> None:
    upgrade(url)
    assert tables_of(url) == {*Base.metadata.tables, "alembic_version"}
    downgrade(url, "base")
    assert tables_of(url) == {"alembic_version"}
    upgrade(url)
    upgrade(url)
    with connection_to(url) as connection:
        command.check(configuration(connection))


def test_readiness_knows_whether_the_tables_are_current(url: str) -> None:
    database = Database(url)
    assert not is_current(database)
    upgrade(url)
    assert is_current(database)
    database.dispose()


def test_models_that_declare_tables_are_all_found_by_the_migrations() -> None:
    for found in pkgutil.walk_packages(portal.__path__, "portal."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    declared = {mapper.class_.__module__ for mapper in Base.registry.mappers}
    known = {*(f"portal.{name}" for name in engines.TABLES)}
    assert declared == known
    assert {m for m in declared if not m.endswith(".models")} == {"portal.audit.version"}


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_is_named_by_its_date_and_imports_nothing_of_the_portal(path: Path) -> None:
    assert re.fullmatch(r"20\d{6}_\d{4}_[0-9a-f]{12}_[a-z0-9_]+", path.stem)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.partition(".")[0] == "portal"]
