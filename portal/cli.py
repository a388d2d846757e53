"""The commands: run, work, migrate, demo, reindex, check-index, dictionary, import-iati, create-admin."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from portal.config import Settings, SettingsError, kept_secret, settings_from
from portal.core.db import Database
from portal.core.logs import configure_logging
from portal.core.migrating import upgrade

if TYPE_CHECKING:
    from flask import Flask

    from portal.accounts.models import Person
    from portal.core.access import Actor
    from portal.organisations.models import Organisation

SAY_AGAIN = 10.0  # seconds between lines about a long task, where there is no terminal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Customs Exchange: run the portal and look after it. Settings come from the environment."""
    os.umask(0o077)  # what we write is for the portal's own user


@main.command()
@click.option("--demo", is_flag=True, help="Load the demo world first, once, and print its sign-ins.")
def run(demo: bool) -> None:
    """Migrate, then serve the portal: web and worker, until interrupted.

    The address is printed as soon as pages can be asked for. A worker that dies is started again.
    """
    from portal.serving import PortTaken, serve

    configure_logging()
    settings = _settings()
    upgrade(settings.database_url)
    lines = _load_demo(settings) if demo else []

    def announce() -> None:
        click.echo("\n".join([*lines, f"The portal is at {settings.base_url}/ (Ctrl-C stops it)."]))
        sys.stdout.flush()

    try:
        sys.exit(serve(settings, announce))
    except PortTaken as taken:
        raise click.ClickException(f"{taken}. Choose another port with PORT=...") from taken


@main.command()
def work() -> None:
    """Do what the job table asks for: mail, and the search index, until interrupted.

    `portal run` has a worker already; more may run beside it. One of them keeps the index.
    """
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
    click.echo("\n".join(_load_demo(settings)))
    if count:
        with click.progressbar(length=count, label="Contributions") as bar:
            made = make_many(_database(settings), count, seed, lambda done, _of: bar.update(done - bar.pos))
        click.echo(f"{made} were new. Run `portal reindex` to make them findable.")


@main.command()
def reindex() -> None:
    """Build the search index anew beside the live one and put it in its place.

    With another SEARCH than the running processes have, build the index of that engine, before they
    are started again with it. Pages keep answering from the former one; what changes meanwhile is
    added by the worker.
    """
    from portal.search.index import IndexBusy
    from portal.worker.indexing import Keeper, findable_count

    app = _app()
    database: Database = app.extensions["portal_database"]
    try:
        with _told(findable_count(database)) as told:
            count = Keeper(app.extensions["portal_index"], database).rebuild("asked for", told)
    except IndexBusy as busy:
        raise click.ClickException("Another process is writing the index; try again in a minute.") from busy
    click.echo(f"{count} documents are in the index.")


@contextmanager
def _told(length: int) -> Iterator[Callable[[int], None]]:
    """What to call with the number of documents that were read: a bar on a terminal, else a line at times."""
    if sys.stdout.isatty():
        with click.progressbar(length=length, label="Documents") as bar:
            yield lambda done: bar.update(done - bar.pos)
        return
    said = monotonic()

    def told(done: int) -> None:
        nonlocal said
        if done == length or monotonic() - said > SAY_AGAIN:
            said = monotonic()
            click.echo(f"{done} of {length} documents were read.")

    yield told


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
        click.echo(f"Contributions: {' '.join(found.contributions[:20]) or 'none that the database knows'}")
        sys.exit(1)
    click.echo("The index holds what the database says.")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default="/usr/share/dictd")
def dictionary(folder: Path) -> None:
    """Make the dictionary that searches cross languages with, from FreeDict's in FOLDER.

    They are Debian's packages dict-freedict-eng-fra, -fra-eng, -eng-spa, -spa-eng and -fra-spa. Without
    the dictionary searches know the other names of topics alone. Running processes notice a new one.
    """
    from portal.search.freedict import NoDictionaries, make

    settings = _settings()
    try:
        count = make(folder, settings.dictionary_file)
    except NoDictionaries as error:
        raise click.ClickException(f"The dictionaries cannot be read: {error}.") from error
    click.echo(f"{count} entries are in {settings.dictionary_file}.")


@main.command("import-iati")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--organisation", "acronym", required=True, help="The acronym of the house whose programmes they are."
)
@click.option("--as", "email", default="", help="In whose name; default: the house's first coordinator.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each row.")
@click.option("--complete", is_flag=True, help="FILE has all programmes of the house: mark what it lacks.")
@click.option("--level", type=int, default=1, show_default=True, help="The level (hierarchy) to import.")
def import_iati(file: Path, acronym: str, email: str, dry_run: bool, complete: bool, level: int) -> None:
    """Import FILE, IATI activities (1.0x, 2.0x) or a table (.csv), as offers of an organisation.

    They are handed in for review in the name of one of its people. Prints a verdict for each row.
    """
    from portal.core.errors import Invalid
    from portal.exchange.running import Order, Told, closing_line, run, said

    app = _app()
    database: Database = app.extensions["portal_database"]

    def tell(told: Told) -> None:
        reason = f": {told.reason}" if told.reason else ""
        click.echo(f"{told.identifier or '-'}  {told.title or '-'}  {told.verdict}{reason}")

    counts: dict[str, int] = {}
    with app.app_context(), file.open("rb") as source:
        house, writer = _house_and_writer(database, acronym, email)
        order = Order(writer, house, file.name, dry_run, complete, level)
        try:
            run(database, source, order, tell, counts)
        except Invalid as refused:
            click.echo(f"Error: {said(refused)}", err=True)
            sys.exit(1)
        finally:
            click.echo(closing_line(counts))


def _house_and_writer(database: Database, acronym: str, email: str) -> tuple[Organisation, Actor]:
    """The house of an acronym, and who writes for it."""
    from portal.exchange.houses import writer_for
    from portal.organisations.queries import organisation_with_code

    with database.unit_of_work(write=False):
        house = organisation_with_code(acronym)
        if house is None:
            raise click.ClickException(f"There is no organisation {acronym}.")
        writer = writer_for(house.id, email)
    if writer is None:
        who = f"{email} does not write" if email else "Nobody writes"
        raise click.ClickException(f"{who} for {house.code}. Its coordinators can change that.")
    return house, writer


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


def _load_demo(settings: Settings) -> list[str]:
    """Load the demo world unless it is there; returns the lines that tell how to sign in."""
    from portal.demo.announcing import lines
    from portal.demo.loading import load_world

    password = settings.demo_password or kept_secret(settings.data, "demo-password")
    kept = settings.data / "demo-password"
    database = _database(settings)
    announced = load_world(settings, database, password)
    earlier = kept.read_text(encoding="ascii").strip() if kept.exists() else password
    return lines(database, announced, (password, earlier))


def _settings() -> Settings:
    try:
        return settings_from()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _app() -> Flask:
    from portal.app import create_app

    settings = _settings()
    return create_app(settings, _database(settings))


def _database(settings: Settings) -> Database:
    """The database, which is closed when the command ends."""
    database = Database(settings.database_url)
    click.get_current_context().call_on_close(database.dispose)
    return database
