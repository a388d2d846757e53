"""The port: what a machine translator offers, and which one the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from portal.config import Settings


class MachineError(RuntimeError):
    """The server did not answer as it should; trying again later may help."""


class UnknownPair(MachineError):
    """The server does not translate between these two languages; trying again is of no use."""


class Translator(Protocol):
    """A machine that translates plain text; it knows nothing of Markdown, people or contributions."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Source and target languages that it can serve, as en, es, fr. Raises MachineError."""
        ...

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str]:
        """Each segment in the other language, in order. Raises MachineError, UnknownPair."""
        ...


def translator_from(settings: Settings) -> Translator | None:
    """The translator of the settings; None while machine translation is off."""
    from portal.machine.apertium import Apertium
    from portal.machine.libretranslate import LibreTranslate

    url = settings.machine_translation_url
    if not settings.machine_translation or not url:
        return None
    if settings.machine_translation == "apertium":
        return Apertium(url)
    return LibreTranslate(url, settings.machine_translation_key)
