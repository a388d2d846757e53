"""The directory, an organisation's page, and requests to join."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request, url_for

from portal.accounts import sessions
from portal.accounts.models import Person
from portal.audit.version import visibility_version
from portal.core import web
from portal.core.errors import Invalid
from portal.core.i18n import LANGUAGES, current_language, language_order, localised
from portal.core.limits import FORGOT_LIMIT, limiter
from portal.core.shared_pages import shared_page
from portal.organisations import (
    actions,
    directory,
    invitation_views,
    member_views,
    messages,
    policy,
    queries,
)
from portal.organisations.forms import RequestForm
from portal.organisations.models import Organisation, OrganisationKind
from portal.organisations.words import KINDS, KINDS_PLURAL, STATES
from portal.taxonomy.queries import given_country_name, region_choices, region_name

# Importing the words registers them for the inbox.
WORDS = messages

blueprint = Blueprint("organisations", __name__, url_prefix="/<language:lang>")
member_views.add_to(blueprint)


@blueprint.get("/organisations")
def index() -> Any:
    """All organisations by region and kind, or those that are looked for."""
    return shared_page("organisations/index.html", web.actor(), _directory, visibility_version())


@blueprint.get("/organisations/<slugged:id>")
def show(id: str) -> Any:
    """What an organisation is, what it says about itself, and what it has posted that the reader may see."""
    return shared_page("organisations/show.html", web.actor(), lambda: _page(id), visibility_version())


@blueprint.route("/request-access", methods=["GET", "POST"])
@limiter.limit(FORGOT_LIMIT, methods=["POST"])
def request_access() -> Any:
    """Ask to join an organisation; the answer is the same for every address."""
    form = RequestForm()
    person = sessions.signed_in_person()
    if request.method == "GET":
        form.organisation.data = request.args.get("organisation", "")
        return _request_page(form, person)
    if person is not None:
        form.name.data, form.email.data = person.name, person.email
    try:
        actions.request_access(
            web.actor(),
            queries.found(form.organisation.data or ""),
            form.name.data or "",
            form.email.data or "",
            current_language(),
            form.message.data or "",
        )
    except Invalid as refused:
        form.add_errors(refused)
        return _request_page(form, person, status=422)
    return _request_page(form, person, sent=True)


def _directory() -> tuple[dict[str, Any], bool]:
    kind = request.args.get("kind", "")
    region = request.args.get("region", "")
    regions = region_choices()
    filters = directory.Filters(
        request.args.get("q", "").strip()[:100],
        kind if kind in set(OrganisationKind) else "",
        region if region in dict(regions) else "",
    )
    found = directory.find(filters, request.args.get("page", 1, type=int) or 1) if filters else None
    context = {
        "nav": "organisations",
        "filters": filters,
        "found": found,
        "groups": directory.groups() if found is None else [],
        "regions": regions,
        "kinds": KINDS_PLURAL,
        "kind_name": KINDS,
        "states": STATES,
        "region_name": region_name,
        "page_url": lambda number: url_for("organisations.index", **{**request.args, "page": number}),
    }
    return context, not filters.text


def _page(organisation_id: str) -> tuple[dict[str, Any], bool]:
    organisation = queries.organisation(organisation_id)
    actor = web.actor()
    order = language_order(current_language(), actor.languages)
    shown = next((code for code in order if getattr(organisation, f"profile_{code}")), None)
    context = {
        "nav": "organisations",
        "organisation": organisation,
        "profile": getattr(organisation, f"profile_{shown}") if shown else "",
        "shown": shown,
        "other_names": _other_names(organisation),
        "kind_name": KINDS,
        "states": STATES,
        "region": region_name(organisation.region_code),
        "may_manage": policy.manage(actor, organisation),
        "belongs": actor.belongs_to(organisation.id),
    }
    return context, True


def _other_names(organisation: Organisation) -> list[tuple[str, str]]:
    """Its names in the other languages, without those that are the same."""
    shown = localised(organisation, "name")
    names = [(code, getattr(organisation, f"name_{code}")) for code in LANGUAGES]
    return [(code, name) for code, name in names if name != shown]


def _request_page(form: RequestForm, person: Person | None, *, sent: bool = False, status: int = 200) -> Any:
    return web.page(
        "organisations/request_access.html",
        status,
        form=form,
        person=person,
        sent=sent,
        choices=[] if sent else queries.choosable_organisations(),
    )


def install(app: Flask) -> None:
    """Register the rooms of organisations, and the names that the portal gives countries."""
    app.register_blueprint(blueprint)
    invitation_views.install(app)
    app.extensions["portal_country_name"] = given_country_name
