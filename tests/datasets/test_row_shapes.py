"""Rows whose shape is known are counted without being read again: with the findings of reading each one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import CheckOptions, CheckReport
from maas_client.catalog.lookup import find_model
from maas_client.datasets.check.checker import Checker

MODELS = [None, "Phi-3-mini-4k-instruct", "Phi-4-mini-instruct"]

TOOLS: dict[str, list[dict[str, Any]]] = {
    "one": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "two": [{"type": "function", "function": {"name": "g", "strict": True}}],
    "number": [{"type": "function", "function": {"name": 7}}],
    "none": [],
}


def call(arguments: Any) -> dict[str, Any]:
    return {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}


TURNS: dict[str, dict[str, Any]] = {
    "user": {"role": "user", "content": "When?"},
    "marker": {"role": "user", "content": "What is <|end|>?"},
    "blank": {"role": "user", "content": "  "},
    "answer": {"role": "assistant", "content": "Now."},
    "empty": {"role": "assistant", "content": ""},
    "calls": {"role": "assistant", "content": "", "tool_calls": [call("{}")]},
    "says and calls": {"role": "assistant", "content": "I look.", "tool_calls": [call("{}")]},
    "calls with an object": {"role": "assistant", "content": "", "tool_calls": [call({"a": 1})]},
    "no calls": {"role": "assistant", "content": "", "tool_calls": []},
    "result": {"role": "tool", "content": "7", "tool_call_id": "c1"},
    "named result": {"role": "tool", "content": "7", "tool_call_id": "c1", "name": "f"},
    "nameless": {"role": "tool", "content": "7"},
    "system": {"role": "system", "content": "Be kind."},
    "developer": {"role": "developer", "content": "Be kind."},
    "ignored": {"role": "assistant", "content": "Now.", "weight": 1},
    "parts": {"role": "user", "content": [{"type": "text", "text": "When?"}]},
}
GOOD = json.dumps({"messages": [TURNS["user"], TURNS["answer"]]})


def row(turns: list[str], tools: str | None) -> str:
    more = {} if tools is None else {"tools": TOOLS[tools]}
    return json.dumps({"messages": [TURNS[turn] for turn in turns], **more})


def read_one_by_one(monkeypatch: pytest.MonkeyPatch, text: bytes, options: CheckOptions) -> CheckReport:
    with monkeypatch.context() as patched:
        patched.setattr(Checker, "_read_lines", _read_closely)
        return read(text, options)


def _read_closely(checker: Any, batch: Any) -> None:
    if checker._survey is not None:
        checker._survey.add(batch, note=checker._recorder(batch.lines))
    for line in batch.lines:
        checker._check_line(line)


def read(text: bytes, options: CheckOptions) -> CheckReport:
    checker = options.checker()
    checker.feed(text)
    return checker.finish()


HUGE = '{"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}], "tools": [%s]}' % (
    "9" * 5000
)
"""A row that msgspec decodes, and Python's reader does not: it limits the digits of a number."""


def test_a_line_that_is_no_row_lends_its_shape_no_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    same_shape = HUGE.replace("9" * 5000, '{"a": 1}')
    text = "".join(f"{line}\n" for line in [GOOD, GOOD, HUGE, same_shape, same_shape]).encode()
    options = CheckOptions(task="chat", keep=0)

    assert read(text, options).to_dict() == read_one_by_one(monkeypatch, text, options).to_dict()


SHAPED = ["user", "marker", "blank", "answer", "empty", "calls", "says and calls", "result", "named result", "nameless"]


def rows(turns: list[str], *, least: int = 2) -> st.SearchStrategy[str]:
    return st.builds(
        row, st.lists(st.sampled_from(turns), min_size=least, max_size=3), st.sampled_from([None, None, *TOOLS])
    )


lines = st.one_of(
    st.lists(rows(SHAPED), min_size=2, max_size=8),
    st.lists(
        st.one_of(rows(sorted(TURNS), least=0), st.sampled_from([GOOD, "", f"{GOOD} {GOOD}", "nonsense"])), max_size=8
    ),
)


@given(some=lines, repeats=st.integers(1, 4), model=st.sampled_from(MODELS), keep=st.sampled_from([0, 1, 20]))
def test_known_shapes_have_the_findings_of_reading_each_row(
    some: list[str], repeats: int, model: str | None, keep: int
) -> None:
    text = "".join(f"{line}\n" for line in [*[GOOD] * 2, *some * repeats, *reversed(some)]).encode()
    options = CheckOptions(task="chat", model=find_model(model) if model else None, keep=keep)

    with pytest.MonkeyPatch.context() as patch:
        expected = read_one_by_one(patch, text, options)
    found = read(text, options)

    assert found.to_dict() == expected.to_dict()
    assert found.readings == expected.readings
