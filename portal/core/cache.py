"""Rendered pages that many people share, kept in this process and keyed by what they depend on.

A key holds the reader's labels and the visibility version, so that an entry is never wrong, only
unused: nothing has to be thrown away by hand, and every process may keep its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

MAX_BYTES = 16_000_000


class PageCache:
    """The pages used last, up to `max_bytes` of text."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._pages: OrderedDict[Hashable, str | bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> str | bytes | None:
        """The page kept under `key`, if there is one."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Hashable, page: str | bytes) -> None:
        """Keep a page; the ones used longest ago make room."""
        with self._lock:
            former = self._pages.pop(key, None)
            self._bytes += len(page) - (len(former) if former is not None else 0)
            self._pages[key] = page
            while self._bytes > self._max_bytes and self._pages:
                _key, dropped = self._pages.popitem(last=False)
                self._bytes -= len(dropped)

    def clear(self) -> None:
        """Forget all pages."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0
