"""What we tell people about their account, in their language."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.mail.message import Message


def new_password(token: str) -> Message:
    """To somebody who has lost the password: the link to set a new one."""
    return Message(
        subject=_("Set a new password"),
        paragraphs=(
            _("Somebody, probably you, has asked to set a new password for this address."),
            _("The button below leads to the page where you choose it. It works once, for twenty minutes."),
            _("If it was not you, there is nothing to do: your password stays as it is."),
        ),
        endpoint="accounts.reset",
        values={"token": token},
        button=_("Set a new password"),
    )
