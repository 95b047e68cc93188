"""What holds for any rows and any bytes: rows that the service keeps, or a refusal; and the same in any framing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from converted import convert, convert_or_refuse, kept, read_rows
from hypothesis import given, settings, strategies as st

from maas_client import InvalidInput
from maas_client.datasets.convert import OnBad, convert_file
from maas_client.datasets.convert.json_rows import read_json
from maas_client.datasets.json_recovery.pieces import write_row

Strategy = st.SearchStrategy[Any]


def objects(required: dict[str, Strategy], *, perhaps: dict[str, Strategy] | None = None) -> Strategy:
    return st.fixed_dictionaries(required, optional=perhaps or {})


words: Strategy = st.sampled_from(["Hi", " Hello", "", " ", "<|end|>", "é\u2028"]) | st.text(max_size=5)
said: Strategy = st.text(min_size=1, max_size=5).filter(lambda text: text != " ")
scalars: Strategy = st.none() | st.booleans() | st.integers() | st.floats() | words
values: Strategy = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
)
functions = objects(
    {"name": words}, perhaps={"arguments": values, "id": words, "type": st.just("function"), "x": values}
)
calls = functions | objects({"function": functions | values}, perhaps={"id": words | values, "index": values})
roles = st.sampled_from(
    ["system", "user", "assistant", "tool", "human", "gpt", "function", "function_call", "observation"]
)
turns = objects(
    {},
    perhaps={
        "role": roles | values,
        "content": words | values,
        "from": roles | values,
        "value": words | functions.map(json.dumps) | values,
        "tool_calls": st.lists(calls, max_size=2) | values,
        "function_call": functions | values,
        "tool_call_id": words | values,
        "name": words,
    },
)
plausible = objects({"role": roles, "content": words}) | objects({"from": roles, "value": words})
answered = st.tuples(st.lists(plausible | turns, max_size=4), said).map(
    lambda drawn: [*drawn[0], {"from": "human", "value": "Hi"}, {"role": "assistant", "content": drawn[1]}]
)
conversations = answered | st.lists(plausible | turns, max_size=4) | values
tools: Strategy = st.just([]) | st.lists(objects({"name": words}, perhaps={"parameters": values}), max_size=2) | values
rows = st.one_of(
    objects({"messages": conversations}, perhaps={"tools": tools, "functions": tools, "system": words | values}),
    objects({"conversations": conversations}, perhaps={"tools": tools, "system": words | values}),
    objects({"instruction": words | values, "output": words | values}, perhaps={"input": values, "history": values}),
    st.dictionaries(
        st.sampled_from(
            [
                *("messages", "conversations", "tools", "system", "user", "assistant"),
                *("instruction", "input", "output", "prompt", "completion"),
                *("text", "ground_truth", "question", "answer"),
            ]
        ),
        words | values,
        max_size=5,
    ),
)
pairs = st.sampled_from(
    [
        ("instruction", "output"),
        ("prompt", "completion"),
        ("text", "ground_truth"),
        ("question", "answer"),
        ("user", "assistant"),
    ]
).flatmap(lambda names: st.lists(objects({names[0]: words, names[1]: said}, perhaps={"system": words}), min_size=1))


@given(row=rows)
@settings(max_examples=300)
def test_any_row_is_rejected_or_becomes_one_the_service_keeps(row: dict[str, Any]) -> None:
    converted = convert_or_refuse([row])

    assert kept(converted) == len(converted)


@given(many=st.lists(rows, max_size=6))
def test_any_rows_are_rejected_or_become_rows_the_service_keeps(many: list[dict[str, Any]]) -> None:
    converted = convert_or_refuse(many)

    assert kept(converted) == len(converted) <= len(many)
    assert convert_or_refuse(many, on_bad="refuse") in ([], converted)


@given(many=pairs)
def test_rows_of_two_texts_always_become_an_exchange(many: list[dict[str, str]]) -> None:
    converted = convert(many)

    assert kept(converted) == len(converted) == len(many)
    for row in converted:
        spoken = [turn["role"] for turn in row["messages"] if turn["role"] != "system"]
        assert spoken == ["user", "assistant"]


@given(many=st.lists(rows, min_size=1, max_size=4))
@settings(max_examples=200)
def test_what_is_converted_already_stays_byte_for_byte_as_it_is(many: list[dict[str, Any]]) -> None:
    lines = [write_row(row) for row in convert_or_refuse(many)]

    again = convert_or_refuse([json.loads(line) for line in lines], on_bad="refuse")

    assert [write_row(row) for row in again] == lines


def as_lines(many: list[dict[str, Any]]) -> str:
    return "\n".join(map(json.dumps, many))


def as_array_on_a_line(many: list[dict[str, Any]]) -> str:
    return json.dumps(many)


def as_array_on_lines(many: list[dict[str, Any]]) -> str:
    return "[\r\n" + ",\r\n".join(map(json.dumps, many)) + "\r\n]\r\n"


def as_pretty_array(many: list[dict[str, Any]]) -> str:
    return json.dumps(many, indent=2, ensure_ascii=False)


def as_pretty_objects(many: list[dict[str, Any]]) -> str:
    return "\ufeff" + "\n".join(json.dumps(row, indent=1, ensure_ascii=False) for row in many)


@given(
    many=st.lists(st.dictionaries(st.text(max_size=3), values, min_size=1, max_size=3), min_size=1, max_size=5),
    buffer=st.integers(1, 64),
    longer=st.integers(0, 200),
)
@pytest.mark.parametrize("frame", [as_lines, as_array_on_a_line, as_array_on_lines, as_pretty_array, as_pretty_objects])
def test_json_rows_do_not_depend_on_framing_or_chunk_size(
    frame: Callable[[list[dict[str, Any]]], str], many: list[dict[str, Any]], buffer: int, longer: int
) -> None:
    data = frame(many).encode()
    longest = max(len(json.dumps(row, indent=4)) for row in many) * 2 + longer

    file = io.BufferedReader(io.BytesIO(data), buffer_size=buffer)
    found = [each.row for each in read_json(file, longest=longest)]

    assert json.dumps(found) == json.dumps(many)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples of a test share."""
    return tmp_path_factory.mktemp("convert")


pieces = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b",", b";", b"\t", b"\n", b"\r\n", b'"', b"\xe9", b"\0", b"\xef\xbb\xbf", b"PAR1"),
        *(b'{"question": "a", "answer": "b"}', b"question,answer", b"a,b", b'"prompt"', b":", b"\\ud800"),
    ]
)


@given(
    data=st.lists(pieces | st.binary(max_size=3), max_size=12).map(b"".join), on_bad=st.sampled_from(["refuse", "skip"])
)
@pytest.mark.parametrize("name", ["data.json", "data.csv", "data.tsv", "data.parquet", "data"])
@settings(max_examples=60)
def test_any_bytes_leave_no_file_or_rows_that_the_service_keeps(
    folder: Path, name: str, data: bytes, on_bad: OnBad
) -> None:
    source, target = folder / name, folder / "out.jsonl"
    source.write_bytes(data)
    target.unlink(missing_ok=True)

    written = converted_rows(source, target, on_bad=on_bad)

    rows = [row for file in folder.glob("out.jsonl") for row in read_rows(file)]
    assert len(rows) == kept(rows) == written
    assert target.exists() == (written > 0)
    assert not list(folder.glob(".*"))


def converted_rows(source: Path, target: Path, *, on_bad: OnBad) -> int:
    """Return how many rows were written, none where the file is refused."""
    try:
        return convert_file(source, target, on_bad=on_bad).rows_written
    except InvalidInput:
        return 0
