"""The sketch of a set's rows: copies are counted in bounded memory, and sketches of the parts add up."""

from __future__ import annotations

import json
import string
from collections import Counter

import pytest
from hypothesis import given, strategies as st

from maas_client.datasets.check.duplicate_sketch import GrowingSketch, Sketch
from maas_client.datasets.check.line_batch import LineBatch

WORDS = ["yes", "Yes", "yes.", " yes", "no", "No!", "maybe", "perhaps", "never", "a", "b", "c", "d"]


def row(text: str) -> bytes:
    return json.dumps({"prompt": text, "completion": "x"}).encode() + b"\n"


def sketch(lines: list[bytes], *, line: int = 1, capacity: int = 65_536) -> Sketch:
    growing = GrowingSketch(capacity=capacity)
    growing.add(LineBatch(lines), line=line)
    return growing.result()


def bare(text: str) -> str:
    return "".join(each for each in text.lower() if each not in string.punctuation + " ")


rows = st.lists(st.sampled_from(WORDS).map(row), max_size=40)


@given(words=st.lists(st.sampled_from(WORDS), max_size=40))
def test_duplicates_are_counted_exactly(words: list[str]) -> None:
    found = sketch([row(word) for word in words])

    assert found.complete
    assert found.duplicates == len(words) - len(set(words))
    assert found.near_duplicates == len(set(words)) - len(set(map(bare, words)))


@given(lines=rows, cuts=st.tuples(st.integers(0, 40), st.integers(0, 40)), capacity=st.integers(1, 10))
def test_sketches_of_the_parts_add_up_to_the_sketch_of_the_whole(
    lines: list[bytes], cuts: tuple[int, int], capacity: int
) -> None:
    first, second = sorted(cuts)
    parts = [lines[:first], lines[first:second], lines[second:]]
    a, b, c = (sketch(part, capacity=capacity) for part in parts)

    whole = sketch(lines, capacity=capacity)
    left = (a + b.after(len(parts[0]))) + c.after(len(parts[0]) + len(parts[1]))
    right = a + (b + c.after(len(parts[1]))).after(len(parts[0]))

    assert left == right == whole


@given(lines=rows, size=st.integers(1, 7), capacity=st.integers(1, 10))
def test_a_sketch_does_not_depend_on_how_the_lines_come(lines: list[bytes], size: int, capacity: int) -> None:
    growing = GrowingSketch(capacity=capacity)
    for start in range(0, len(lines), size):
        growing.add(LineBatch(lines[start : start + size]), line=start + 1)

    assert growing.result() == sketch(lines, capacity=capacity)


def test_many_variants_of_one_row_take_bounded_room() -> None:
    variants = [row("yes" + "!" * count) for count in range(500)]

    [likes] = sketch(variants).several.values()

    assert (likes.count, len(likes.copies)) == (500, 8)
    assert sketch(variants).near_duplicates == 499


def test_beyond_its_capacity_a_sketch_estimates() -> None:
    lines = [row(f"question {number}") for number in range(4_000)] * 2

    found = sketch(lines, capacity=500)

    assert not found.complete
    assert found.duplicates == pytest.approx(4_000, rel=0.2)


@given(one=rows, other=rows)
def test_shared_rows_are_those_in_both_sets(one: list[bytes], other: list[bytes]) -> None:
    shared = sketch(one).shared_with(sketch(other))

    texts = [[bare(json.loads(line)["prompt"]) for line in lines] for lines in (one, other)]
    assert Counter(texts[0][row.line - 1] for row in shared) == Counter(set(texts[0]) & set(texts[1]))
    assert all(texts[0][row.line - 1] == texts[1][row.other - 1] for row in shared)
    assert all(one[row.line - 1] == other[row.other - 1] for row in shared if row.is_copy)
    assert all(
        not {each for each in one if bare(json.loads(each)["prompt"]) == texts[0][row.line - 1]} & set(other)
        for row in shared
        if not row.is_copy
    )
