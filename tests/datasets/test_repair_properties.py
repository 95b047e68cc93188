"""What holds for any bytes: a repair of a repair changes nothing, and a check of it finds nothing left to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings, strategies as st
from repaired import checked, repaired

from maas_client.catalog.lookup import find_model
from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.check.rules import RULES
from maas_client.datasets.json_recovery.pieces import write_row
from maas_client.datasets.repair.row_repair import RowRepair
from maas_client.datasets.rows.chat import judge_chat
from maas_client.datasets.rows.lines import read_row
from maas_client.datasets.rows.schemas import Problem, Task, schemas

ABOUT_THE_FILE = {"json-array", "json-pretty-printed"}

Strategy = st.SearchStrategy[Any]

scalars: Strategy = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
values: Strategy = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
role_keys = st.sampled_from(["role", "role", "role", "Role", "ROLE"])
content_keys = st.sampled_from(["content", "content", "content", "Content", "contents"])
roles: Strategy = st.sampled_from(["system", "user", "assistant", "human", "gpt", "System", "developer", "tool"])
parts = st.lists(st.sampled_from([{"type": "text", "text": "Hi"}, {"type": "image_url"}, "x"]), max_size=2)
contents: Strategy = st.sampled_from(["Hi", "", "\ud800", "é"]) | parts | st.none()
calls: Strategy = st.sampled_from([{}, {}, {"tool_calls": []}])
turns: Strategy = st.tuples(role_keys, roles, content_keys, contents, calls).map(
    lambda drawn: {drawn[0]: drawn[1], drawn[2]: drawn[3], **drawn[4]}
)
openings = st.sampled_from([["system", "user", "assistant"], ["developer", "human", "model"], ["user", "gpt"]])
conversations: Strategy = st.lists(turns, max_size=4) | st.tuples(openings, contents).map(
    lambda drawn: [{"role": role, "content": drawn[1]} for role in drawn[0]]
)
chats: Strategy = st.tuples(st.sampled_from(["messages", "messages", "Message"]), conversations).map(
    lambda drawn: {drawn[0]: drawn[1]}
)
texts: Strategy = st.dictionaries(
    st.sampled_from(["prompt", "completion", "Prompt", "Completion", "text", "groundTruth"]), st.sampled_from("ab")
)
rows: Strategy = chats | chats | texts | st.dictionaries(st.text(max_size=3), values, max_size=2)
indents = st.sampled_from([None, None, None, 0, 1, 2])
printed = st.tuples(rows | st.lists(rows, max_size=3) | values, indents).map(
    lambda drawn: json.dumps(drawn[0], indent=drawn[1]).encode()
)
cut = st.tuples(printed, st.integers(0, 40), st.integers(1, 3)).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[0][drawn[1] + drawn[2] :]
)
GOOD = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'
scraps = [b"{", b"}", b"[", b"]", b",", b"},", b"}, {", b'"messages": [', b'{"a":', b'{"a": [', b"[[1]]", b"", b" "]
strange = [b"\xef\xbb\xbf", b"\xff\xfe", b"\0{\0}", b"\0", b"\xe9", b"\r", b"\xc2\xa0", b'"a": 1,', b"[INFO]", b"1"]
odd = st.sampled_from([*scraps, *strange])
between = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b",\n", b" ", b"", b", ", b"\r", b"\n  "])
pieces: Strategy = st.tuples(st.sampled_from([b"", b"  "]), st.just(GOOD) | printed | cut | odd, between).map(b"".join)
files: Strategy = st.lists(pieces, max_size=8).map(b"".join)
encodings = st.sampled_from(["utf-8"] * 8 + ["utf-16", "utf-16-be", "utf-32"])
data: Strategy = st.binary(max_size=60) | st.tuples(files, encodings).map(
    lambda drawn: drawn[0] if drawn[1] == "utf-8" else drawn[0].decode("utf-8", "replace").encode(drawn[1])
)
models: Strategy = st.sampled_from(
    [None, *(find_model(f"Phi-3-{n}-instruct") for n in ("medium-4k", "mini-4k", "small-8k"))]
)
tasks: Strategy = st.sampled_from([None, None, "chat", "text"])
longest: Strategy = st.sampled_from([1 << 20, 1 << 20, 5, 20, 80])

GREETING = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all examples of a test."""
    return tmp_path_factory.mktemp("repair")


def is_row(line: bytes) -> bool:
    """Say whether a line is a JSON object."""
    return not isinstance(read_row(line), Problem)


def has_columns(line: bytes) -> bool:
    """Say whether a row has the columns of a task, and so is no fragment of a row that cannot be read."""
    return any(schema.fits(json.loads(line)) for schema in schemas(None))


