"""Sending forms by hand, for tests that send what no page offers; see tests.http for a whole browser."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.world import PASSWORD

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def form_token(client: FlaskClient) -> str:
    """A form token that belongs to the client's cookie."""
    found = TOKEN.search(client.get("/en/forgot-password").text)
    assert found is not None, "the page has no form"
    return found[1]


def post(client: FlaskClient, url: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
    """Send a form to `url`, with a token."""
    return client.post(url, data={"csrf_token": form_token(client), **fields}, headers=headers)


def sign_in(
    client: FlaskClient, name: str, password: str = PASSWORD, language: str = "en", **fields: Any
) -> TestResponse:
    """Sign in as the person of the test world with that name."""
    email = name if "@" in name else f"{name.replace(' ', '.')}@test.example"
    return post(client, f"/{language}/sign-in", email=email, password=password, **fields)


def is_signed_in(client: FlaskClient) -> bool:
    """True when the portal knows the client: a visitor is sent to the sign-in page."""
    return client.get("/en/account").status_code == 200
