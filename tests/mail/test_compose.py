"""Letters: headers that nobody can add to, text that nobody can break out of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask import Flask

from portal.core.i18n import in_language
from portal.mail.compose import compose
from portal.mail.message import Item, Message

INJECTED = ["one\r\nBcc: evil@evil.example", "one\nBcc: evil@evil.example", "one\rBcc: evil@evil.example"]


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context(base_url="http://localhost/portal"):
        yield


def _message(subject: str = "A subject", paragraphs: tuple[str, ...] = ("A paragraph.",)) -> Message:
    return Message(subject, paragraphs, "notifications.inbox", {}, "Open it")


def _compose(message: Message, **values: str) -> bytes:
    facts = {"to": "lita@frcs.example", "name": "Lita Waqa", "language": "en", "key": "k1", **values}
    return compose(message, **facts).as_bytes()


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize("place", ["subject", "name", "to", "key", "language"])
def test_a_line_end_in_a_header_is_refused(text: str, place: str) -> None:
    message, values = (_message(text), {}) if place == "subject" else (_message(), {place: text})
    with pytest.raises(ValueError, match="line end"):
        _compose(message, **values)


def _part(sent: EmailMessage, kind: str) -> str:
    body = sent.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def _sent(message: Message, **values: str) -> EmailMessage:
    return message_from_bytes(_compose(message, **values), policy=SMTP)


def test_letters_of_any_script_and_any_length_arrive_as_they_were_written() -> None:
    words = "Année « écoulée » : 100 % — миграция 🚢 " + "x" * 2000
    sent = _sent(_message("Título: " + "ñ" * 150, (words,)), name="Zoë Ñandú")
    assert sent["Subject"] == "Título: " + "ñ" * 150
    assert sent["To"].addresses[0].display_name == "Zoë Ñandú"
    assert words in _part(sent, "plain")
    assert all(len(line) <= 998 for line in sent.as_bytes().splitlines())


def test_what_people_typed_is_escaped_in_html_and_kept_in_text() -> None:
    sent = _sent(_message("<b>&", ("<script>x</script>\nnext",)))
    html = _part(sent, "html")
    assert "<script>" not in html
    assert "&lt;script&gt;x&lt;/script&gt;<br>next" in html
    assert "<script>x</script>\nnext" in _part(sent, "plain")


def test_the_lines_of_one_of_several_things_stay_apart_and_under_it() -> None:
    item = Item("A comment", ("<b>One\nTwo",), None, {})
    sent = _sent(replace(_message(), items=(item,)))
    assert "<p>&lt;b&gt;One<br>Two</p>" in _part(sent, "html")
    assert "* A comment\n  <b>One\n  Two\n" in _part(sent, "plain")


def test_links_are_whole_and_from_the_settings_address() -> None:
    text = _part(_sent(_message()), "plain")
    assert "http://localhost/portal/en/inbox" in text


def test_a_message_without_a_page_has_no_button() -> None:
    with in_language("en"):
        sent = _sent(Message("A subject", ("One.",), None, {}, ""))
    assert 'class="button"' not in _part(sent, "html")


def test_nothing_in_a_letter_is_fetched_from_anywhere() -> None:
    html = _part(_sent(_message()), "html")
    for mark in ("<img", "<link", "url(", "@import", "<script", "src="):
        assert mark not in html
