"""Near duplicates differ in case, white space and the punctuation of sentences, and in nothing that has a meaning."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from maas_client.datasets.check import prefilter
from maas_client.datasets.check.line_batch import LineBatch
from maas_client.datasets.check.near_duplicate_text import near_duplicate_texts

NEAR = [
    ("What is a noun?", "what is a noun"),
    ("Write to me, please.", "Write to me please"),
    ("It's raining; stay in.", "Its raining, stay in!"),
    ("two  spaces", "two spaces"),
    (" at the start", "at the start"),
    ("at the end ", "at the end"),
    ("Überall, immer.", "Überall immer"),
    ("C++ is fast.", "C++ is fast"),
    ("3.5 apples", "3.5  Apples"),
    ("a word `quoted`", "a word quoted"),
]
DIFFERENT = [
    ("It is +4 degrees", "It is -4 degrees", "It is 4 degrees"),
    ("C", "C++", "C#"),
    ("3 > 5", "3 = 5", "-3 > 5", "3 < 5", "3 >= 5"),
    ("1.5 litres", "15 litres", "1,5 litres", ".15 litres"),
    ("at 10:30", "at 1030", "at 1:030"),
    ("a == b", "a != b", "a = b"),
    ("a && b", "a & b", "a | b", "a || b"),
    ("x * y", "x / y", "x ^ y", "x % y", "x ~ y"),
    ("f(x) + 1", "f(x + 1)"),
    ("1 000", "1000"),
    ("a@b", "a b"),
    ("$5", "5", "5%"),
    ("snake_case", "snakecase"),
    ("if x:\n    y()\nz()", "if x:\n    y()\n    z()"),
]


def row(text: str, *, dump: Callable[..., str] = json.dumps, **options: object) -> bytes:
    said = {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes"}]}
    return dump(said, **options).encode() + b"\n"


def key(line: bytes) -> bytes:
    return near_duplicate_texts(LineBatch([line]))[0]


@pytest.mark.parametrize(("one", "other"), NEAR)
def test_rows_that_say_the_same_are_near_duplicates(one: str, other: str) -> None:
    assert key(row(one)) == key(row(other))


@pytest.mark.parametrize("texts", DIFFERENT, ids=lambda texts: texts[0])
def test_a_sign_or_a_number_makes_rows_different(texts: tuple[str, ...]) -> None:
    for one, other in combinations(texts, 2):
        assert key(row(one)) != key(row(other))


@given(text=st.text(max_size=40))
def test_how_json_is_spaced_makes_no_difference(text: str) -> None:
    spaced, compact = row(text, ensure_ascii=False), row(text, ensure_ascii=False, separators=(",", ":"))

    assert key(spaced) == key(compact)


@given(texts=st.lists(st.text(st.sampled_from(string.printable + "éह"), max_size=12), min_size=1, max_size=6))
def test_what_a_row_becomes_depends_on_that_row_alone(texts: list[str]) -> None:
    lines = [row(text, ensure_ascii=False) for text in texts]

    assert near_duplicate_texts(LineBatch(lines)) == [key(line) for line in lines]


@given(number=st.integers(0, 10**6), other=st.integers(0, 10**6), point=st.sampled_from(".,:"))
def test_numbers_are_never_near_duplicates(number: int, other: int, point: str) -> None:
    one, two = (f"It is {each // 1000}{point}{each % 1000}" for each in (number, other))

    assert (key(row(one)) == key(row(two))) == (one == two)


PATTERNS = [
    "[.,:][0-9]|!=",
    ',"',
    r"\}[ \t\r]*\{",
    "(?:^|[^0-9.])[2-6][0-9][0-9 -]{11}",
    r"[\w.%+\x7f-]@[A-Za-z0-9]",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(st.characters(max_codepoint=127), max_size=40).map(str.encode))
def test_both_engines_of_a_prefilter_agree(pattern: str, text: bytes) -> None:
    fast = prefilter.compiled(pattern)
    for probe in (text, text + b"a@b 4111 1111 1111 1111} {3.5"):
        assert fast(probe) == prefilter.Prefilter(pattern)(probe)
