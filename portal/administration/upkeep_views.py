"""The secretariat's pages of upkeep: failed jobs, the audit, names of countries and topics."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.administration import actions, queries
from portal.administration.forms import NamesForm
from portal.core import web
from portal.core.errors import Invalid
from portal.core.i18n import LANGUAGES
from portal.core.text import one_line
from portal.jobs.queries import counts
from portal.taxonomy import actions as taxonomy_actions
from portal.taxonomy import queries as taxonomy
from portal.taxonomy.models import Country, Topic


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    add("/jobs", "jobs", jobs)
    add("/jobs/<int:id>/retry", "retry_job", retry_job, methods=["POST"])
    add("/audit", "audit", audit)
    add("/vocabulary", "vocabulary", vocabulary)
    add("/vocabulary/countries/<iso2>", "country", country, methods=["GET", "POST"])
    add("/vocabulary/topics/<code>", "topic", topic, methods=["GET", "POST"])


def jobs() -> Any:
    """Jobs that failed for good and wait for a person."""
    found = queries.failed_jobs(request.args.get("at", ""))
    return web.page("administration/jobs.html", found=found, counts=counts())


def retry_job(id: int) -> Any:
    """Try a failed job again."""
    actions.retry_job(web.actor(), id)
    flash(_("The job is due again and is done within seconds."), "ok")
    return redirect(url_for("administration.jobs"), 303)


def audit() -> Any:
    """Who did what, for which organisation, when; ids and states, never a title."""
    args = request.args
    filters = queries.AuditFilters(
        one_line(args.get("verb", ""))[:60],
        one_line(args.get("person", ""))[:254],
        one_line(args.get("object", ""))[:60],
    )
    found = queries.audit(filters, args.get("at", ""))
    return web.page("administration/audit.html", found=found, filters=filters)


def vocabulary() -> Any:
    """The names of countries and topics."""
    tab = "topics" if request.args.get("tab") == "topics" else "countries"
    kept = taxonomy.taxonomy()
    return web.page(
        "administration/vocabulary.html",
        tab=tab,
        countries=[kept.countries[code] for code, _name in taxonomy.country_choices()]
        if tab == "countries"
        else [],
        tree=taxonomy.topic_tree() if tab == "topics" else [],
        languages=LANGUAGES,
    )


def country(iso2: str) -> Any:
    """Edit the names of a country."""
    found = taxonomy.country_for_editing(iso2)
    form = NamesForm()
    if request.method == "GET":
        form.show_names(found)
        return _names(form, found, iso2)
    try:
        taxonomy_actions.rename_country(web.actor(), found, form.names())
    except Invalid as refused:
        form.add_errors(refused)
        return _names(form, found, iso2, 422)
    flash(_("The names are saved. They are shown from the next page on."), "ok")
    return redirect(url_for("administration.vocabulary", _anchor=iso2), 303)


def topic(code: str) -> Any:
    """Edit the names of a topic."""
    found = taxonomy.topic_for_editing(code)
    form = NamesForm()
    if request.method == "GET":
        form.show_names(found)
        return _names(form, found, code)
    try:
        taxonomy_actions.rename_topic(web.actor(), found, form.names())
    except Invalid as refused:
        form.add_errors(refused)
        return _names(form, found, code, 422)
    flash(_("The names are saved. They are shown from the next page on."), "ok")
    return redirect(url_for("administration.vocabulary", tab="topics", _anchor=code), 303)


def _names(form: NamesForm, found: Country | Topic, code: str, status: int = 200) -> Any:
    return web.page(
        "administration/names.html",
        status,
        form=form,
        code=code,
        source=found.source,
        tab="topics" if isinstance(found, Topic) else "countries",
        languages=LANGUAGES,
    )
