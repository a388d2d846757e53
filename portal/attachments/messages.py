"""What we tell people about files, in their language, while they write for the post that carries them."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.core.access import Actor
from portal.core.db import session
from portal.editorial import policy
from portal.editorial.models import Contribution
from portal.files.known import Refusal
from portal.files.messages import refusal
from portal.notifications.messages import Message, message
from portal.notifications.models import Notification


@message("file.refused")
def refused(notification: Notification, recipient: Actor) -> Message | None:
    """To who sent a file that was refused when it was looked at."""
    contribution = session().get(
        Contribution, notification.contribution_id, execution_options={"scope": recipient}
    )
    if contribution is None or not policy.work_on(recipient, contribution):
        return None
    params = notification.params
    return Message(
        subject=_("File refused: %(name)s", name=params["name"]),
        paragraphs=(
            str(refusal(Refusal(params["reason"]))),
            _("Nobody can open this file. Remove it from the version, or attach another one."),
        ),
        endpoint="attachments.manage",
        values={"id": contribution.id, "language": params["language"]},
        button=_("Open the files"),
    )
