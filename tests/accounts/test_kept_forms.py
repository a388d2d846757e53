"""What was typed outlives a vanished session."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from portal.core.web import typed_before
from tests.by_hand import TOKEN, form_token, sign_in
from tests.world import World

KEPT = re.compile(r'name="kept" value="([^"]+)"')
WORDS = "What we learned at the border <b>post</b>.\n\nA second paragraph."


def _post_as_a_visitor(client: FlaskClient, **fields: str) -> str:
    answer = client.post(
        "/en/account", data={"csrf_token": form_token(client), "name": WORDS, "language": "es", **fields}
    )
    assert answer.status_code == 401
    return answer.text


def test_a_form_posted_without_a_session_is_kept_through_the_sign_in(
    client: FlaskClient, world: World
) -> None:
    page = _post_as_a_visitor(client)
    assert "What you typed is kept" in page
    found = KEPT.search(page)
    assert found is not None
    again = sign_in(client, "author", kept=found[1])
    assert again.status_code == 200
    assert "You are signed in again" in again.text
    assert 'action="/en/account"' in again.text
    assert 'name="language" value="es"' in again.text
    assert "<p>A second paragraph.</p>" in again.text
    assert "<b>post</b>" not in again.text
    token = TOKEN.search(again.text)
    assert token is not None
    sent = client.post("/en/account", data={"csrf_token": token[1], "name": "Ann Author", "language": "es"})
    assert sent.status_code == 303, "the page's own token belongs to the new session"


def test_a_form_whose_token_has_gone_with_the_session_is_kept_too(client: FlaskClient, world: World) -> None:
    answer = client.post("/en/account", data={"csrf_token": "stale", "name": WORDS})
    assert answer.status_code == 401
    assert KEPT.search(answer.text) is not None


def test_a_wrong_password_does_not_lose_what_is_kept(client: FlaskClient, world: World) -> None:
    found = KEPT.search(_post_as_a_visitor(client))
    assert found is not None
    answer = sign_in(client, "author", "not-the-right-one", kept=found[1])
    assert answer.status_code == 422
    assert KEPT.search(answer.text)[1] == found[1]  # type: ignore[index]


def test_a_forged_kept_form_is_ignored(client: FlaskClient, world: World) -> None:
    answer = sign_in(client, "author", kept="eyJ1cmwiOiIvIn0.forged")
    assert (answer.status_code, answer.location) == (303, "/en/workspace")


def test_passwords_are_never_kept(client: FlaskClient, world: World) -> None:
    answer = client.post(
        "/en/account/password",
        data={"csrf_token": form_token(client), "current_password": "abc", "new_password": "def", "x": "y"},
    )
    found = KEPT.search(answer.text)
    assert found is not None
    with client.application.test_request_context():
        assert typed_before(found[1]) == ("/en/account/password", [("x", "y")])


def test_what_another_site_posts_is_not_kept(client: FlaskClient, world: World) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = client.post("/en/account", data={"name": WORDS}, headers=headers)
        assert answer.status_code == 401
        assert KEPT.search(answer.text) is None


def test_a_form_from_our_own_page_is_kept_whatever_the_browser_says_of_it(
    client: FlaskClient, world: World
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    answer = client.post("/en/account", data={"name": WORDS}, headers=headers)
    assert KEPT.search(answer.text) is not None


def test_a_form_from_before_a_sign_in_in_another_tab_is_handed_back(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, "author")
    answer = client.post("/en/account", data={"csrf_token": "of the former session", "name": WORDS})
    assert answer.status_code == 400
    assert "What you typed is kept" in answer.text
    token = TOKEN.search(answer.text)
    assert token is not None
    sent = client.post("/en/account", data={"csrf_token": token[1], "name": "Ann", "language": "en"})
    assert sent.status_code == 303


def test_a_form_of_another_site_is_not_handed_to_somebody_who_is_signed_in(
    client: FlaskClient, world: World
) -> None:
    sign_in(client, "author")
    answer = client.post("/en/account", data={"name": WORDS}, headers={"Sec-Fetch-Site": "same-site"})
    assert answer.status_code == 400
    assert "A second paragraph" not in answer.text


def test_a_sign_in_form_that_outlived_its_cookie_is_shown_again(client: FlaskClient, world: World) -> None:
    answer = client.post(
        "/en/sign-in", data={"csrf_token": "stale", "email": "a@b.example", "next": "/en/account"}
    )
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert 'name="next" value="/en/account"' in answer.text
