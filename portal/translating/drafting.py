"""The job that has a machine draft a translation: it asks outside any transaction and overwrites nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from flask import Flask

from portal.core.db import Database
from portal.core.errors import PortalError
from portal.core.text import one_line
from portal.editorial.models import PARTS, Audience
from portal.editorial.texts import SUMMARY_LIMIT, TITLE_LIMIT, Text
from portal.jobs.actions import Final
from portal.machine.markdown import translate_markdown
from portal.machine.port import Translator, UnknownPair, translator_from
from portal.organisations.actors import actor_with_id
from portal.translating import actions, queries
from portal.translating.glossary import Glossary, glossary

log = structlog.get_logger("portal.translating")


def draft(app: Flask, payload: dict[str, Any]) -> None:
    """Fill the empty fields of the draft that the payload names; does nothing if anybody wrote meanwhile.

    Raises MachineError to be tried again, Final for a pair of languages that the machine has not.
    """
    translator = translator_from(app.extensions["portal_settings"])
    if translator is None:
        return
    database: Database = app.extensions["portal_database"]
    try:
        with database.unit_of_work(write=False):
            desk = _asked(payload)
            if desk is None:
                return
            terms = glossary(desk.contribution.original_language, desk.language)
        try:
            text = drafted(translator, desk, terms)
        except UnknownPair as error:
            raise Final(f"the machine does not translate {error}") from error
        with database.unit_of_work():
            again = _asked(payload)
            if again is not None:
                actor = actor_with_id(str(payload["person_id"]))
                actions.fill(actor, again, text, _loaded(payload))
    except PortalError as refused:
        log.info("machine_draft_dropped", reason=type(refused).__name__)


def drafted(translator: Translator, desk: queries.Desk, terms: Glossary) -> Text:
    """What is translated so far with a machine's words in the empty fields."""
    kind, source, text = desk.contribution.kind, Text.of(desk.source), desk.text
    empty = set(actions.empty_pieces(kind, desk.source, text))

    def translate(segments: Sequence[str]) -> list[str]:
        return translator.translate(segments, desk.contribution.original_language, desk.language)

    def filled(name: str, original: str, kept: str) -> str:
        if name not in empty:
            return kept
        return translate_markdown(original, translate, terms.replacements)

    return Text(
        one_line(filled("title", source.title, text.title))[:TITLE_LIMIT],
        one_line(filled("summary", source.summary, text.summary))[:SUMMARY_LIMIT],
        {name: filled(name, source.parts.get(name, ""), text.parts.get(name, "")) for name in PARTS[kind]},
    )


def _asked(payload: dict[str, Any]) -> queries.Desk | None:
    """The desk as whoever asked sees it now; None when it is not public or the draft has gone on."""
    actor = actor_with_id(str(payload["person_id"]))
    desk = queries.desk(actor, str(payload["contribution_id"]), str(payload["language"]))
    latest = desk.latest
    if latest is None or (latest.id, latest.version) != _loaded(payload):
        return None
    return desk if desk.contribution.audience == Audience.PUBLIC else None


def _loaded(payload: dict[str, Any]) -> tuple[str, int]:
    return str(payload["revision_id"]), int(payload["version"])
