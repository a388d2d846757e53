"""The order of hits: every weight in one place, for all engines and for the help page.

A text's score is the sum, over the groups of the query, of what the best alternative of each is
worth in it; alternatives of one group never add up, so that a text with five names of one thing is
not five times about it. An alternative is worth the sum over its words of how much a word says
there (in the title three times, in the summary twice as much as in the text; more often says more,
but ever less; long texts are made up for) times how rare it is among what the viewer may see
(BM25), in per cent:

- TYPED for what was typed, THESAURUS for another name of it, DICTIONARY for a translation of a word
  that the thesaurus does not know;
- where only some of the words have to stand in a text, the score shrinks to the part of them that do,
  and of a name of several words each word alone counts PART, its translations as much less again;
- the first of the reader's languages adds LANGUAGE per cent;
- age takes away: the newest post that the viewer may see gets RECENCY per cent on top, and a post
  RECENCY_YEARS older than that, or more, nothing; in between it falls evenly.

So language and age together never outweigh a fifth of what the words say. A contribution stands where
the best of its languages does. Ties fall by date, the newest first, then by id. Whatever is
counted or compared is counted among what the viewer may see, so that nothing hidden moves a hit.
The figures behind the weights: docs/decisions/0012-crossing-languages.md.
"""

from __future__ import annotations

TYPED = 100
THESAURUS = 75
DICTIONARY = 60
PART = 40
LANGUAGE = 10
RECENCY = 10
RECENCY_YEARS = 5

ENOUGH = 20
"""With fewer hits than these that have all the words, those that have some of them follow."""

TITLE_WORTH, SUMMARY_WORTH = 3, 2
USUAL_TITLE, USUAL_TEXT = 8, 300
"""The words of a usual title and text: no average, so that no weight depends on other texts."""

# BM25's own figures.
_SATURATION, _LENGTH_SHARE = 1.2, 0.6
_STEPS = 20


def word_weight(worth: int, count: int, length: int, usual_length: int) -> int:
    """What a word adds that stands `count` times among `length` words, in twentieths; at least 1."""
    share = 1 - _LENGTH_SHARE + _LENGTH_SHARE * length / usual_length
    return max(1, round(worth * count * (_SATURATION + 1) / (count + _SATURATION * share) * _STEPS))
