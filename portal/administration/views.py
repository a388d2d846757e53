"""The secretariat's first page and organisations; whoever is no administrator finds nothing here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.administration import people_views, queries, upkeep_views
from portal.administration.forms import OrganisationForm
from portal.core import web
from portal.core.errors import Invalid, NotFound, Stale
from portal.core.i18n import LANGUAGES
from portal.organisations import actions, directory, policy
from portal.organisations import queries as organisation_queries
from portal.organisations.models import Organisation, OrganisationKind, OrganisationState
from portal.organisations.words import KINDS, STATES
from portal.taxonomy.queries import country_choices, region_choices, region_name

blueprint = Blueprint("administration", __name__, url_prefix="/<language:lang>/administration")
people_views.add_to(blueprint)
upkeep_views.add_to(blueprint)


@blueprint.before_request
def _administrators_only() -> None:
    if not web.actor().is_administrator:
        raise NotFound


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"nav": "administration", "states": STATES, "kind_name": KINDS, "region_name": region_name}


@blueprint.get("")
def index() -> Any:
    """How the portal stands: organisations, people, reviews that are late, failed jobs, the index."""
    return web.page(
        "administration/index.html",
        figures=queries.figures(web.actor()),
        index_is_ready=current_app.extensions["portal_index"].is_ready(),
    )


@blueprint.get("/organisations")
def organisations() -> Any:
    """All organisations, searched and filtered."""
    args = request.args
    filters = directory.Filters(
        args.get("q", "").strip()[:100], args.get("kind", ""), args.get("region", ""), args.get("state", "")
    )
    return web.page(
        "administration/organisations.html",
        filters=filters,
        found=directory.find(filters, args.get("page", 1, type=int) or 1),
        kinds=list(OrganisationKind),
        all_states=list(OrganisationState),
        regions=region_choices(),
        page_url=lambda number: url_for("administration.organisations", **{**args, "page": number}),
    )


@blueprint.route("/organisations/new", methods=["GET", "POST"])
def new_organisation() -> Any:
    """Add an organisation."""
    form = OrganisationForm()
    if request.method == "GET":
        return _organisation(form, None)
    try:
        made = actions.create_organisation(web.actor(), form.code.data or "", form.facts())
    except Invalid as refused:
        form.add_errors(refused)
        return _organisation(form, None, status=422)
    flash(_("The organisation is added. Invite its first coordinator."), "ok")
    return redirect(url_for("organisations.members", id=made.id), 303)


@blueprint.route("/organisations/<slugged:id>", methods=["GET", "POST"])
def organisation(id: str) -> Any:
    """The facts of an organisation that the secretariat keeps."""
    found = organisation_queries.organisation(id)
    form = OrganisationForm()
    if request.method == "GET":
        form.fill(found)
        return _organisation(form, found)
    try:
        actions.edit_organisation(web.actor(), found, form.facts(), form.version.data or 0)
    except Invalid as refused:
        form.add_errors(refused)
        return _organisation(form, found, status=422)
    except Stale as changed:
        form.version.data = changed.theirs.version
        return _organisation(form, changed.theirs, is_stale=True, status=409)
    flash(_("The organisation is saved."), "ok")
    return redirect(url_for("administration.organisation", id=id), 303)


@blueprint.post("/organisations/<slugged:id>/suspend")
def suspend_organisation(id: str) -> Any:
    """Suspend an organisation."""
    actions.suspend(web.actor(), organisation_queries.organisation(id))
    flash(_("The organisation is suspended. Its people have no access from their next request on."), "ok")
    return redirect(url_for("administration.organisation", id=id), 303)


@blueprint.post("/organisations/<slugged:id>/reactivate")
def reactivate_organisation(id: str) -> Any:
    """Lift a suspension."""
    actions.reactivate(web.actor(), organisation_queries.organisation(id))
    flash(_("The suspension is lifted."), "ok")
    return redirect(url_for("administration.organisation", id=id), 303)


def _organisation(
    form: OrganisationForm, found: Organisation | None, *, is_stale: bool = False, status: int = 200
) -> Any:
    return web.page(
        "administration/organisation.html",
        status,
        form=form,
        organisation=found,
        is_stale=is_stale,
        may_suspend=found is not None and policy.suspend(web.actor(), found),
        kinds=list(OrganisationKind),
        regions=region_choices(),
        countries=country_choices(),
        languages=LANGUAGES,
    )


def install(app: Flask) -> None:
    """Register the back office."""
    app.register_blueprint(blueprint)
