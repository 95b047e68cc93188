"""Counts with the real tokenizers: equal to the reference to the token, whole or in chunks."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tokenizers
from hypothesis import given, settings, strategies as st

from maas_client.catalog.lookup import find_model
from maas_client.datasets.tokens.chat_templates import render
from maas_client.datasets.tokens.row_tokens import ExactMeasure, TemplateCounter
from maas_client.datasets.tokens.tokenizer import Tokenizer
from maas_client.datasets.tokens.tokenizer_loading import load

SHARED = Path(os.environ.get("MAAS_SHARED", Path(__file__).resolve().parents[3] / "shared"))
REFERENCE = SHARED / "tokenizers" / "reference_counts.txt"

pytestmark = pytest.mark.skipif(not REFERENCE.is_file(), reason=f"no tokenizers in {SHARED}")

MODELS = {
    "mini": ("Phi-3-mini-4k-instruct", "phi-3-mini/tokenizer.json"),
    "medium": ("Phi-3-medium-4k-instruct", "phi-3-medium/tokenizer.json"),
    "small": ("Phi-3-small-8k-instruct", "phi-3-small/cl100k_base.tiktoken"),
}


class Expected(NamedTuple):
    """A count of the reference."""

    file: str
    rows: int
    size: str
    total: int
    longest: int


def reference() -> list[Expected]:
    lines = REFERENCE.read_text().splitlines() if REFERENCE.is_file() else []
    named = [(line.split(), line) for line in lines if ".jsonl" in line]
    return [
        Expected(words[0], int(words[2]), size, int(total), int(longest))
        for words, line in named
        for size, total, longest in re.findall(r"(mini|medium|small) (\d+) \(max (\d+)\)", line)
    ]


@cache
def tokenizer(size: str) -> Tokenizer:
    model, file = MODELS[size]
    return load(SHARED / "tokenizers" / file, find_model(model))


def counter(size: str) -> TemplateCounter:
    return TemplateCounter(ExactMeasure(tokenizer(size)), find_model(MODELS[size][0]).template)


def rows_of(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SHARED / "data" / file).read_text(encoding="utf-8-sig").splitlines()]


def test_the_reference_has_ten_files_and_three_models() -> None:
    assert len(reference()) == 30


@pytest.mark.parametrize("expected", reference(), ids=lambda each: f"{each.file}-{each.size}")
def test_a_real_file_has_the_tokens_of_the_reference(expected: Expected) -> None:
    counted = counter(expected.size).count_each(rows_of(expected.file))

    totals = [row.total for row in counted]
    assert (len(totals), sum(totals), max(totals)) == (expected.rows, expected.total, expected.longest)


def test_the_reference_row_of_mini_has_8_tokens_2_of_them_learnt() -> None:
    said: list[Any] = [{"role": "user", "content": "Hello world"}, {"role": "assistant", "content": "Hi"}]
    counted = counter("mini").count({"messages": said})
    assert (counted.total, counted.learnt, counted.first_assistant_at) == (8, 2, 5)


SAID = st.text() | st.sampled_from(
    ["", " ", "\n\nA", "  a", "B \n", "<|end|>", "<|user|>\n x", "<s> </s>", "<|dummy_1|>"]
)
CONVERSATIONS = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": SAID}),
    max_size=6,
)


@pytest.mark.parametrize("size", MODELS)
@settings(deadline=None)  # the first example loads the tokenizer
@given(messages=CONVERSATIONS)
def test_the_tokens_of_a_row_are_those_of_its_chunks(size: str, messages: list[Any]) -> None:
    whole = "".join(chunk.text for chunk in render(messages, find_model(MODELS[size][0]).template))

    assert counter(size).count({"messages": messages}).total == tokenizer(size).lengths([whole])[0]


@cache
def mini() -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(SHARED / "tokenizers" / MODELS["mini"][1]))


@settings(deadline=None)  # the first example loads the tokenizer
@given(messages=CONVERSATIONS)
def test_mini_learns_tokens_that_start_in_an_answer_or_its_end(messages: list[Any]) -> None:
    at, answers = 0, list[range]()
    chunks = render(messages, find_model("Phi-3-mini-4k-instruct").template)
    for chunk in chunks:
        begin = at + len(chunk.head)
        answers += [range(begin, begin + len(chunk.said) + len("<|end|>"))] * chunk.learnt
        at += len(chunk.text)
    encoded = mini().encode("".join(each.text for each in chunks), add_special_tokens=False)

    counted = counter("mini").count({"messages": messages})

    assert counted.learnt == sum(any(start in answer for answer in answers) for start, _ in encoded.offsets)


@pytest.mark.parametrize("size", MODELS)
def test_half_a_surrogate_pair_counts_as_a_replacement_character(size: str) -> None:
    broken: list[Any] = [{"role": "user", "content": "a\ud800b"}]
    replaced: list[Any] = [{"role": "user", "content": "a\ufffdb"}]
    assert counter(size).count({"messages": broken}) == counter(size).count({"messages": replaced})


def test_small_counts_a_marker_within_a_text_as_one_token() -> None:
    assert tokenizer("small").lengths(["<|end|>", "<|dummy_id_5|>", "<|no|>"])[:2] == [1, 1]
