"""The two questions of those who watch over the portal; the answers name no versions and no hosts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, jsonify

from portal.core import web
from portal.core.db import Database
from portal.health import queries

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Any:
    """This process answers; nothing else is asked."""
    return _uncached({"status": "live"}, 200)


@blueprint.get("/ready")
def ready() -> Any:
    """The database answers, its tables are those of this release, and the disk has room; else 503."""
    database: Database = current_app.extensions["portal_database"]
    failing = queries.failing(database, web.settings().data)
    if failing:
        return _uncached({"status": "not ready", "failing": failing}, 503)
    return _uncached({"status": "ready"}, 200)


def _uncached(answer: dict[str, Any], status: int) -> Any:
    response = jsonify(answer)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Register the addresses, which have no language."""
    app.register_blueprint(blueprint)
