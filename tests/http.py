"""A browser without a screen: signs in, fills the forms that pages hold, follows what they answer."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.world import PASSWORD


class _Forms(HTMLParser):
    """The forms of a page: action, fields as they are filled, and the names of their buttons."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, Any]] = []
        self._text: tuple[str, list[str]] | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": values.get("action", ""), "fields": [], "buttons": {}})
        if not self.forms:
            return
        form = self.forms[-1]
        name = values.get("name", "")
        if tag == "input" and name:
            ticked = values.get("type") not in {"checkbox", "radio"} or "checked" in values
            if ticked:
                form["fields"].append((name, values.get("value", "")))
        elif tag == "textarea" and name:
            self._text = (name, [])
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in values:
            form["fields"].append((self._select, values.get("value", "")))
        elif tag == "button" and name:
            form["buttons"][name] = (values.get("formaction") or form["action"], values.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self.forms[-1]["fields"].append((self._text[0], "".join(self._text[1]).removeprefix("\n")))
            self._text = None
        elif tag == "select":
            self._select = None


def forms_of(page: TestResponse) -> list[dict[str, Any]]:
    """Every form of a page."""
    parser = _Forms()
    parser.feed(page.get_data(as_text=True))
    return parser.forms


class Browser:
    """One person at one browser."""

    def __init__(self, app: Flask, language: str = "en") -> None:
        self.client: FlaskClient = app.test_client()
        self.language = language
        self.page: TestResponse | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open an address; a path without a language gets the browser's."""
        self.page = self.client.get(self._full(path), **options)
        return self.page

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Send a form by hand."""
        self.page = self.client.post(self._full(path), data=data, **options)
        return self.page

    def press(self, button: str, **typed: Any) -> TestResponse:
        """Press the button of that name on the page that is open, with `typed` in its form's fields."""
        assert self.page is not None
        for form in forms_of(self.page):
            if button in form["buttons"]:
                action, value = form["buttons"][button]
                fields = [(n, v) for n, v in form["fields"] if n not in typed]
                for name, given in typed.items():
                    values = given if isinstance(given, list | tuple) else [given]
                    fields += [(name, v) for v in values]
                data: dict[str, list[str]] = {}
                for name, v in [*fields, (button, value)]:
                    data.setdefault(name, []).append(v)
                target = action or self.page.request.path
                self.page = self.client.post(target, data=data)
                return self.page
        raise AssertionError(f"there is no button {button!r} on {self.page.request.path}")

    def filled(self, button: str = "submit") -> dict[str, list[str]]:
        """The fields of the form with that button on the page that is open, as they are filled."""
        assert self.page is not None
        form = next(form for form in forms_of(self.page) if button in form["buttons"])
        found: dict[str, list[str]] = {}
        for name, value in form["fields"]:
            found.setdefault(name, []).append(value)
        return found

    def follow(self) -> TestResponse:
        """Go where the last answer leads."""
        assert self.page is not None
        assert self.page.status_code in {302, 303}, (self.page.status_code, words(self.page)[:400])
        return self.get(self.page.headers["Location"])

    def sign_in(self, email: str, password: str = PASSWORD) -> Browser:
        """Sign in through the form."""
        self.get("/sign-in")
        answer = self.press_sign_in(email, password)
        assert answer.status_code == 303, words(answer)[:400]
        return self

    def press_sign_in(self, email: str, password: str) -> TestResponse:
        """Fill the sign-in form of the page that is open."""
        assert self.page is not None
        form = next(f for f in forms_of(self.page) if any(n == "password" for n, _v in f["fields"]))
        data = {**dict(form["fields"]), "email": email, "password": password}
        self.page = self.client.post(form["action"] or self.page.request.path, data=data)
        return self.page

    def _full(self, path: str) -> str:
        if re.match(r"/(en|es|fr)(/|$)", path) or path.startswith(("/health", "/static", "http")):
            return path
        return f"/{self.language}{path}"


def words(page: TestResponse) -> str:
    """The words of a page without its tags."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).strip()
