"""The secretariat's pages of people: who they are, what they moderate, whether they have access."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.accounts import actions as accounts
from portal.accounts import policy
from portal.accounts import queries as account_queries
from portal.accounts.models import PersonState
from portal.administration import actions, queries
from portal.administration.forms import AdministratorForm, ScopesForm, TranslatesForm
from portal.core import web
from portal.core.i18n import LANGUAGES
from portal.organisations import actions as organisation_actions
from portal.organisations.words import ROLES
from portal.taxonomy.queries import region_choices


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses of these pages."""
    add = blueprint.add_url_rule
    one = "/people/<slugged:id>"
    add("/people", "people", people)
    add(one, "person", person)
    add(f"{one}/suspend", "suspend_person", suspend_person, methods=["POST"])
    add(f"{one}/reinstate", "reinstate_person", reinstate_person, methods=["POST"])
    add(f"{one}/end-sessions", "end_sessions", end_sessions, methods=["POST"])
    add(f"{one}/administrator", "set_administrator", set_administrator, methods=["POST"])
    add(f"{one}/scopes", "set_scopes", set_scopes, methods=["POST"])
    add(f"{one}/translates", "set_translates", set_translates, methods=["POST"])


def people() -> Any:
    """All people, searched and filtered."""
    args = request.args
    state, part = args.get("state", ""), args.get("part", "")
    found = account_queries.people(
        web.actor(),
        args.get("at", ""),
        search=args.get("q", ""),
        state=PersonState(state) if state in set(PersonState) else None,
        administrators_only=part == "administrators",
        ids=queries.moderator_ids() if part == "moderators" else None,
    )
    ids = [one.id for one in found.items]
    return web.page(
        "administration/people.html",
        found=found,
        text=args.get("q", ""),
        state=state,
        part=part,
        places=queries.places_of(ids),
        scopes=queries.scopes_of(ids),
        roles=ROLES,
    )


def person(id: str) -> Any:
    """One person: memberships, sessions, what they moderate."""
    found = account_queries.person(web.actor(), id)
    idle = timedelta(hours=web.settings().session_idle_hours)
    return web.page(
        "administration/person.html",
        person=found,
        standing=queries.standing_of(found, idle),
        may_change=policy.suspend(web.actor(), found),
        roles=ROLES,
        regions=region_choices(),
        languages=LANGUAGES,
    )


def suspend_person(id: str) -> Any:
    """Take somebody's access away."""
    accounts.suspend(web.actor(), account_queries.person(web.actor(), id))
    flash(_("The person is suspended and signed out everywhere."), "ok")
    return _to_person(id)


def reinstate_person(id: str) -> Any:
    """Give access back."""
    accounts.reinstate(web.actor(), account_queries.person(web.actor(), id))
    flash(_("The person may sign in again."), "ok")
    return _to_person(id)


def end_sessions(id: str) -> Any:
    """Sign somebody out everywhere."""
    actions.end_sessions(web.actor(), account_queries.person(web.actor(), id))
    flash(_("The person is signed out everywhere."), "ok")
    return _to_person(id)


def set_administrator(id: str) -> Any:
    """Make somebody an administrator, or no longer one."""
    wanted = bool(AdministratorForm().is_administrator.data)
    accounts.set_administrator(web.actor(), account_queries.person(web.actor(), id), wanted)
    if wanted:
        flash(_("The person is an administrator now, and signs in anew."), "ok")
    else:
        flash(_("The person is no administrator any more, and signs in anew."), "ok")
    return _to_person(id)


def set_scopes(id: str) -> Any:
    """Say what somebody moderates."""
    found = account_queries.person(web.actor(), id)
    organisation_actions.set_scopes(web.actor(), found, ScopesForm().chosen())
    flash(_("What the person moderates is saved. It holds at once."), "ok")
    return _to_person(id)


def set_translates(id: str) -> Any:
    """Say into which languages somebody translates."""
    found = account_queries.person(web.actor(), id)
    organisation_actions.set_translates(web.actor(), found, TranslatesForm().translates.data or ())
    flash(_("What the person translates is saved. It holds at once."), "ok")
    return _to_person(id)


def _to_person(person_id: str) -> Any:
    return redirect(url_for("administration.person", id=person_id), 303)
