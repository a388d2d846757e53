"""The pages of cooperation: threads, meetings, agreements, and what administrators see of them."""

from __future__ import annotations

from flask import Blueprint, Flask

from portal.cooperation import agreement_views, meeting_views, oversight_views, thread_views

blueprint = Blueprint("cooperation", __name__, url_prefix="/<language:lang>")
thread_views.add_to(blueprint)
meeting_views.add_to(blueprint)
agreement_views.add_to(blueprint)
oversight_views.add_to(blueprint)


def install(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(blueprint)
