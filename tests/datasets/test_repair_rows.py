"""What is repaired within rows, what is left alone, and how each change is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from repaired import checked, repaired

from maas_client.catalog.lookup import find_model
from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.check.rules import RULES
from maas_client.datasets.repair.changes import Change
from maas_client.datasets.rows.schemas import Task

MEDIUM, MINI, SMALL = (find_model(f"Phi-3-{name}-instruct") for name in ("medium-4k", "mini-4k", "small-8k"))
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Yes."}
CALL = {"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}]}


def row(*messages: Any, escaped: bool = True, **columns: Any) -> bytes:
    return json.dumps({"messages": list(messages), **columns}, ensure_ascii=escaped).encode() + b"\n"


def named(role: str, turn: dict[str, Any]) -> dict[str, Any]:
    return {**turn, "role": role}


GOOD = row(USER, ANSWER)
OTHER = row({**USER, "content": "Good evening"}, ANSWER)


class Case(NamedTuple):
    broken: bytes
    mended: bytes
    model: ModelFacts | None = None


EXAMPLES = {
    "utf16": Case(GOOD.decode().encode("utf-16"), GOOD),
    "bom": Case(b"\xef\xbb\xbf" + GOOD, GOOD),
    "crlf": Case(GOOD.replace(b"\n", b"\r\n"), GOOD),
    "lone-carriage-return": Case(GOOD.replace(b"\n", b"\r") + OTHER.replace(b"\n", b"\r"), GOOD + OTHER),
    "json-array": Case(b"[\n" + GOOD + b",\n" + OTHER + b"]\n", GOOD + OTHER),
    "json-pretty-printed": Case(json.dumps(json.loads(GOOD), indent=2).encode(), GOOD),
    "row-blank": Case(GOOD + b" \n" + OTHER, GOOD + OTHER),
    "json-trailing-comma": Case(GOOD.replace(b"\n", b",\n"), GOOD),
    "schema-misspelt": Case(GOOD.replace(b"messages", b"Messages"), GOOD),
    "chat-message-misspelt": Case(row({"Role": "user", "CONTENT": "Hello"}, ANSWER), GOOD),
    "chat-assistant-misnamed": Case(row(USER, named("gpt", ANSWER)), GOOD),
    "chat-role-misnamed": Case(row(named("human", USER), ANSWER), GOOD),
    "chat-content-in-parts": Case(row({**USER, "content": [{"type": "text", "text": "Hel"}, "lo"]}, ANSWER), GOOD),
    "chat-content-missing": Case(
        row(USER, CALL), row(USER, {"role": "assistant", "content": "", "tool_calls": CALL["tool_calls"]})
    ),
    "column-type-changed": Case(
        row(USER, ANSWER, id=1) + row({**USER, "content": "Good evening"}, ANSWER, id="x"), GOOD + OTHER
    ),
    "lone-surrogate": Case(
        row(USER, {**ANSWER, "content": "Yes \ud83d."}), row(USER, {**ANSWER, "content": "Yes \ufffd."}, escaped=False)
    ),
    "chat-system-omitted": Case(
        row(SYSTEM, USER, ANSWER), row({**USER, "content": "Be brief.\n\nHello"}, ANSWER), MEDIUM
    ),
    "duplicate-row": Case(GOOD + OTHER + GOOD, GOOD + OTHER),
}


def test_every_repairable_rule_has_an_example() -> None:
    assert EXAMPLES.keys() == {rule.id for rule in RULES.values() if rule.repairable}


@pytest.mark.parametrize(("rule", "case"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_all_that_the_check_calls_repairable_is_repaired(tmp_path: Path, rule: str, case: Case) -> None:
    assert rule in checked(case.broken, model=case.model).counts

    out, repair = repaired(tmp_path, case.broken, model=case.model)

    assert out == case.mended
    assert repair.counts.keys() == {rule}
    assert {change.rule for change in repair.changes} == {rule}
    assert not {rule for rule in checked(out, model=case.model).counts if RULES[rule].repairable}


@pytest.mark.parametrize(
    ("line", "mended", "task"),
    [
        (b'{"Prompt": "a", "COMPLETION": "b"}', b'{"prompt": "a", "completion": "b"}', None),
        (b'{"text": "a", "groundTruth": "b", "x": 1}', b'{"text": "a", "ground_truth": "b", "x": 1}', None),
        (b'{"Prompt": "a", "messages": [], "completion": "b"}', None, None),
        (
            b'{"Prompt": "a", "messages": [], "completion": "b"}',
            b'{"prompt": "a", "messages": [], "completion": "b"}',
            "text",
        ),
        (b'{"Prompt": "a"}', None, None),
        (b'{"Prompt": "a", "prompt": "b", "completion": "c"}', None, None),
        (b'{"Messages": "words"}', b'{"messages": "words"}', None),
        (b'{"Messages": "words"}', None, "text"),
        (b'{"question": "a", "answer": "b"}', None, None),
    ],
)
def test_columns_are_spelled_as_in_the_task(
    tmp_path: Path, line: bytes, mended: bytes | None, task: Task | None
) -> None:
    out, _ = repaired(tmp_path, line + b"\n", task=task)

    assert out == (mended or line) + b"\n"


def test_a_file_follows_the_first_row_and_others_are_left_alone(tmp_path: Path) -> None:
    texts = b'{"prompt": "a", "completion": "b"}\n{"Message": [], "prompt": "c", "completion": "d"}\n'

    assert repaired(tmp_path, texts + b'{"Messages": []}\n')[0] == texts + b'{"Messages": []}\n'


@pytest.mark.parametrize(
    "left",
    [
        row(USER, {"role": "gpt", "content": 5}),
        row({"role": "human", "content": "Hello"}),
        row({"role": "human", "content": "Hello"}, {"role": "tool", "content": "9"}),
        row(USER, {**ANSWER, "Content": "No."}),
        row(USER, {"role": "assistant", "content": None, "Content": "No."}),
        row(USER, "gpt"),
        b'{"messages": {"Role": "gpt"}}\n',
    ],
)
def test_a_row_that_stays_lost_is_left_as_it_is(tmp_path: Path, left: bytes) -> None:
    assert repaired(tmp_path, left, model=MEDIUM)[0] == left


def test_one_repair_reveals_the_next(tmp_path: Path) -> None:
    turns = [{"Role": "System", "Content": "Be brief."}, {"role": "human", "content": "Hello"}]
    line = json.dumps({"Message": [*turns, {"ROLE": "bot", "content": "Yes."}]}).encode()

    out, repair = repaired(tmp_path, OTHER + line, model=MEDIUM)

    assert out == OTHER + row({**USER, "content": "Be brief.\n\nHello"}, ANSWER)
    assert [(each.rule, each.pointer, each.done) for each in repair.changes] == [
        ("chat-assistant-misnamed", "/messages/2/role", "the role bot became assistant"),
        ("chat-message-misspelt", "/messages/0/Role", "the key Role became role"),
        ("chat-message-misspelt", "/messages/0/Content", "the key Content became content"),
        ("chat-message-misspelt", "/messages/2/ROLE", "the key ROLE became role"),
        ("chat-role-misnamed", "/messages/0/role", "the role System became system"),
        ("chat-role-misnamed", "/messages/1/role", "the role human became user"),
        ("chat-system-omitted", "/messages/0", "the system message was merged into the first user turn"),
        ("schema-misspelt", "/Message", "the column Message became messages"),
    ]
    assert {(each.source_line, each.target_line) for each in repair.changes} == {(2, 2)}


@pytest.mark.parametrize("model", [None, MINI, SMALL])
def test_a_system_message_stays_where_the_model_knows_it(tmp_path: Path, model: ModelFacts | None) -> None:
    line = row(SYSTEM, USER, ANSWER)

    assert repaired(tmp_path, line, model=model)[0] == line


@pytest.mark.parametrize(("model", "role"), [(None, "system"), (MINI, "system"), (SMALL, "developer")])
def test_a_developer_becomes_system_unless_any_role_is_rendered(
    tmp_path: Path, model: ModelFacts | None, role: str
) -> None:
    out, _ = repaired(tmp_path, row(named("developer", SYSTEM), USER, ANSWER), model=model)

    assert out == row(named(role, SYSTEM), USER, ANSWER)


@pytest.mark.parametrize(
    "turns", [(USER, ANSWER, SYSTEM, USER, ANSWER), (SYSTEM, ANSWER), (SYSTEM, SYSTEM, USER, ANSWER)]
)
def test_a_system_message_that_cannot_move_stays(tmp_path: Path, turns: tuple[dict[str, Any], ...]) -> None:
    assert repaired(tmp_path, row(*turns), model=MEDIUM)[0] == row(*turns)


def test_copies_are_known_by_what_is_written(tmp_path: Path) -> None:
    copies = GOOD + b" " + GOOD.replace(b"\n", b"\t\r\n") + GOOD.replace(b"user", b"human") + GOOD.replace(b" ", b"")

    out, repair = repaired(tmp_path, copies)

    assert out == GOOD + GOOD.replace(b" ", b"")
    removed = [each for each in repair.changes if each.rule == "duplicate-row"]
    assert [(each.source_line, each.target_line, each.done) for each in removed] == [
        (2, None, "the copy of line 1 was removed"),
        (3, None, "the copy of line 1 was removed"),
    ]
    assert repair.counts == {"crlf": 1, "duplicate-row": 2}
    assert repair.rows_read - repair.rows_written == 2


def test_a_changed_row_is_rewritten_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    escaped = b'{"messages":[{"role":"user","content":"\\u00e9"},{"role":"assistant","content":"x"}],"n":1.10}\n'
    misnamed = escaped.replace(b"user", b"human").replace(b'"x"', b'"y"')

    out, _ = repaired(tmp_path, escaped + misnamed)

    assert out == escaped + (
        '{"messages": [{"role": "user", "content": "é"}, {"role": "assistant", "content": "y"}], "n": 1.1}\n'.encode()
    )


def test_half_a_surrogate_pair_is_replaced_wherever_it_stands(tmp_path: Path) -> None:
    broken = json.dumps({"messages": [USER, {**ANSWER, "content": "é \ud800"}], "k\udc00": ["\ud83d\ude00", "\ud83d"]})

    out, _ = repaired(tmp_path, broken.encode() + b"\n")

    whole = {"messages": [USER, {**ANSWER, "content": "é \ufffd"}], "k\ufffd": ["\U0001f600", "\ufffd"]}
    assert out.decode() == json.dumps(whole, ensure_ascii=False) + "\n"


def test_only_mixed_columns_that_training_ignores_are_removed(tmp_path: Path) -> None:
    tools = [{"type": "function"}], [{"type": 1}]
    meta: tuple[Any, Any] = {"a": 1}, {"a": []}
    first, second = (
        row({**USER, "weight": weight}, {**ANSWER, "content": text}, tools=tool, kept="x", meta=each)
        for weight, text, tool, each in zip((1, "1"), ("Yes.", "No."), tools, meta, strict=True)
    )

    out, repair = repaired(tmp_path, first + second)

    assert out == b"".join(
        row(USER, {**ANSWER, "content": text}, tools=tool, kept="x")
        for text, tool in zip(("Yes.", "No."), tools, strict=True)
    )
    assert [change.done for change in repair.changes if change.source_line == 1] == [
        "the column meta was removed",
        "the key weight was removed",
    ]


def test_the_first_changes_of_a_rule_are_listed_all_are_counted(tmp_path: Path) -> None:
    _, repair = repaired(tmp_path, (GOOD + b"\n") * 5, keep=2)

    assert repair.counts == {"duplicate-row": 4, "row-blank": 5}
    assert repair.changes == (
        Change(rule="duplicate-row", source_line=3, target_line=None, done="the copy of line 1 was removed"),
        Change(rule="duplicate-row", source_line=5, target_line=None, done="the copy of line 1 was removed"),
        Change(rule="row-blank", source_line=2, target_line=None, done="the blank line was removed"),
        Change(rule="row-blank", source_line=4, target_line=None, done="the blank line was removed"),
    )
    assert repaired(tmp_path, GOOD * 3, keep=0)[1].changes == ()


def test_a_repair_reports_its_result(tmp_path: Path) -> None:
    _, repair = repaired(tmp_path, GOOD + b"oops\r\n" + GOOD)

    assert repair.summary == ("3 rows read, 2 written, 2 changes; 1 are not JSON objects and were left unchanged")
    assert repaired(tmp_path, GOOD)[1].summary == "1 rows read, 1 written, no changes"
    assert json.loads(json.dumps(repair.to_dict())) == {
        "rows_read": 3,
        "rows_written": 2,
        "left": 1,
        "withheld": "",
        "counts": {"crlf": 1, "duplicate-row": 1},
        "changes": [
            {
                "rule": "crlf",
                "source_line": 2,
                "target_line": 2,
                "pointer": "",
                "done": "the carriage return at the line's end was removed",
            },
            {
                "rule": "duplicate-row",
                "source_line": 3,
                "target_line": None,
                "pointer": "",
                "done": "the copy of line 1 was removed",
            },
        ],
    }
