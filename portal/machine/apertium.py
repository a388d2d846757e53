"""Apertium APy: rules, not a model; French and English by way of Spanish."""

from __future__ import annotations

from collections.abc import Sequence

from portal.machine.http import Server
from portal.machine.port import MachineError, UnknownPair

CODES = {"en": "eng", "es": "spa", "fr": "fra"}
BRIDGE = "es"


class Apertium:
    """An APy server such as Debian's `apertium-apy` with `apertium-eng-spa` and `apertium-fr-es`."""

    def __init__(self, url: str) -> None:
        self.server = Server(url)

    def pairs(self) -> frozenset[tuple[str, str]]:
        """What the server lists, and what two of its pairs make by way of Spanish."""
        direct = self._direct()
        bridged = {
            (source, target)
            for source, middle in direct
            for also, target in direct
            if middle == also == BRIDGE and source != target
        }
        return frozenset(direct | bridged)

    def translate(self, segments: Sequence[str], source: str, target: str) -> list[str]:
        """One request a segment and step: APy takes one text at a time."""
        direct = self._direct()
        if (source, target) in direct:
            steps = [(source, target)]
        elif {(source, BRIDGE), (BRIDGE, target)} <= direct:
            steps = [(source, BRIDGE), (BRIDGE, target)]
        else:
            raise UnknownPair(f"{source}-{target}")
        found = list(segments)
        for step in steps:
            found = [self._one(segment, *step) for segment in found]
        return found

    def _direct(self) -> set[tuple[str, str]]:
        ours = {code: language for language, code in CODES.items()}
        answer = self.server.get("/listPairs")
        try:
            listed = [(p["sourceLanguage"], p["targetLanguage"]) for p in answer["responseData"]]
        except (KeyError, TypeError) as error:
            raise MachineError("the list of pairs cannot be read") from error
        return {(ours[s], ours[t]) for s, t in listed if s in ours and t in ours}

    def _one(self, segment: str, source: str, target: str) -> str:
        if not segment.strip():
            return segment
        form = {"langpair": f"{CODES[source]}|{CODES[target]}", "q": segment, "markUnknown": "no"}
        answer = self.server.post("/translate", data=form)
        try:
            return str(answer["responseData"]["translatedText"])
        except (KeyError, TypeError) as error:
            raise MachineError("the translation cannot be read") from error
