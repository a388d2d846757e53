"""What the actions of accounts do at their edges, which no page leads to."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts import passwords
from portal.accounts.actions import reset_password, sign_out
from portal.accounts.delivery import mail_reset
from portal.accounts.models import PasswordReset
from portal.audit.models import AuditEntry
from portal.core.access import ANONYMOUS
from portal.core.clock import now
from portal.core.db import Database, session
from portal.core.errors import NotFound
from portal.mail.transport import MemoryTransport
from tests.world import World

NEW = "correct-mango-42-ferry"


def test_a_visitor_who_signs_out_leaves_no_trace(app: Flask, database: Database) -> None:
    with app.test_request_context(), database.unit_of_work():
        sign_out(ANONYMOUS)
        assert session().scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_a_link_that_nobody_mailed_sets_no_password(app: Flask, database: Database) -> None:
    with app.test_request_context(), database.unit_of_work(), pytest.raises(NotFound):
        reset_password("made-up", NEW, lambda _person: ANONYMOUS)


@pytest.mark.one_database
def test_a_link_that_is_used_while_the_password_is_hashed_sets_no_second_one(
    app: Flask, database: Database, world: World, post_box: MemoryTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_reset(app, {"person_id": world.people["author"]})
    found = re.search(r"/reset-password/(\S+)", str(post_box.sent[-1].get_body(("plain",))))
    assert found is not None
    hashing = passwords.hash_password

    def overtaken(password: str) -> str:
        with database.unit_of_work():
            session().execute(update(PasswordReset).values(used_at=now()))
        return hashing(password)

    monkeypatch.setattr(passwords, "hash_password", overtaken)
    with app.test_request_context(), database.unit_of_work(write=False), pytest.raises(NotFound):
        reset_password(found[1], NEW, lambda _person: ANONYMOUS)
