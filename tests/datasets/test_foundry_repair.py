"""Repairs by Azure AI Foundry's rules: everything that the check calls repairable, and no other change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.foundry_rules import FOUNDRY_RULES
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.parts import check_file
from maas_client.datasets.repair.changes import Repair
from maas_client.datasets.repair.file_repair import fix_file

USER = {"role": "user", "content": "What does a bell cost?"}
ASSISTANT = {"role": "assistant", "content": "Nine euros."}
TOOLS = [{"type": "function", "function": {"name": "price", "parameters": {"type": "object"}}}]
GOOD = [{"messages": [{**USER, "content": f"What do {n} bells cost?"}, ASSISTANT]} for n in range(10)]


def call(*ids: str, arguments: Any = "{}", **more: Any) -> dict[str, Any]:
    calls = [{"id": each, "type": "function", "function": {"name": "price", "arguments": arguments}} for each in ids]
    return {"role": "assistant", "tool_calls": calls, **more}


def answer(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "9"}


def called(*messages: Any) -> dict[str, Any]:
    return {"messages": list(messages), "tools": TOOLS}


def checked(path: Path) -> CheckReport:
    return check_file(path, CheckOptions(surface="foundry", survey=False))


class Case(NamedTuple):
    rule: str
    broken: Any
    mended: Any
    pointer: str


CASES = [
    Case(
        "chat-content-beside-calls",
        called(USER, call("a", content=""), answer("a"), ASSISTANT),
        called(USER, call("a"), answer("a"), ASSISTANT),
        "/messages/1/content",
    ),
    Case(
        "chat-content-null-beside-calls",
        called(USER, call("a", content=None)),
        called(USER, call("a")),
        "/messages/1/content",
    ),
    Case(
        "chat-calls-in-several-turns",
        called(USER, call("a"), call("b"), call("c"), answer("a"), answer("b"), answer("c"), ASSISTANT),
        called(USER, call("a", "b", "c"), answer("a"), answer("b"), answer("c"), ASSISTANT),
        "/messages/2",
    ),
    Case(
        "chat-tool-arguments-not-text",
        called(USER, call("a", arguments={"of": "Glühlampe"})),
        called(USER, call("a", arguments='{"of": "Glühlampe"}')),
        "/messages/1/tool_calls",
    ),
    Case(
        "chat-weight-misplaced",
        {"messages": [{**USER, "weight": 0}, {**ASSISTANT, "weight": 1}]},
        {"messages": [USER, {**ASSISTANT, "weight": 1}]},
        "/messages/0/weight",
    ),
    Case(
        "chat-role-misnamed",
        {"messages": [{**USER, "role": "human"}, {**ASSISTANT, "role": "gpt"}]},
        {"messages": [USER, ASSISTANT]},
        "/messages/0/role",
    ),
    Case(
        "chat-message-misspelt",
        {"messages": [USER, {"Role": "assistant", "Content": "Nine euros."}]},
        {"messages": [USER, ASSISTANT]},
        "/messages/1/Role",
    ),
    Case("schema-misspelt", {"Messages": [USER, ASSISTANT]}, {"messages": [USER, ASSISTANT]}, "/Messages"),
    Case(
        "lone-surrogate",
        {"messages": [USER, {**ASSISTANT, "content": "nine \ud83d"}]},
        {"messages": [USER, {**ASSISTANT, "content": "nine \ufffd"}]},
        "",
    ),
]
ELSEWHERE = {
    *("utf16", "bom", "crlf", "lone-carriage-return", "json-array", "json-pretty-printed", "json-trailing-comma"),
    *("row-blank", "duplicate-row"),
}
"""Repairs of the file, which are the same for every service."""


@pytest.fixture
def fix(tmp_path: Path) -> Any:
    """Write rows to a file, repair it and return the repair and the rows of the copy."""

    def fixed(*rows: Any, start: bytes = b"", **options: Any) -> tuple[Repair, list[Any], CheckReport]:
        source, target = tmp_path / "raw.jsonl", tmp_path / "train.jsonl"
        source.write_bytes(start + "".join(json.dumps(row) + "\n" for row in rows).encode())
        repair = fix_file(source, target, surface="foundry", overwrite=True, **options)
        return repair, [json.loads(line) for line in target.read_text("utf-8").splitlines()], checked(target)

    return fixed


def test_every_repairable_rule_has_its_example() -> None:
    repairable = {rule.id for rule in FOUNDRY_RULES.values() if rule.repairable}

    assert {case.rule for case in CASES} | ELSEWHERE == repairable


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_row_is_repaired_and_nothing_else_changes(fix: Any, case: Case) -> None:
    repair, rows, report = fix(*GOOD, case.broken)

    assert rows == [*GOOD, case.mended]
    assert (report.ok, report.counts) == (True, {})
    assert set(repair.counts) == {case.rule}
    assert (repair.changes[0].source_line, repair.changes[0].pointer) == (11, case.pointer)


def test_a_byte_order_mark_is_removed(fix: Any) -> None:
    repair, rows, report = fix(*GOOD, start=b"\xef\xbb\xbf")

    assert (repair.counts, rows, report.counts) == ({"bom": 1}, GOOD, {})


def test_rows_of_preferences_are_repaired_in_all_their_messages(fix: Any) -> None:
    outputs = {"preferred_output": [call("a", content="")], "non_preferred_output": [{**ASSISTANT, "role": "gpt"}]}
    row: Any = {"input": {"messages": [{**USER, "weight": 1}], "tools": TOOLS}, **outputs}

    repair, rows, report = fix(*[{**row, "input": {**row["input"], "messages": [USER]}}] * 1, row)

    assert rows == [
        {
            "input": {"messages": [USER], "tools": TOOLS},
            "preferred_output": [call("a")],
            "non_preferred_output": [ASSISTANT],
        }
    ]
    assert report.method == "dpo"
    assert repair.counts["duplicate-row"] == 1


def test_a_row_with_a_problem_that_stays_is_repaired_otherwise(fix: Any) -> None:
    broken = {"messages": [{**USER, "weight": 1}, call("a", content="")]}

    repair, rows, report = fix(*GOOD, broken)

    assert rows[-1] == {"messages": [USER, call("a")]}
    assert set(repair.counts) == {"chat-content-beside-calls", "chat-weight-misplaced"}
    assert report.dropped == {"chat-tool-undefined": 1}


def test_calls_with_the_same_id_are_not_merged(fix: Any) -> None:
    row = called(USER, call("a"), call("a"), answer("a"), ASSISTANT)

    repair, rows, report = fix(*GOOD, row)

    assert (rows[-1], repair.counts) == (row, {})
    assert report.dropped == {"chat-tool-answer-missing": 1}


def test_a_file_repaired_for_one_service_is_not_for_the_other(fix: Any, tmp_path: Path) -> None:
    rows = [called({**USER, "content": f"{n} bells?"}, call("a", content="")) for n in range(10)]

    fix(*rows)

    foundry = (tmp_path / "train.jsonl").read_bytes()
    fix_file(tmp_path / "train.jsonl", tmp_path / "azureml.jsonl")
    assert b'"content": ""' not in foundry
    assert b'"content":""' in (tmp_path / "azureml.jsonl").read_bytes().replace(b": ", b":")
    assert not check_file(tmp_path / "train.jsonl", CheckOptions(survey=False)).ok


def test_repairing_again_changes_nothing(fix: Any) -> None:
    _, rows, _ = fix(*GOOD, *[case.broken for case in CASES])

    repair, again, _ = fix(*rows)

    assert (repair.counts, again) == ({}, rows)


def test_a_misspelt_row_is_for_what_its_repair_looks_like(fix: Any) -> None:
    asking = {"Messages": [{"role": "user", "content": "Hi"}]}  # a row for reinforcement, once it is spelt right
    weighted = [{"role": "user", "content": "Hi", "weight": 0}]
    pair: dict[str, Any] = {"input": {"messages": weighted}, "preferred_output": [], "non_preferred_output": []}
    repair, rows, _ = fix(asking, pair)
    assert repair.counts == {"schema-misspelt": 1, "chat-weight-misplaced": 1}

    repair, again, _ = fix(*rows)

    assert (repair.counts, again) == ({}, rows)
