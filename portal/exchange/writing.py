"""The text of an imported programme in one language: the source's words, and ours for what is around them."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from portal.core.i18n import in_language
from portal.editorial.terms import Help, Terms
from portal.editorial.texts import PART_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Text
from portal.exchange.narratives import Told

_SIGNS = re.compile(r"([\\`*\[\]<>|~])|(?<![^\W_])(_)|(_)(?![^\W_])|(?m:^(#+|[+=-](?= )))")
_LINES = {
    Help.EXPERTISE: lazy_gettext("Experts and technical assistance within this programme"),
    Help.TRAINING: lazy_gettext("Training within this programme"),
    Help.FUNDING: lazy_gettext("Funding within this programme"),
}
_ROLES = {
    "funding": lazy_gettext("funding"),
    "accountable": lazy_gettext("accountable"),
    "extending": lazy_gettext("passing the funds on"),
    "implementing": lazy_gettext("implementing"),
}
_HEADINGS = {
    "partners": lazy_gettext("Who takes part"),
    "websites": lazy_gettext("More about it"),
    "mailboxes": lazy_gettext("Contact"),
    "documents": lazy_gettext("Documents"),
}


def text_in(language: str, told: Told, terms: Terms) -> Text:
    """Title, summary and parts; what is longer than the portal takes is cut at a word."""
    title = told.title_in(language)
    descriptions = told.descriptions.get(language, ())
    with in_language(language):
        body = [*map(plain, descriptions)] or [str(_("The source gives no further description."))]
        if len(title) > TITLE_LIMIT:
            body.insert(0, plain(title))
        parts = {"programme": cut("\n\n".join([*body, *_around(told)]), PART_LIMIT)}
        for line in terms.lines:
            parts[f"line{line.slot}"] = str(_LINES[line.help])
    summary = " ".join(descriptions[0].split()) if descriptions else title
    return Text(cut(title, TITLE_LIMIT), cut(summary, SUMMARY_LIMIT), parts)


def plain(text: str) -> str:
    """A text that Markdown shows as it is written."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", text)


def cut(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit with a sign that there is more."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    return (kept.rsplit(" ", 1)[0] if " " in kept else kept).rstrip(" ,;:") + "…"


def _around(told: Told) -> list[str]:
    """Who takes part, and where to read and ask more: lists under their headings."""
    blocks = {
        "partners": [f"{plain(name)} ({_ROLES[role]})" for role, name in told.partners],
        "websites": [f"<{address}>" for address in told.websites],
        "mailboxes": [f"<{address}>" for address in told.mailboxes],
        "documents": [f"[{plain(one.title)}]({one.url})" for one in told.documents],
    }
    return [
        f"### {_HEADINGS[name]}\n\n" + "\n".join(f"- {line}" for line in lines)
        for name, lines in blocks.items()
        if lines
    ]
