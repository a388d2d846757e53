"""The commands: run, work, migrate, demo, reindex, check-index, create-admin."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from portal.config import Settings, SettingsError, kept_secret, settings_from
from portal.core.db import Database
from portal.core.migrating import upgrade

if TYPE_CHECKING:
    from flask import Flask

    from portal.accounts.models import Person


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Customs Exchange: run the portal and look after it. Settings come from the environment."""


@main.command()
@click.option("--demo", is_flag=True, help="Load the demo world first, once, and print its sign-ins.")
def run(demo: bool) -> None:
    """Migrate, then serve the portal: web and worker, until interrupted."""
    from portal.serving import serve

    settings = _settings()
    upgrade(settings.database_url)
    if demo:
        _load_demo(settings)
    click.echo(f"The portal is at http://127.0.0.1:{settings.port}/ (Ctrl-C stops it).")
    sys.exit(serve(settings))


@main.command()
def work() -> None:
    """Do what the job table asks for: mail, and the search index, until interrupted."""
    from portal.worker import Worker

    worker = Worker(_app())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_caught: worker.stop())
    worker.run()


@main.command()
def migrate() -> None:
    """Bring the tables of the database to what this release expects."""
    upgrade(_settings().database_url)
    click.echo("The database is up to date.")


@main.command()
@click.option(
    "--contributions", "count", type=int, default=0, help="Also make this many plausible ones, for load."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same ones.")
def demo(count: int, seed: int) -> None:
    """Load the demo world, once; with --contributions make many more (run reindex afterwards)."""
    from portal.demo.load import make_many

    settings = _settings()
    upgrade(settings.database_url)
    _load_demo(settings)
    if count:
        with click.progressbar(length=count, label="Contributions") as bar:
            made = make_many(
                Database(settings.database_url), count, seed, lambda done, _of: bar.update(done - bar.pos)
            )
        click.echo(f"{made} were new. Run `portal reindex` to make them findable.")


@main.command()
def reindex() -> None:
    """Build the search index anew beside the live one and put it in its place."""
    from portal.publishing.documents import all_documents

    app = _app()
    database: Database = app.extensions["portal_database"]
    with database.unit_of_work(write=False):
        count = app.extensions["portal_index"].rebuild(all_documents())
    click.echo(f"{count} documents are in the index.")


@main.command("check-index")
def check_index() -> None:
    """Compare the index with the database; exit with 1 and a report when they differ."""
    from portal.search.index import IndexUnavailable
    from portal.worker.indexing import drift

    app = _app()
    try:
        app.extensions["portal_index"].check()
        found = drift(app.extensions["portal_index"], app.extensions["portal_database"])
    except IndexUnavailable as error:
        click.echo(
            f"The index cannot be used ({error.reason}). The worker rebuilds it, or run `portal reindex`."
        )
        sys.exit(1)
    if found:
        click.echo(
            f"{found.missing} documents are missing, {found.extra} should not be there. Run `portal reindex`."
        )
        sys.exit(1)
    click.echo("The index holds what the database says.")


@main.command("create-admin")
@click.argument("email")
@click.argument("name")
@click.option("--language", type=click.Choice(["en", "es", "fr"]), default="en", show_default=True)
@click.password_option(help="At least 12 characters; asked for when it is not given.")
def create_admin(email: str, name: str, language: str, password: str) -> None:
    """Make an administrator in the secretariat: EMAIL and NAME."""
    from portal.accounts.actions import create_person
    from portal.core.access import SYSTEM
    from portal.core.errors import Invalid

    settings = _settings()
    upgrade(settings.database_url)
    app = _app()
    database: Database = app.extensions["portal_database"]
    try:
        with app.app_context(), database.unit_of_work():
            person = create_person(
                SYSTEM, email=email, name=name, language=language, password=password, is_administrator=True
            )
            _join_secretariat(person)
    except Invalid as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{email} is an administrator and can sign in.")


def _join_secretariat(person: Person) -> None:
    """Make a person a coordinator of the secretariat, with all organisations of the data around it."""
    from portal.organisations.actions.members import join
    from portal.organisations.loading import load_organisations
    from portal.organisations.models import OrganisationState, Role
    from portal.organisations.queries import organisation_with_code
    from portal.taxonomy.loading import load_taxonomy

    load_taxonomy()
    load_organisations()
    secretariat = organisation_with_code("WCO")
    assert secretariat is not None  # the data files have it
    secretariat.state = OrganisationState.ACTIVE
    join(secretariat, person, Role.COORDINATOR)


def _load_demo(settings: Settings) -> None:
    from portal.demo.loading import load_world

    password = settings.demo_password or kept_secret(settings.data, "demo-password")
    announced = load_world(settings, Database(settings.database_url), password)
    click.echo("Demo sign-ins, all with the password " + click.style(password, bold=True))
    for line in announced:
        duties = [str(line.role)]
        duties += [f"moderator ({language})" for language in line.moderates]
        duties += ["administrator"] if line.is_administrator else []
        click.echo(f"  {line.email:36} {line.organisation:6} {', '.join(duties)}")


def _settings() -> Settings:
    try:
        return settings_from()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _app() -> Flask:
    from portal.app import create_app

    return create_app(_settings())
