"""Who may go on with an upload: pure functions."""

from __future__ import annotations

from portal.core.access import Actor
from portal.files.models import Upload


def continue_upload(actor: Actor, upload: Upload) -> bool:
    """The person who began it, and nobody else."""
    return actor.is_signed_in and upload.uploader_id == actor.person_id
