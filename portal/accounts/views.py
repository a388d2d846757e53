"""Signing in and out, lost passwords, and a person's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.accounts import actions, queries, sessions
from portal.accounts.browsers import browser_name
from portal.accounts.forms import ChangePasswordForm, ForgotForm, NewPasswordForm, ProfileForm, SignInForm
from portal.accounts.models import Person
from portal.accounts.passwords import SHORTEST
from portal.core import web
from portal.core.errors import Invalid, NotFound
from portal.core.i18n import LANGUAGES
from portal.core.limits import (
    FORGOT_LIMIT,
    SIGN_IN_LIMIT,
    SIGN_IN_PERSON_LIMIT,
    limiter,
    typed_address,
    was_refused,
)

blueprint = Blueprint("accounts", __name__, url_prefix="/<language:lang>")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"], deduct_when=was_refused)
@limiter.limit(SIGN_IN_PERSON_LIMIT, key_func=typed_address, methods=["POST"], deduct_when=was_refused)
def sign_in() -> Any:
    """Sign in; leads to the address asked for, to what was typed before, or to the workspace."""
    if request.method == "GET":
        target = web.safe_next(request.args.get("next", ""))
        if web.actor().is_signed_in:
            return redirect(target or url_for("publishing.workspace"), 303)
        return web.page("accounts/sign_in.html", form=None, next_url=target, kept="")
    form = SignInForm()
    target = web.safe_next(form.next.data or "")
    try:
        person = actions.sign_in(form.email.data or "", form.password.data or "", web.actor_with_id)
    except Invalid as refused:
        form.add_errors(refused)
        form.forget_passwords()
        kept = form.kept.data or ""
        return web.page("accounts/sign_in.html", 422, form=form, next_url=target, kept=kept)
    sessions.open_session(person)
    typed = web.typed_before(form.kept.data or "")
    if typed is not None and web.safe_next(typed[0]):
        return web.page("accounts/resume.html", address=typed[0], fields=typed[1])
    return redirect(target or url_for("publishing.workspace", lang=person.language), 303)


@blueprint.post("/sign-out")
def sign_out() -> Any:
    """Sign out in this browser."""
    actions.sign_out(web.actor())
    return redirect(url_for("home.index"), 303)


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@limiter.limit(FORGOT_LIMIT, methods=["POST"])
@limiter.limit(FORGOT_LIMIT, key_func=typed_address, methods=["POST"])
def forgot() -> Any:
    """Ask for a link to set a new password; the answer is the same for every address."""
    form = ForgotForm()
    if request.method == "GET":
        return web.page("accounts/forgot.html", form=form, sent_to="")
    try:
        address = actions.checked_address(form.email.data or "")
    except Invalid as refused:
        form.add_errors(refused)
        return web.page("accounts/forgot.html", 422, form=form, sent_to="")
    actions.request_reset(address)
    return web.page("accounts/forgot.html", form=form, sent_to=address)


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"], deduct_when=was_refused)
def reset(token: str) -> Any:
    """Set a new password with the link from a mail, which works once."""
    if queries.reset_of(token) is None:
        return web.page("accounts/reset_void.html", 410)
    form = NewPasswordForm()
    if request.method == "GET":
        return web.page("accounts/reset.html", form=form, token=token, shortest=SHORTEST)
    try:
        actions.reset_password(token, form.password.data or "", web.actor_with_id)
    except Invalid as refused:
        form.add_errors(refused)
        form.forget_passwords()
        return web.page("accounts/reset.html", 422, form=form, token=token, shortest=SHORTEST)
    except NotFound:
        return web.page("accounts/reset_void.html", 410)
    sessions.close_session()
    flash(_("Your new password is set. Sign in with it."), "ok")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/account", methods=["GET", "POST"])
def profile() -> Any:
    """One's own name, languages and organisations."""
    if not web.actor().is_signed_in:
        return _visitor()
    person = queries.myself(web.actor())
    form = ProfileForm()
    if request.method == "GET":
        form.fill(person)
        return _profile(form, person)
    try:
        actions.update_profile(web.actor(), form.name.data or "", form.language.data or "", form.others())
    except Invalid as refused:
        form.add_errors(refused)
        return _profile(form, person, 422)
    flash(_("Your profile is saved."), "ok")
    return redirect(url_for("accounts.profile"), 303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"], deduct_when=was_refused)
def change_password() -> Any:
    """Set a new password, knowing the current one."""
    if not web.actor().is_signed_in:
        return _visitor()
    form = ChangePasswordForm()
    if request.method == "GET":
        return web.page("accounts/password.html", form=form, shortest=SHORTEST)
    current, new = form.current_password.data or "", form.new_password.data or ""
    try:
        actions.change_password(web.actor(), current, new)
    except Invalid as refused:
        form.add_errors(refused)
        form.forget_passwords()
        return web.page("accounts/password.html", 422, form=form, shortest=SHORTEST)
    flash(_("Your new password is set. You are signed out everywhere else."), "ok")
    return redirect(url_for("accounts.change_password"), 303)


@blueprint.get("/account/sessions")
def browsers() -> Any:
    """Where the person is signed in."""
    if not web.actor().is_signed_in:
        return _visitor()
    idle = timedelta(hours=web.settings().session_idle_hours)
    return web.page(
        "accounts/browsers.html",
        found=queries.open_sessions(web.actor(), idle),
        current=sessions.current_token_hash(),
        browser_name=browser_name,
    )


@blueprint.post("/account/sessions/end")
def end_session() -> Any:
    """Sign out in one browser (`session`), or in all others."""
    actor = web.actor()
    if not actor.is_signed_in:
        return _visitor()
    chosen = request.form.get("session", "")
    if chosen == sessions.current_token_hash():
        return sign_out()
    if chosen:
        actions.end_session(actor, chosen)
        flash(_("You are signed out there."), "ok")
    else:
        actions.end_other_sessions(actor)
        flash(_("You are signed out everywhere else."), "ok")
    return redirect(url_for("accounts.browsers"), 303)


@blueprint.post("/account/acting")
def switch_organisation() -> Any:
    """Write for another of one's organisations."""
    actions.switch_organisation(web.actor(), request.form.get("organisation", ""))
    target = web.safe_next(request.form.get("next", ""))
    return redirect(target or url_for("publishing.workspace"), 303)


def _visitor() -> Any:
    if request.method == "GET":
        return web.ask_to_sign_in()
    raise NotFound


def _profile(form: ProfileForm, person: Person, status: int = 200) -> Any:
    return web.page("accounts/profile.html", status, form=form, person=person, languages=LANGUAGES)


def install(app: Flask) -> None:
    """Register the rooms of the account."""
    app.register_blueprint(blueprint)
