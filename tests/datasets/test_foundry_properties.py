"""What holds for any bytes by Foundry's rules: a report, the same in any chunking and of parts; repairs that last."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from maas_client.catalog.tuning_methods import METHODS, TuningMethod
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.fast_path import ChatFastPath
from maas_client.datasets.check.foundry_rules import FOUNDRY_RULES
from maas_client.datasets.check.line_batch import LineBatch
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.foundry_rows.image_headers import read_header
from maas_client.datasets.foundry_rows.row_problems import problems_in
from maas_client.datasets.foundry_rows.schemas import SCHEMAS, SUPERVISED
from maas_client.datasets.repair.file_repair import fix_file
from maas_client.datasets.repair.foundry_row_repair import FoundryRowRepair

Strategy = st.SearchStrategy[Any]
GOOD = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'
TOOLS: list[Any] = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
STARTS = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBP"]
REPAIRABLE = {rule.id for rule in FOUNDRY_RULES.values() if rule.repairable}


def objects(required: dict[str, Strategy], *, perhaps: dict[str, Strategy] | None = None) -> Strategy:
    return st.fixed_dictionaries(required, optional=perhaps or {})


scalars: Strategy = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
values: Strategy = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
images = objects({"type": st.just("image_url")}, perhaps={"image_url": values | objects({}, perhaps={"url": values})})
parts = st.lists(images | st.just({"type": "text", "text": "Hi"}) | values, max_size=2)
contents: Strategy = st.sampled_from(["Hi", "Hi", "", " ", "\ud800"]) | parts | values
roles: Strategy = st.sampled_from(["system", "user", "assistant", "tool", "developer", "gpt", "function"]) | values
functions: Strategy = objects(
    {"name": st.sampled_from(["f", "f", "g"]), "arguments": st.sampled_from(["{}", "{", {}, {"a": 1}, None])}
)
ids = st.sampled_from(["a", "b", "c"])
calls: Strategy = objects({"id": ids, "type": st.just("function"), "function": functions}) | values
weights: Strategy = st.sampled_from([0, 1, 0.5, None, True])
calling: Strategy = objects(
    {"role": st.just("assistant"), "tool_calls": st.lists(calls, min_size=1, max_size=2)},
    perhaps={"content": st.sampled_from(["", None, "x"]), "weight": weights},
)
answers: Strategy = objects({"role": st.just("tool"), "tool_call_id": ids, "content": st.just("9")})
loose: Strategy = objects(
    {}, perhaps={"role": roles, "content": contents, "Content": contents, "tool_calls": values, "weight": values}
)
tidy: Strategy = objects(
    {"role": st.sampled_from(["user", "assistant"]), "content": st.just("Hi")}, perhaps={"weight": weights}
)
messages: Strategy = st.lists(tidy | calling | answers | tidy | loose, max_size=5) | values
tools: Strategy = st.just(TOOLS) | st.just(TOOLS) | values
rows: Strategy = st.one_of(
    objects({"messages": messages}, perhaps={"tools": tools, "more": values}),
    objects({"Messages": messages}),
    objects(
        {
            "input": objects({"messages": messages}, perhaps={"tools": tools}) | values,
            "preferred_output": messages,
            "non_preferred_output": messages,
        }
    ),
    st.dictionaries(st.sampled_from(["messages", "input", "prompt", "more"]), values, max_size=3),
)
encoded = (rows | values).map(lambda row: json.dumps(row).encode())
odd = st.sampled_from([b"", b"{", b"}", b"[", b"\xef\xbb\xbf", b"\xff\xfe{\0", b"\xe9"])
lines = st.lists(encoded | odd | st.just(GOOD), max_size=12)
methods = st.sampled_from([None, *METHODS])
keeps = st.sampled_from([0, 1, 20])


def check(
    data: bytes, *, method: TuningMethod | None, keep: int = 20, continues: bool = False, size: int = 1 << 20
) -> CheckReport:
    asked = CheckOptions(surface="foundry", method=method, keep=keep, foundry_model="gpt-4.1-nano-2025-04-14")
    checker = asked.checker(continues=continues)
    for start in range(0, len(data), size):
        checker.feed(data[start : start + size])
    return checker.finish()


@given(lines=lines, method=methods)
@settings(max_examples=200, deadline=None)
def test_any_lines_give_a_report_that_accounts_for_every_row(lines: list[bytes], method: TuningMethod | None) -> None:
    report = check(b"\n".join(lines), method=method)

    assert report.kept + sum(report.dropped.values()) == report.rows
    assert json.loads(json.dumps(report.to_dict()))["rows"] == report.rows
    assert report.summary.isprintable()


@given(lines=lines, method=methods, keep=keeps, size=st.integers(1, 40))
@settings(deadline=None)
def test_the_report_does_not_depend_on_the_chunks(
    lines: list[bytes], method: TuningMethod | None, keep: int, size: int
) -> None:
    data = b"\n".join(lines)

    assert check(data, method=method, keep=keep, size=size) == check(data, method=method, keep=keep)


@given(lines=lines, method=methods, keep=keeps, data=st.data())
@settings(max_examples=150, deadline=None)
def test_reports_on_the_parts_add_up_to_the_report_on_the_whole(
    lines: list[bytes], method: TuningMethod | None, keep: int, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(lines) + 1))
    parts = [b"".join(line + b"\n" for line in part) for part in (lines[:cut], lines[cut:])]

    first, second = (check(part, method=method, keep=keep, continues=bool(at)) for at, part in enumerate(parts))

    assert first + second == check(b"".join(parts), method=method, keep=keep)


@given(row=rows)
@settings(max_examples=200, deadline=None)
def test_a_row_that_passes_the_fast_path_has_no_problem(row: dict[str, Any]) -> None:
    clean = ChatFastPath(system=True).all_clean(LineBatch([json.dumps(row).encode() + b"\n"]))

    assert not clean or list(problems_in(row, SUPERVISED)) == []


@given(row=rows, method=methods)
@settings(max_examples=300, deadline=None)
def test_a_row_is_repaired_until_nothing_repairable_is_left(row: dict[str, Any], method: TuningMethod | None) -> None:
    repair = FoundryRowRepair(method=method)
    mended, edits = repair.repair(row)

    schema = next((each for each in SCHEMAS if each.method == repair.followed), None)
    found: set[str] = set() if schema is None else {problem.rule for problem in problems_in(mended, schema)}
    assert not found & REPAIRABLE
    assert (mended == row) is not bool(edits)
    assert repair.repair(mended) == (mended, [])


@given(lines=lines, ends=st.sampled_from([b"\n", b"\r\n", b",\n", b""]), method=methods)
@settings(max_examples=100, deadline=None)
def test_a_repair_of_any_lines_is_idempotent_and_loses_no_row(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ends: bytes, method: TuningMethod | None
) -> None:
    folder = tmp_path_factory.mktemp("repair")
    source, once, twice = (folder / name for name in ("source.jsonl", "once.jsonl", "twice.jsonl"))
    source.write_bytes(ends.join(lines))

    repair = fix_file(source, once, surface="foundry", method=method)
    fix_file(once, twice, surface="foundry", method=method)

    before, after = (check(file.read_bytes(), method=method) for file in (source, once))
    assert after.kept + repair.counts.get("duplicate-row", 0) >= before.kept
    assert after.ok or not before.ok
    assert twice.read_bytes() == once.read_bytes()


@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=60))
def test_any_bytes_are_read_as_an_image_or_not(start: bytes, rest: bytes) -> None:
    header = read_header(start + rest)

    assert (header is None) or header.kind in {"JPEG", "PNG", "WEBP"}
