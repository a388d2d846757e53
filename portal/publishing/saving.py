"""What whoever writes a text is answered: that it is kept, or that a colleague saved it first."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask_babel import format_time
from flask_babel import gettext as _

from portal.core import web
from portal.core.clock import now
from portal.editorial.models import EXCHANGE, PARTS, Kind, Revision
from portal.editorial.texts import Text
from portal.publishing.forms import PART_LABELS, EditorForm
from portal.publishing.terms_form import TERM_FIELDS


def kept_answer(revision: Revision, edit_url: str, autosave_url: str) -> Any:
    """The JSON for an autosave: what to name with the next one, and where it goes."""
    return jsonify(
        revision=revision.id,
        version=revision.version,
        saved=_("Saved at %(time)s", time=format_time(now(), "short")),
        edit_url=edit_url,
        autosave_url=autosave_url,
    )


def _shown(form: EditorForm, theirs: Revision, kind: Kind) -> list[str]:
    """The parts that stand in either text, in the order of the form."""
    either = {**form.text(kind).pieces(kind), **Text.of(theirs).pieces(kind)}
    return [name for name in PARTS[kind] if name in either]


def conflict_page(form: EditorForm, kind: Kind, language: str, theirs: Revision, action: str) -> Any:
    """Both texts side by side, 409; what is saved there at `action` replaces `theirs`."""
    form.loaded.data, form.version.data = theirs.id, str(theirs.version)
    return web.page(
        "publishing/conflict.html",
        409,
        form=form,
        language=language,
        mine=form.text(kind),
        theirs=theirs,
        parts=_shown(form, theirs, kind),
        carried=TERM_FIELDS if kind in EXCHANGE else frozenset(),
        part_labels=PART_LABELS,
        action=action,
    )
