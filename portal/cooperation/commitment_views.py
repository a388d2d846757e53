"""An organisation's page of commitments."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from portal.cooperation import commitments as commitment_reads
from portal.cooperation.commitments import Show
from portal.core import web
from portal.core.clock import now
from portal.core.errors import NotFound
from portal.organisations.queries import organisation
from portal.publishing.records import organisation_line


def add_to(blueprint: Blueprint) -> None:
    """Register the address of commitments."""
    blueprint.add_url_rule("/organisations/<slugged:id>/commitments", "commitments", commitments)


def commitments(id: str) -> Any:
    """What an organisation has committed itself to, for those who take part in the same threads."""
    actor = web.actor()
    if not actor.is_signed_in:
        raise NotFound
    today = now().date()
    counts = commitment_reads.counts(actor, id, today)
    its = organisation(id)
    wanted = request.args.get("show", "")
    show = Show(wanted) if wanted in set(Show) else Show.OPEN
    return web.page(
        "cooperation/commitments.html",
        nav="organisations",
        organisation=organisation_line(its),
        is_own=actor.has_role(id, "contributor"),
        show=show,
        counts=counts,
        today=today,
        found=commitment_reads.page(actor, id, show, today, request.args.get("at", "")),
    )
