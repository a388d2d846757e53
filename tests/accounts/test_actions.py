"""What the actions of accounts do at their edges, which no page leads to."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from portal.accounts.actions import sign_out
from portal.audit.models import AuditEntry
from portal.core.access import ANONYMOUS
from portal.core.db import Database, session


def test_a_visitor_who_signs_out_leaves_no_trace(app: Flask, database: Database) -> None:
    with app.test_request_context(), database.unit_of_work():
        sign_out(ANONYMOUS)
        assert session().scalar(select(func.count()).select_from(AuditEntry)) == 0
