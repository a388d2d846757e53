"""The pages of cooperation: answers, threads, meetings, agreements, commitments, and their oversight."""

from __future__ import annotations

from flask import Blueprint, Flask

from portal.cooperation import (
    agreement_views,
    answer_views,
    commitment_views,
    meeting_views,
    oversight_views,
    thread_views,
)

blueprint = Blueprint("cooperation", __name__, url_prefix="/<language:lang>")
answer_views.add_to(blueprint)
thread_views.add_to(blueprint)
meeting_views.add_to(blueprint)
agreement_views.add_to(blueprint)
commitment_views.add_to(blueprint)
oversight_views.add_to(blueprint)


def install(app: Flask) -> None:
    """Register the room, and give the page of a need or an offer its place in the cooperation."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["cooperation_of"] = answer_views.cooperation_of
