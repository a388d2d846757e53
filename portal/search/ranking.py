"""What counts how much in the order of hits: every weight in one place, for all engines."""

from __future__ import annotations

TYPED = 100
"""What was typed, in per cent: the measure of the others."""

THESAURUS = 50
"""Another name that the thesaurus has for what was typed."""
