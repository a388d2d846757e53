"""The commands, run on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.cli import main
from portal.config import Settings
from portal.core.db import Database
from portal.search.dictionary import Dictionary
from tests.search.dictionaries import install
from tests.work import work_off
from tests.world import build_world, make_published

PASSWORD = "levante-mainlevee-release-42"


class Shell:
    """Runs commands with the settings of the test."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {
            "DATA": str(settings.data), "DATABASE_URL": settings.database_url, "SECRET_KEY": "test-only",
            "ARGON2_MEMORY_KIB": "64", "MAIL_URL": "memory:", "DEMO_PASSWORD": "",
        }  # fmt: skip

    def run(self, *words: str, **environment: str) -> Result:
        """`portal WORDS`."""
        return CliRunner().invoke(main, words, env={**self._environment, **environment})


@pytest.fixture
def shell(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose database has its tables already: `migrate` is tested in test_migrations."""
    monkeypatch.setattr("portal.cli.upgrade", lambda _url: None)
    return Shell(settings)


COMMANDS = (
    "run", "work", "migrate", "demo", "reindex", "check-index", "dictionary",
    "import-iati", "create-admin",
)  # fmt: skip


def test_every_command_explains_itself(shell: Shell) -> None:
    shown = shell.run("--help").output
    for command in COMMANDS:
        assert f"  {command} " in shown
        assert "Usage: " in shell.run(command, "--help").output


def test_a_setting_that_cannot_be_used_is_named(shell: Shell) -> None:
    told = shell.run("check-index", CLAIM_DAYS="soon")
    assert told.exit_code == 1
    assert "CLAIM_DAYS takes a whole number, not 'soon'." in told.output


def test_the_index_is_built_checked_and_found_to_have_drifted(
    shell: Shell, app: Flask, database: Database
) -> None:
    with database.unit_of_work():
        world = build_world()
        first = make_published(world).id
    missing = shell.run("check-index")
    assert missing.exit_code == 1
    assert "cannot be used (missing)" in missing.output
    assert "1 documents are in the index." in shell.run("reindex").output
    assert shell.run("check-index").exit_code == 0
    work_off(app)
    app.extensions["portal_index"].sync(first, [])
    drifted = shell.run("check-index")
    assert drifted.exit_code == 1
    assert "1 documents are missing, 0 should not be there." in drifted.output
    assert first in drifted.output


def test_reindex_builds_the_index_of_another_engine_beside_the_live_one(
    shell: Shell, app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.cli.SAY_AGAIN", 0.0)
    with database.unit_of_work():
        world = build_world()
        for number in range(3):
            make_published(world, f"Corridor {number}")
    work_off(app)
    built = shell.run("reindex", SEARCH="postgresql")
    if database.url.startswith("sqlite"):
        assert built.exit_code == 1
        assert "set DATABASE_URL to a PostgreSQL database, or SEARCH to whoosh" in built.output
    else:
        assert "2 of 3 documents were read." in built.output
        assert "3 documents are in the index." in built.output
        assert shell.run("check-index", SEARCH="postgresql").exit_code == 0
    assert shell.run("check-index").exit_code == 0


def test_the_dictionary_is_made_from_those_of_freedict(shell: Shell, settings: Settings) -> None:
    missing = shell.run("dictionary", str(settings.data / "none"))
    assert missing.exit_code == 1
    assert "eng-fra" in missing.output
    made = shell.run("dictionary", str(install(settings.data / "dictd")))
    assert made.exit_code == 0, made.output
    assert f"entries are in {settings.dictionary_file}." in made.output
    assert ("fr", "hangar") in Dictionary(settings.dictionary_file).translations("en", ["warehouse"])


def test_the_first_administrator_can_sign_in(shell: Shell, database: Database) -> None:
    weak = shell.run("create-admin", "head@wco.example", "A. Head", "--password", "short")
    assert weak.exit_code == 1
    made = shell.run("create-admin", "head@wco.example", "A. Head", "--password", PASSWORD)
    assert made.exit_code == 0, made.output
    twice = shell.run("create-admin", "head@wco.example", "A. Head", "--password", PASSWORD)
    assert "already" in twice.output
    from portal.accounts.queries import person_with_address
    from portal.organisations.actors import actor_with_id

    with database.unit_of_work():
        person = person_with_address("head@wco.example")
        assert person is not None
        actor = actor_with_id(person.id)
        assert actor.is_signed_in
        assert actor.is_administrator
        assert [m.kind for m in actor.memberships] == ["secretariat"]


@pytest.mark.one_database
def test_the_demo_world_is_loaded_once_and_its_password_told_again(shell: Shell, settings: Settings) -> None:
    first = shell.run("demo").output
    kept = (settings.data / "demo-password").read_text().strip()
    assert (settings.data / "demo-password").stat().st_mode & 0o077 == 0
    assert f"Password of them all: {kept}" in first
    assert "analyst@jica.example" in first
    assert shell.run("demo").output == first
    assert shell.run("demo", DEMO_PASSWORD="another-password-1").output == first


@pytest.mark.one_database
def test_many_contributions_are_made_on_top_of_the_demo_world(shell: Shell, tmp_path: Path) -> None:
    made = shell.run("demo", "--contributions", "5", "--seed", "7", DEMO_PASSWORD=PASSWORD)
    assert "5 were new" in made.output
    again = shell.run("demo", "--contributions", "5", "--seed", "7", DEMO_PASSWORD=PASSWORD)
    assert "0 were new" in again.output
