"""The command line: `portal run`, `work`, `migrate`, `demo`, `reindex`, `check-index`, `create-admin`."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

import click

from portal.config import Settings, SettingsError, kept_secret, settings_from
from portal.core.db import Database


@click.group(context_settings={"max_content_width": 100})
def main() -> None:
    """Customs Exchange: customs administrations and their partners share reforms and lessons.

    Settings are read from the environment; docs/settings.md lists them.
    """


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo world first, unless it is there.")
def run(with_demo: bool) -> None:
    """Serve the portal: migrate, then web server and worker until Ctrl-C.

    The address is printed as soon as pages can be asked for. A worker that dies is started again.
    """
    from portal import supervisor
    from portal.app import configure_logging

    settings = _settings()
    configure_logging()
    _migrate(settings)
    lines = _load_demo(settings) if with_demo else []

    def announce() -> None:
        click.echo("\n".join([f"{settings.portal_name} is at {settings.base_url}/", *lines]))
        sys.stdout.flush()

    try:
        sys.exit(supervisor.run(settings, announce))
    except supervisor.PortTaken as error:
        raise click.ClickException(f"{error}. Choose another port with PORT=...") from error


@main.command()
def work() -> None:
    """Do what is queued: mail letters, keep the search index, give back claims that ran out.

    `portal run` has a worker already; more may run beside it. One of them keeps the index.
    """
    from portal.app import create_app
    from portal.worker import Worker

    worker = Worker(create_app(_settings()))

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run()


@main.command()
def migrate() -> None:
    """Bring the database's tables to what this release expects; safe to repeat."""
    settings = _settings()
    _migrate(settings)
    click.echo("The tables are those of this release.")


@main.command()
@click.option("--contributions", type=click.IntRange(1), help="Also make this many contributions, for load.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same ones.")
def demo(contributions: int | None, seed: int) -> None:
    """Load the demo world, unless it is there, and print its sign-ins.

    The password is DEMO_PASSWORD, or one that is made once and kept in the data folder. Those
    made with --contributions become findable with `portal reindex`, which is run here.
    """
    settings = _settings()
    _migrate(settings)
    click.echo("\n".join(_load_demo(settings)))
    if contributions is None:
        return
    from portal.demo.load import make_many

    database = Database(settings.database_url)
    began = time.monotonic()

    def tell(done: int, of: int) -> None:
        click.echo(f"\r{done} of {of} made", nl=done >= of, err=True)

    made = make_many(database, contributions, seed, tell)
    click.echo(f"{made} contributions made in {time.monotonic() - began:.0f} s.")
    database.dispose()
    _reindex(settings)


@main.command()
def reindex() -> None:
    """Build the search index anew beside the live one, and put it in its place.

    Pages keep answering from the old one; what changes meanwhile is added afterwards.
    """
    _reindex(_settings())


@main.command("check-index")
def check_index() -> None:
    """Compare the search index with the database; exit with 1 when they differ.

    A running worker repairs differences by itself; what it has still to do counts as one.
    """
    from portal.search.index import IndexUnavailable
    from portal.worker.indexing import drift

    settings = _settings()
    database, index = Database(settings.database_url), _index(settings)
    try:
        index.check()
        found = drift(index, database)
    except IndexUnavailable as error:
        click.echo(f"The index cannot be used: {error}. A worker rebuilds it, and so does `portal reindex`.")
        sys.exit(1)
    finally:
        database.dispose()
    if found:
        click.echo(f"{found.missing} editions are missing from the index, {found.extra} are there wrongly.")
        click.echo(f"Contributions concerned: {' '.join(found.contributions[:20]) or 'none that is known'}")
        sys.exit(1)
    click.echo(f"Index and database agree on {len(index.document_ids())} editions.")


@main.command("create-admin")
@click.option("--email", prompt="E-mail address", help="The address to sign in with.")
@click.option("--name", prompt="Name", help="The person's name.")
@click.option("--language", type=click.Choice(["en", "es", "fr"]), default="en", show_default=True)
@click.password_option(help="Asked for when not given. At least 12 characters.")
def create_admin(email: str, name: str, language: str, password: str) -> None:
    """Create an administrator of the portal, who belongs to the secretariat.

    Countries, topics and organisations are loaded first where they are missing.
    """
    from portal.app import create_app
    from portal.core.errors import Invalid
    from portal.organisations.founding import found_administrator

    settings = _settings()
    _migrate(settings)
    app = create_app(settings)
    database: Database = app.extensions["portal_database"]
    try:
        with app.test_request_context(base_url=settings.base_url), database.unit_of_work():
            found_administrator(email=email, name=name, language=language, password=password)
    except Invalid as error:
        raise click.ClickException(" ".join(m for words in error.errors.values() for m in words)) from error
    click.echo(f"{email} may sign in at {settings.base_url}/{language}/sign-in.")


def _settings() -> Settings:
    try:
        return settings_from()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _migrate(settings: Settings) -> None:
    from portal.core.migrating import upgrade

    upgrade(settings.database_url)


def _load_demo(settings: Settings) -> list[str]:
    """Load the demo world and return the lines that tell how to sign in."""
    from portal.demo.announcing import lines
    from portal.demo.loading import load_world

    password = settings.demo_password or kept_secret(settings.data, "demo-password")
    database = Database(settings.database_url)
    announced = load_world(settings, database, password)
    told = lines(database, announced, [password, *_kept_password(settings)])
    database.dispose()
    return told


def _kept_password(settings: Settings) -> list[str]:
    path = settings.data / "demo-password"
    return [path.read_text(encoding="ascii").strip()] if path.exists() else []


def _index(settings: Settings):  # type: ignore[no-untyped-def]
    from portal.search.whoosh_index import WhooshIndex

    return WhooshIndex(settings.index_folder)


def _reindex(settings: Settings) -> None:
    from portal.search.index import IndexBusy
    from portal.worker.indexing import Keeper

    database = Database(settings.database_url)
    began = time.monotonic()
    try:
        count = Keeper(_index(settings), database).rebuild("asked for")
    except IndexBusy as error:
        raise click.ClickException("Another process writes the index just now; try again.") from error
    finally:
        database.dispose()
    click.echo(f"{count} editions indexed in {time.monotonic() - began:.0f} s.")
