"""What is printed of the demo world: who may sign in, and with which password."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.passwords import verify
from portal.core.db import Database, session
from portal.core.i18n import language_name
from portal.demo.cast import SignIn


def lines(database: Database, announced: Sequence[SignIn], candidates: Iterable[str]) -> list[str]:
    """The sign-ins and the one password of `candidates` that opens them, as lines to print.

    Where DEMO_PASSWORD was changed after loading, the people keep the password they were given.
    """
    with database.unit_of_work(write=False):
        hashed = session().scalar(select(Person.password_hash).where(Person.email == announced[0].email))
    password = next((one for one in dict.fromkeys(candidates) if verify(hashed, one)), None)
    told = password if password is not None else "the one that was set when the demo world was loaded"
    width = max(len(one.email) for one in announced)
    people = [f"  {one.email:<{width}}  {_part(one)}" for one in announced]
    return ["Demo sign-ins:", *people, f"Password of them all: {told}"]


def _part(one: SignIn) -> str:
    parts = [f"{one.role} in {one.organisation}"]
    if one.moderates:
        parts.append("moderates " + ", ".join(language_name(code, "en") for code in one.moderates))
    if one.translates:
        parts.append("translates into " + ", ".join(language_name(code, "en") for code in one.translates))
    if one.is_administrator:
        parts.append("administrator")
    return ", ".join(parts)
