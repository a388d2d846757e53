"""Applications made again and again: what is the same in each of them is compiled once a process.

A third of the suite's time went into the same templates, a sixth into the same addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _Templates(BytecodeCache):
    """Compiled templates, in memory; Jinja compares the checksum of the source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class _Rule(Rule):
    """A rule whose functions that build its address are those of the first rule like it."""

    _kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, self.host, self.subdomain, repr(self.defaults), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let every application made meanwhile share its templates' code and its addresses'."""
    patch = pytest.MonkeyPatch()
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    patch.setattr(Flask, "jinja_options", options)
    patch.setattr(Flask, "url_rule_class", _Rule)
    yield
    patch.undo()
