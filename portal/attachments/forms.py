"""The forms of the page on which files are attached."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField

from portal.core.forms import LineField, PortalForm


class AttachForm(PortalForm):
    """Files to attach."""

    file = MultipleFileField(_("Files"))


class FileForm(PortalForm):
    """One attached file: its title, or that it is to be taken off."""

    file_id = HiddenField()
    title = LineField(_("Title"))
