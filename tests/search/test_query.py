"""The query language: what it reads, what it refuses and where, and that nothing else can happen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.query import (
    EMPTY,
    MAX_CLAUSES,
    MAX_LENGTH,
    MIN_PREFIX,
    Clause,
    ErrorCode,
    Field,
    Query,
    QueryError,
    as_clause,
    as_field,
    cut,
    end_of,
    parse,
)


def word(*words: str) -> Clause:
    """A clause of words that stand next to each other."""
    return Clause(words)


def quoted(*words: str) -> Clause:
    """A clause of words in quotation marks."""
    return Clause(words, is_quoted=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", EMPTY),
        ("  \t\n ", EMPTY),
        ("Customs", Query(((word("customs"),),))),
        ("Ventanilla ÚNICA", Query(((word("ventanilla"),), (word("unica"),)))),
        ('"single window" reform', Query(((quoted("single", "window"),), (word("reform"),)))),
        ("“guichet unique”", Query(((quoted("guichet", "unique"),),))),
        ("«guichet unique»", Query(((quoted("guichet", "unique"),),))),
        ("a-b", Query(((word("a", "b"),),))),
        ("l'école", Query(((word("l", "ecole"),),))),
        ("reform*", Query(((Clause(("reform",), is_prefix=True),),))),
        ("l'éco*", Query(((Clause(("l", "eco"), is_prefix=True),),))),
        ("customs -training", Query(((word("customs"),),), (word("training"),))),
        ('-"single window"', Query((), (quoted("single", "window"),))),
        ("-reform*", Query((), (Clause(("reform",), is_prefix=True),))),
        ("a OR b", Query(((word("a"), word("b")),))),
        ("a b OR c OR d e", Query(((word("a"),), (word("b"), word("c"), word("d")), (word("e"),)))),
        ("a or b", Query(((word("a"),), (word("or"),), (word("b"),)))),
        ("a AND b", Query(((word("a"),), (word("b"),)))),
        ("(a) [b] {c}", Query(((word("a"),), (word("b"),), (word("c"),)))),
        ("a a A b OR b", Query(((word("a"),), (word("b"),)))),
        ("a - b & c", Query(((word("a"),), (word("b"),), (word("c"),)))),
        ('a "" b', Query(((word("a"),), (word("b"),)))),
        ('"single win*"', Query(((quoted("single", "win"),),))),
        ("kind:need", Query(fields=(Field("kind", ("need",), 0),))),
        ("transit Country:FJ", Query(((word("transit"),),), fields=(Field("country", ("FJ",), 8),))),
        ('org:"World Bank" a', Query(((word("a"),),), fields=(Field("organisation", ("World Bank",), 0),))),
        ("a -lang:fr", Query(((word("a"),),), fields=(Field("language", ("fr",), 2, is_excluded=True),))),
        ("topic:TFA-10.4", Query(fields=(Field("topic", ("TFA-10.4",), 0),))),
        (
            "country:FJ OR country:VU",
            Query(fields=(Field("country", ("FJ",), 0), Field("country", ("VU",), 14))),
        ),
        ("year:2024", Query(fields=(Field("year", ("2024",), 0),))),
        ("year:2023..2026", Query(fields=(Field("year", ("2023", "2024", "2025", "2026"), 0),))),
        ("year:2098..", Query(fields=(Field("year", ("2098", "2099"), 0),))),
        ("year:..1990", Query(fields=(Field("year", ("1990",), 0),))),
        ("a: b", Query(((word("a"),), (word("b"),)))),
        ("title:secret", Query(((word("title", "secret"),),))),
        ("½", Query(((word("1", "2"),),))),
        ("ﬁscal Œuvre Straße", Query(((word("fiscal"),), (word("oeuvre"),), (word("strasse"),)))),
    ],
)
def test_a_query_is_read_as(text: str, expected: Query) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("x" * (MAX_LENGTH + 1), ErrorCode.TOO_LONG, MAX_LENGTH),
        (" ".join("abcdefghijklm"), ErrorCode.TOO_MANY_CLAUSES, 24),
        ('one "two', ErrorCode.UNCLOSED_QUOTE, 4),
        ('-"two', ErrorCode.UNCLOSED_QUOTE, 1),
        ('a org:"two', ErrorCode.UNCLOSED_QUOTE, 6),
        ("one org:", ErrorCode.FIELD_WITHOUT_VALUE, 4),
        ('org:"" one', ErrorCode.FIELD_WITHOUT_VALUE, 0),
        ("-kind: need", ErrorCode.FIELD_WITHOUT_VALUE, 0),
        ("one year:soon", ErrorCode.NOT_A_YEAR, 4),
        ("year:-5", ErrorCode.NOT_A_YEAR, 0),
        ("year:2026..2023", ErrorCode.NOT_A_YEAR, 0),
        ("year:..", ErrorCode.NOT_A_YEAR, 0),
        ("year:1024", ErrorCode.NOT_A_YEAR, 0),
        ("one OR kind:need", ErrorCode.MISPLACED_OR, 7),
        ("kind:need OR one", ErrorCode.MISPLACED_OR, 13),
        ("kind:need OR lang:fr", ErrorCode.MISPLACED_OR, 13),
        ("one re*", ErrorCode.PREFIX_TOO_SHORT, 4),
        ("*", ErrorCode.PREFIX_TOO_SHORT, 0),
        ("one *", ErrorCode.PREFIX_TOO_SHORT, 4),
        ("customs-to*", ErrorCode.PREFIX_TOO_SHORT, 0),
        ("one *a*", ErrorCode.MISPLACED_STAR, 4),
        ("cust*ms", ErrorCode.MISPLACED_STAR, 0),
        ("customs**", ErrorCode.MISPLACED_STAR, 0),
        ("OR one", ErrorCode.MISPLACED_OR, 0),
        ("one OR", ErrorCode.MISPLACED_OR, 4),
        ("one OR OR two", ErrorCode.MISPLACED_OR, 7),
        ("one OR -two", ErrorCode.MISPLACED_OR, 7),
        ("-one OR two", ErrorCode.MISPLACED_OR, 5),
        ("???", ErrorCode.NO_WORDS, 0),
        ('""', ErrorCode.NO_WORDS, 0),
        ("\u200d\u0000 \ud800", ErrorCode.NO_WORDS, 0),
    ],
)
def test_a_query_is_refused_with_a_reason_and_a_place(text: str, code: ErrorCode, position: int) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert (refused.value.code, refused.value.position) == (code, position)


HOSTILE = [
    "*",
    "*a*",
    "?*?*",
    "[a TO z]",
    "word~2",
    "word^1e999",
    "(" * 5000,
    "NOT " * 500,
    "(" * 190 + "a",
    '"unbalanced',
    "a AND OR NOT",
    "cargo) OR (vis:org7",
    " OR ".join("a" for _ in range(40)),
    "-" * 200,
    "- - -" * 30,
    '"' * 199,
    "'" * 200,
    "<script>alert(1)</script>",
    "\u202efdp.exe",
    "\ufdfa" * 200,
    "e" + "\u0301" * 199,
    "ague agué",
    "year:" + "9" * 190,
    "year:9999..0000",
    "org:" * 50,
    "lang:*",
    "\x00\x01",
    "\ud800",
    "a" * 200,
    "\uff11\uff12\uff13 \uff21\uff22\uff23",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


SCRAPS = st.sampled_from(
    ['"', "“", "«", "-", "*", "OR", "AND", " ", "(", ")", "'", "a", "été", "reform", "\u0301", "\0"]
)


@given(st.one_of(st.text(), st.text(st.characters()), st.lists(SCRAPS, max_size=60).map("".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


def read_or_refused(text: str) -> None:
    """Parse; what comes out is within bounds, and what is refused has a place in the text."""
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.position <= min(len(text), MAX_LENGTH)
        return
    clauses = [*(clause for group in query.required for clause in group), *query.excluded]
    assert len(clauses) <= MAX_CLAUSES
    assert query.is_empty == (not clauses)
    assert (query == EMPTY) == (not text.strip())
    for clause in clauses:
        assert clause.words
        assert all(clause.words)
        assert not clause.is_prefix or len(clause.words[-1]) >= MIN_PREFIX
        "".join(clause.words).encode()


@pytest.mark.parametrize(
    ("text", "position", "rest"),
    [
        ("org:THA", 0, ""),
        ("release org:THA", 8, "release"),
        ("release -org:THA window", 8, "release window"),
        ('org:"World Bank" release', 0, "release"),
        ("country:PE OR country:TH", 0, "country:TH"),
        ("country:PE OR country:TH", 14, "country:PE"),
        ("country:PE OR country:TH OR country:FJ", 14, "country:PE OR country:FJ"),
        ("(org:THA)", 1, ""),
        ("AND org:THA", 4, ""),
        ("ORIGIN org:THA ORE", 7, "ORIGIN ORE"),
        ('one org:THA"two three"', 4, 'one "two three"'),
    ],
)
def test_a_field_is_cut_out_with_the_or_that_joined_it(text: str, position: int, rest: str) -> None:
    assert cut(text, position) == rest


PIECES = st.sampled_from(
    ["org:THA", "-country:PE", 'topic:"a b"', "year:2024..", "OR", "AND", "(", ")", "release", '"a b"', "-x", "re*", "-"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=10).map(" ".join))
def test_a_text_without_a_field_is_the_same_query_but_for_it(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    for number, field in enumerate(query.fields):
        after = parse(cut(text, field.position))
        assert after.of_words() == query.of_words()
        kept = [(f.facet, f.values, f.is_excluded) for f in query.fields]
        assert [(f.facet, f.values, f.is_excluded) for f in after.fields] == kept[:number] + kept[
            number + 1 :
        ]
    for field in reversed(query.fields):  # the places of those before stay as they are
        text = cut(text, field.position)
    assert parse(text) == query.of_words()


@pytest.mark.parametrize(
    ("text", "position", "there"),
    [
        ("one country:peru two", 4, "country:peru"),
        ('one "two three', 4, '"two three'),
        ("one OR", 4, "OR"),
        ("one -year:x two", 4, "-year:x"),
        ("one  ", 3, "  "),
    ],
)
def test_the_end_of_what_stands_at_a_place(text: str, position: int, there: str) -> None:
    assert text[position : end_of(text, position)] == there


@pytest.mark.parametrize(
    "text", ["release", '"single window"', '"release"', "one-stop", "authori*", "one-sto*"]
)
def test_a_clause_is_typed_as_it_was(text: str) -> None:
    ((clause,),) = parse(text).required
    assert as_clause(clause) == text


@pytest.mark.parametrize("value", ["World Bank", 'a "quoted" name', "«Douanes»", "Côte d’Ivoire"])
def test_a_field_that_is_written_is_read(value: str) -> None:
    for is_excluded in (False, True):
        (field,) = parse(as_field("organisation", value, is_excluded)).fields
        assert field.facet == "organisation"
        assert field.is_excluded is is_excluded
        assert all(word in field.values[0] for word in ("World", "Bank") if word in value)
