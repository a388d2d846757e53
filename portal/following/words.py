"""The names of the kinds of things that can be followed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.following.models import Followed

KIND_NAMES = {
    Followed.CONTRIBUTION: _("Post"),
    Followed.ORGANISATION: _("Organisation"),
    Followed.TOPIC: _("Topic"),
    Followed.COUNTRY: _("Country"),
}