@given(data=data, model=models, task=tasks, longest=longest)
@settings(max_examples=150, deadline=None)
def test_a_repair_of_any_bytes_adds_up_and_is_idempotent(
    folder: Path, data: bytes, model: ModelFacts | None, task: Task | None, longest: int
) -> None:
    out, repair = repaired(folder, data, model=model, task=task, longest=longest)

    assert repaired(folder, out, model=model, task=task, longest=longest)[0] == out
    assume(not repair.withheld)  # then it is the source, byte for byte
    removed = repair.counts.get("row-blank", 0) + repair.counts.get("duplicate-row", 0)
    assert repair.rows_written == out.count(b"\n") == repair.rows_read - removed
    assert all(1 <= (each.target_line or 1) <= repair.rows_written + 1 for each in repair.changes)
    lines = data.count(b"\n") + 1
    assert all(1 <= (each.source_line or 1) <= max(lines, len(data)) for each in repair.changes)


@example(data=GREETING + b"{\n  " + GREETING, model=None, task="text")
@given(data=data, model=models, task=tasks)
@settings(max_examples=150, deadline=None)
def test_a_repaired_file_has_nothing_repairable_in_its_rows(
    folder: Path, data: bytes, model: ModelFacts | None, task: Task | None
) -> None:
    """Only lines that are not rows, and duplicates of their fragments, may keep repairable findings."""
    out, repair = repaired(folder, data, model=model, task=task)
    assume(not repair.withheld)

    lines = out.split(b"\n")
    found = [each for each in checked(out, model=model, task=task).findings if RULES[each.rule].repairable]
    assert repair.left or not found
    in_rows = [each for each in found if each.line and is_row(lines[each.line - 1])]
    fragments = [
        each for each in in_rows if each.rule == "duplicate-row" and not has_columns(lines[(each.line or 0) - 1])
    ]
    assert in_rows == fragments
    assert {each.rule for each in found if not each.line} <= ABOUT_THE_FILE
    assert repair.left == sum(not is_row(line) for line in lines[:-1])


@given(data=data, model=models, task=tasks)
@settings(max_examples=150, deadline=None)
def test_a_repair_keeps_at_least_as_many_rows(
    folder: Path, data: bytes, model: ModelFacts | None, task: Task | None
) -> None:
    out, repair = repaired(folder, data, model=model, task=task)

    before, after = checked(data, model=model, task=task), checked(out, model=model, task=task)
    assert after.kept + repair.counts.get("duplicate-row", 0) >= before.kept
    assert after.ok or not before.ok


FRAMINGS: dict[str, Callable[[list[str]], bytes]] = {
    "array": lambda rows: ("[" + ",".join(rows) + "]").encode(),
    "array on lines": lambda rows: ("[\n" + ",\n".join(rows) + "\n]\n").encode(),
    "pretty-printed array": lambda rows: json.dumps([json.loads(row) for row in rows], indent=2).encode(),
    "pretty-printed": lambda rows: "\n".join(json.dumps(json.loads(row), indent=4) for row in rows).encode(),
    "concatenated": lambda rows: "".join(rows).encode(),
    "commas": lambda rows: ",\n".join([*rows, ""]).encode(),
    "UTF-16": lambda rows: "\n".join(rows).encode("utf-16"),
    "UTF-16 BE": lambda rows: "\n".join(rows).encode("utf-16-be"),
    "UTF-32": lambda rows: "\r\n".join(rows).encode("utf-32"),
    "marked": lambda rows: b"\xef\xbb\xbf" + "\n".join(rows).encode(),
    "CRLF": lambda rows: "\r\n".join([*rows, ""]).encode(),
    "blank lines": lambda rows: "\n \n".join(rows).encode(),
}


@given(rows=st.lists(rows, min_size=1, max_size=5), model=models)
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_the_framing_makes_no_difference(
    folder: Path, framing: str, rows: list[dict[str, Any]], model: ModelFacts | None
) -> None:
    lines = [write_row(row).decode() for row in rows]

    plain, first = repaired(folder, "\n".join(lines).encode(), model=model)
    out, second = repaired(folder, FRAMINGS[framing](lines), model=model)

    assume(not first.withheld and not second.withheld)
    assert out == plain


clean_rows: Strategy = st.lists(st.text(min_size=1, max_size=4).filter(str.isprintable), max_size=6, unique=True).map(
    lambda said: [json.dumps({"prompt": each, "completion": each}, separators=(",", ":")) for each in said]
)


@given(lines=clean_rows)
@settings(deadline=None)
def test_rows_that_need_no_change_keep_their_bytes(folder: Path, lines: list[str]) -> None:
    plain = "".join(line + "\n" for line in lines).encode()

    out, repair = repaired(folder, plain)

    assert (out, repair.counts) == (plain, {})


@given(row=chats, model=models)
def test_a_row_is_repaired_until_nothing_repairable_is_left(row: dict[str, Any], model: ModelFacts | None) -> None:
    mended, edits = RowRepair(task=None, model=model).repair(row)

    repairable = {rule.id for rule in RULES.values() if rule.repairable}
    assert not repairable & {problem.rule for problem in judge_chat({"messages": [], **mended}, model)}
    assert (mended == row) is not bool(edits)
