"""All writes to contributions: drafts, submission, review, publication; one function a verb."""

from portal.editorial.actions.drafts import (
    Begun,
    Machine,
    Post,
    ask_for_translation,
    create,
    create_all,
    save,
)
from portal.editorial.actions.files import change_files
from portal.editorial.actions.handing_on import hand_on
from portal.editorial.actions.publication import narrow, no_change_needed, restore, unpublish
from portal.editorial.actions.review import (
    approve,
    claim,
    confirm_edit,
    decline,
    expire_claims,
    hand_over,
    note,
    propose_edit,
    refuse_edit,
    release,
    request_changes,
)
from portal.editorial.actions.submission import appeal, clear, send_back, submit, submit_all, withdraw

__all__ = [
    "Begun",
    "Machine",
    "Post",
    "appeal",
    "approve",
    "ask_for_translation",
    "change_files",
    "claim",
    "clear",
    "confirm_edit",
    "create",
    "create_all",
    "decline",
    "expire_claims",
    "hand_on",
    "hand_over",
    "narrow",
    "no_change_needed",
    "note",
    "propose_edit",
    "refuse_edit",
    "release",
    "request_changes",
    "restore",
    "save",
    "send_back",
    "submit",
    "submit_all",
    "unpublish",
    "withdraw",
]
