"""The room of cooperation: answers, and commitments."""

from __future__ import annotations

from flask import Blueprint, Flask

from portal.cooperation import answer_views, commitment_views

blueprint = Blueprint("cooperation", __name__, url_prefix="/<language:lang>")
answer_views.add_to(blueprint)
commitment_views.add_to(blueprint)


def install(app: Flask) -> None:
    """Register the room, and give the page of a need or an offer its place in the cooperation."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["cooperation_of"] = answer_views.cooperation_of
