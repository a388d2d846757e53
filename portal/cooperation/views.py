<<<<<<< HEAD
"""The room of cooperation: answers, and commitments."""
=======
"""The pages of cooperation: threads, meetings, agreements, and what administrators see of them."""
>>>>>>> ex5

from __future__ import annotations

from flask import Blueprint, Flask

<<<<<<< HEAD
from portal.cooperation import answer_views, commitment_views

blueprint = Blueprint("cooperation", __name__, url_prefix="/<language:lang>")
answer_views.add_to(blueprint)
commitment_views.add_to(blueprint)


def install(app: Flask) -> None:
    """Register the room, and give the page of a need or an offer its place in the cooperation."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["cooperation_of"] = answer_views.cooperation_of
=======
from portal.cooperation import agreement_views, meeting_views, oversight_views, thread_views

blueprint = Blueprint("cooperation", __name__, url_prefix="/<language:lang>")
thread_views.add_to(blueprint)
meeting_views.add_to(blueprint)
agreement_views.add_to(blueprint)
oversight_views.add_to(blueprint)


def install(app: Flask) -> None:
    """Register the room."""
    app.register_blueprint(blueprint)
>>>>>>> ex5
