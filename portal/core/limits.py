"""Rate limits: the limiter, the limits by name, and the answer to somebody who is too fast."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_babel import format_timedelta
from flask_babel import gettext as _
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address

from portal.core import web

limiter = Limiter(key_func=get_remote_address)

SIGN_IN_LIMIT = "10 per minute"
SIGN_IN_PERSON_LIMIT = "20 per 15 minutes"
FORGOT_LIMIT = "5 per 15 minutes"
SEARCH_LIMIT = "60 per minute"
SUGGEST_LIMIT = "300 per minute"
EXPORT_LIMIT = "10 per minute"


def install(app: Flask) -> None:
    """Make ready for the limits that views carry; to be called after `core.web.install`.

    All our limits are decorators, which check by themselves: the look that the library takes
    before every request is for limits of the whole application, and costs a tenth of a page.
    """
    limiter.init_app(app)
    if limiter.enabled:
        app.before_request_funcs[None].remove(limiter._check_request_limit)
    app.register_error_handler(RateLimitExceeded, _too_many)


def typed_address() -> str:
    """The key of the person whom a sign-in form names; a hash, since keys reach logs and Redis."""
    typed = request.form.get("email", "").strip().lower()
    return "person-" + hashlib.sha256(typed.encode("utf-8", "replace")).hexdigest()[:32]


def was_refused(response: Response) -> bool:
    """True for an answer that counts as a failed try: who signs in rightly is never locked out."""
    return response.status_code == 422


def _too_many(_error: RateLimitExceeded) -> Any:
    limit = limiter.current_limit
    seconds = max(1, round(limit.reset_at - time.time())) if limit is not None else 60
    wait = format_timedelta(timedelta(seconds=seconds), granularity="second", threshold=1.5)
    message = _("That was too often in a short time. Try again in %(wait)s.", wait=wait)
    if web.wants_json():
        response = jsonify(type="about:blank", status=429, detail=message, errors={})
        response.mimetype = "application/problem+json"
    else:
        response = web.page("error/429.html", message=message, errors={}, retry_after=seconds)
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response
