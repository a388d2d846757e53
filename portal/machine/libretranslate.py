"""Servers that speak as LibreTranslate does: JSON over HTTP, with or without a key."""

from __future__ import annotations

from collections.abc import Sequence

from portal.machine.http import Server
from portal.machine.port import MachineError, UnknownPair

LANGUAGES = frozenset({"en", "es", "fr"})
BATCH = 25


class LibreTranslate:
    """A LibreTranslate-compatible server."""

    def __init__(self, url: str, key: str = "") -> None:
        self.server, self.key = Server(url), key

    def pairs(self) -> frozenset[tuple[str, str]]:
        """What the server lists, as far as the portal has the languages."""
        answer = self.server.get("/languages")
        try:
            listed = {(one["code"], target) for one in answer for target in one["targets"]}
        except (KeyError, TypeError) as error:
            raise MachineError("the list of languages cannot be read") from error
        return frozenset((s, t) for s, t in listed if s != t and {s, t} <= LANGUAGES)

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str]:
        """Several segments in one request."""
        if (source, target) not in self.pairs():
            raise UnknownPair(f"{source}-{target}")
        found: list[str] = []
        for start in range(0, len(segments), BATCH):
            found += self._batch(list(segments[start : start + BATCH]), source, target)
        return found

    def _batch(self, segments: list[str], source: str, target: str) -> list[str]:
        body = {"q": segments, "source": source, "target": target, "format": "text"}
        if self.key:
            body["api_key"] = self.key
        answer = self.server.post("/translate", json=body)
        translated = answer.get("translatedText") if isinstance(answer, dict) else None
        if not isinstance(translated, list) or len(translated) != len(segments):
            raise MachineError("the translation cannot be read")
        return [str(one) for one in translated]
