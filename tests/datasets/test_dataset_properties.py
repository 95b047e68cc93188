"""What holds for any bytes: a report, the same in any chunking, and the same from the reports on its parts."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, cast

import pytest
from hypothesis import given, settings, strategies as st

from maas_client.catalog.lookup import find_model, list_models
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.fast_path import ChatFastPath, TextFastPath
from maas_client.datasets.check.line_batch import LineBatch
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.rows.chat import judge_chat
from maas_client.datasets.rows.schemas import Task, judge_text, schemas

MEDIUM = find_model("Phi-3-medium-4k-instruct")

Strategy = st.SearchStrategy[Any]
ROLES = {"s": "system", "u": "user", "a": "assistant"}
GOOD = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'


def objects(required: dict[str, Strategy], *, perhaps: dict[str, Strategy] | None = None) -> Strategy:
    return st.fixed_dictionaries(required, optional=perhaps or {})


scalars: Strategy = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
values: Strategy = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
contents: Strategy = st.sampled_from(["", " ", "Hello", "\ud800"]) | values
roles: Strategy = st.sampled_from(["system", "user", "assistant", "tool", "developer", ""]) | values
messages = objects({}, perhaps={"role": roles, "content": contents, "tool_calls": values, "weight": values})
tidy = objects({"role": st.sampled_from(["system", "user", "assistant"]), "content": st.sampled_from(["Hi", ""])})
conversations = st.tuples(st.sampled_from(["ua", "sua", "uaua", "usa", "uasa", "au", "uua", "uau"]), contents).map(
    lambda drawn: (
        [{"role": ROLES[each], "content": "Hi"} for each in drawn[0][:-1]]
        + [{"role": ROLES[drawn[0][-1]], "content": drawn[1]}]
    )
)
columns = ["messages", "tools", "prompt", "completion", "text", "ground_truth", "more"]
rows = st.one_of(
    objects({"messages": conversations}),
    objects({"messages": st.lists(tidy, max_size=4)}),
    objects({"messages": st.lists(messages | tidy, max_size=4)}, perhaps={"more": values}),
    objects({"prompt": contents, "completion": contents}, perhaps={"more": values}),
    objects({"text": contents, "ground_truth": contents}),
    st.dictionaries(st.sampled_from(columns), values, max_size=4),
)
encoded = st.tuples(rows | values, st.sampled_from([b"", b"\r", b",", b" "])).map(
    lambda row: json.dumps(row[0]).encode() + row[1]
)
junk = st.binary(max_size=12).map(lambda line: line.replace(b"\n", b""))
odd = st.sampled_from(
    [b"", b"{", b"}", b"[", b"],", b"\xef\xbb\xbf", b"\xff\xfe{\0", b"\0{\0}", b'"messages": [', b"\xe9"]
)
lines = st.lists(encoded | junk | odd | st.just(GOOD), max_size=14)
tasks = st.sampled_from([None, "chat", "text"])
keeps = st.sampled_from([0, 1, 2, 20])


def check(
    data: bytes, *, task: Task | None, keep: int, continues: bool = False, size: int = 1 << 20, longest: int = 1 << 20
) -> CheckReport:
    checker = CheckOptions(task=task, keep=keep, model=MEDIUM, longest=longest).checker(continues=continues)
    for start in range(0, len(data), size):
        checker.feed(data[start : start + size])
    return checker.finish()


@given(data=st.binary(max_size=300), task=tasks)
def test_any_bytes_give_a_report(data: bytes, task: Task | None) -> None:
    report = check(data, task=task, keep=20)

    assert report.kept + sum(report.dropped.values()) == report.rows
    assert json.loads(json.dumps(report.to_dict()))["rows"] == report.rows


@given(lines=lines, task=tasks)
@settings(max_examples=150)
def test_any_lines_give_a_report_that_accounts_for_every_row(lines: list[bytes], task: Task | None) -> None:
    report = check(b"\n".join(lines), task=task, keep=20)

    assert report.kept + sum(report.dropped.values()) == report.rows
    assert len(report.findings) <= sum(report.counts.values())
    assert report.summary.isprintable()


@given(lines=lines, task=tasks, keep=keeps, size=st.integers(1, 40))
def test_the_report_does_not_depend_on_the_chunks(lines: list[bytes], task: Task | None, keep: int, size: int) -> None:
    data = b"\n".join(lines)

    assert check(data, task=task, keep=keep, size=size) == check(data, task=task, keep=keep)


@given(lines=lines, size=st.integers(1, 40), longest=st.integers(1, 60))
def test_long_lines_do_not_depend_on_the_chunks_either(lines: list[bytes], size: int, longest: int) -> None:
    data = b"\n".join(lines)

    whole = check(data, task=None, keep=20, longest=longest)

    assert check(data, task=None, keep=20, longest=longest, size=size) == whole
    assert whole.counts.get("line-too-long", 0) <= sum(len(line) > longest for line in data.split(b"\n"))


@given(lines=lines, task=tasks, keep=keeps, data=st.data())
@settings(max_examples=150)
def test_reports_on_the_parts_add_up_to_the_report_on_the_whole(
    lines: list[bytes], task: Task | None, keep: int, data: st.DataObject
) -> None:
    first, second = sorted((data.draw(st.integers(1, len(lines) + 1)), data.draw(st.integers(1, len(lines) + 1))))
    cut = [lines[:first], lines[first:second], lines[second:]]
    parts = [b"".join(line + b"\n" for line in part) for part in cut]

    a, b, c = (check(part, task=task, keep=keep, continues=bool(index)) for index, part in enumerate(parts))

    whole = check(b"".join(parts), task=task, keep=keep)
    assert a + b + c == whole
    assert a + (b + c) == whole
    assert (a + b + c).to_dict() == whole.to_dict()


@given(row=rows, model=st.sampled_from([None, *list_models()]))
def test_a_chat_row_that_passes_the_fast_path_has_no_finding(row: dict[str, Any], model: Any) -> None:
    quick = ChatFastPath(system=model is None or model.template.renders("system"))
    clean = quick.all_clean(LineBatch([json.dumps(row).encode() + b"\n"]))

    assert not clean or judge_chat(row, model) == []


@given(row=rows)
@pytest.mark.parametrize("schema", schemas("text"), ids=lambda schema: schema.name)
def test_a_text_row_that_passes_the_fast_path_has_no_finding(schema: Any, row: dict[str, Any]) -> None:
    clean = TextFastPath(schema).all_clean(LineBatch([json.dumps(row).encode() + b"\n"]))

    assert not clean or judge_text(row, schema) == []


@given(shapes=st.lists(st.sampled_from(["ua", "sua", "uaua", "usa", "au"]), max_size=3), rows=st.integers(60, 70))
def test_expecting_one_conversation_shape_finds_the_others_too(shapes: list[str], rows: int) -> None:
    quick = ChatFastPath(system=True)
    runs = [[chat(*shape)] * rows for shape in shapes]

    found = [quick.all_clean(LineBatch(run)) for run in runs]

    assert found == [shape in {"ua", "sua", "uaua"} for shape in shapes]
    clean = "".join(shape for shape, is_clean in zip(shapes, found, strict=True) if is_clean)
    assert quick.roles == Counter({ROLES[each]: rows * clean.count(each) for each in set(clean)})


def chat(*turns: str) -> bytes:
    return json.dumps({"messages": [{"role": ROLES[turn], "content": "Hi"} for turn in turns]}).encode()


def service_keeps(line: bytes) -> bool:
    """Say whether a chat row survives, decided by the rules and independently of the code."""
    try:
        row = json.loads(line.decode("utf-8"))
        turns = [{key: value for key, value in turn.items() if value is not None} for turn in row["messages"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False
    shaped = isinstance(row["messages"], list) and all(
        isinstance(turn.get("role"), str)
        and (isinstance(turn.get("content"), (str, list)) or isinstance(turn.get("tool_calls"), list))
        for turn in turns
    )
    answers = [turn for turn in turns if turn["role"] == "assistant"] if shaped and len(turns) > 1 else []
    return any(turn.get("tool_calls") or words(turn.get("content")) for turn in answers)


def words(content: Any) -> str:
    """The text of a message: also of parts that are all text, which a repair joins."""
    if isinstance(content, str):
        return content
    listed: list[Any] = content or []
    parts: list[dict[str, Any]] = [part for part in listed if isinstance(part, dict)]
    typed = [part["text"] for part in parts if part.get("type") == "text" and isinstance(part.get("text"), str)]
    flat = [flattened(part) for part in listed]
    return "".join(typed) or "".join(text for text in flat if text and None not in flat)


def flattened(part: Any) -> str | None:
    """The text of a part of any spelling, None if it is something else."""
    if not isinstance(part, dict):
        return part if isinstance(part, str) else None
    given = cast("dict[str, Any]", part)  # keys of JSON are strings
    fields = {key: value for key, value in given.items() if value is not None}
    kind, texts = given.get("type", "text"), [fields[key] for key in ("text", "value", "content") if key in fields]
    is_text = kind in ("text", "input_text", "output_text") and len(fields.keys() - {"type"}) == len(texts) == 1
    return texts[0] if is_text and isinstance(texts[0], str) else None


@given(lines=st.lists(encoded | junk, max_size=30))
@settings(max_examples=150)
def test_the_rows_kept_are_the_ones_that_the_rules_keep(lines: list[bytes]) -> None:
    report = check(b"\n" + b"\n".join(lines), task="chat", keep=1)

    assert report.kept == sum(service_keeps(line) for line in lines)
