"""Every rule of the check: a data set that breaks it, and the same data set mended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from maas_client.catalog.lookup import find_model
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.check.rules import RULES, loses_row

USER = {"role": "user", "content": "Do you fix mudguards?"}
ASSISTANT = {"role": "assistant", "content": "Yes, for nine euros."}
SYSTEM = {"role": "system", "content": "Be brief."}
TOOL = {"role": "tool", "content": "9"}
CALL = {"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "price", "arguments": "{}"}}]}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
TEXT = {"type": "text", "text": "What is this?"}


def chat(*messages: Any, **columns: Any) -> bytes:
    return json.dumps({"messages": list(messages), **columns}).encode()


def check(data: bytes, **options: Any) -> CheckReport:
    name, continues = options.pop("name", None), options.pop("continues", False)
    options.setdefault("survey", False)
    checker = CheckOptions(**options).checker(name=name, continues=continues)
    checker.feed(data)
    return checker.finish()


GOOD = chat(USER, ASSISTANT)
ENOUGH = b"\n".join([GOOD] * 10) + b"\n"
OTHERS = b"\n".join(chat({**USER, "content": f"Do you have {n} mudguards?"}, ASSISTANT) for n in range(10)) + b"\n"
LONG = {"role": "user", "content": "word " * 20_000}
MEDIUM, MINI = find_model("Phi-3-medium-4k-instruct"), find_model("Phi-3-mini-4k-instruct")
PHI_4_MINI = find_model("Phi-4-mini-instruct")


class Case(NamedTuple):
    rule: str
    broken: bytes
    mended: bytes
    line: int | None = 11
    pointer: str = ""
    options: Mapping[str, Any] = {}


def row(rule: str, broken: bytes, mended: bytes = GOOD, pointer: str = "", **options: Any) -> Case:
    return Case(rule, ENOUGH + broken, ENOUGH + mended, pointer=pointer, options=options)


def whole(
    rule: str, broken: bytes, mended: bytes = ENOUGH, line: int | None = None, pointer: str = "", **options: Any
) -> Case:
    return Case(rule, broken, mended, line=line, pointer=pointer, options=options)


@dataclass(frozen=True)
class Length:
    least: int
    least_before_answers: int
    error: float = 0.0


class Words:
    """Counts words for tokens."""

    def count(self, row: dict[str, Any]) -> Length:
        sizes = [len(turn["content"].split()) for turn in row["messages"]]
        roles = [turn["role"] for turn in row["messages"]]
        return Length(sum(sizes), sum(sizes[: roles.index("assistant")]))


SURVEYED = {"survey": True}
SECRET = chat({**USER, "content": "My key is sk-" + "a1B2" * 8}, ASSISTANT)
MAIL = chat({**USER, "content": "Write to ada.lovelace@analytical.engine.org"}, ASSISTANT)
PRETTY = json.dumps(json.loads(GOOD), indent=2).encode()
TEXTS = b'{"prompt": "a", "completion": "b"}\n' * 10

CASES = [
    Case("suffix-not-jsonl", ENOUGH, ENOUGH, line=None, options={"name": "train.json"}),
    whole("file-empty", b""),
    whole("rows-too-few", b"\n".join([GOOD] * 9)),
    whole("file-is-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"),
    whole("file-is-web-page", b"<!DOCTYPE html>\n<html></html>\n"),
    whole("file-is-compressed", b"\x1f\x8b\x08\x00\x00"),
    whole("file-is-table", b"PAR1\x15\x04"),
    whole("utf16", ENOUGH.decode().encode("utf-16"), line=1),
    whole("bom", b"\xef\xbb\xbf" + ENOUGH, line=1),
    whole("json-array", b"[\n" + b",\n".join([GOOD] * 10) + b"\n]\n"),
    whole("json-pretty-printed", b"\n".join([PRETTY] * 10)),
    row("utf8-invalid", b'{"messages": "caf\xe9"}'),
    row("row-blank", b"  \n" + GOOD),
    row("line-too-long", chat(USER, {"role": "assistant", "content": "x" * 5000}), longest=4096),
    row("nul-byte", GOOD.replace(b"fix", b"f\0x")),
    row("json-invalid", GOOD[:-1]),
    row("json-trailing-comma", GOOD + b", "),
    row("row-not-object", b'"only words"'),
    row("lone-surrogate", GOOD.replace(b"fix", b"\\ud800")),
    row("schema-mismatch", b'{"topic": "a", "body": "b"}'),
    row("schema-of-other-tool", b'{"question": "a", "answer": "b"}'),
    row("column-ignored", chat(USER, ASSISTANT, weight=1), pointer="/weight"),
    row("chat-messages-not-list", b'{"messages": "hello"}', pointer="/messages"),
    row("chat-too-short", chat(ASSISTANT), pointer="/messages"),
    row("chat-message-not-object", chat(USER, "hello"), pointer="/messages/1"),
    row("chat-role-invalid", chat({"content": "a"}, ASSISTANT), pointer="/messages/0/role"),
    row("chat-content-invalid", chat(USER, {"role": "assistant", "content": None}), pointer="/messages/1/content"),
    row(
        "chat-function-call",
        chat(USER, {"role": "assistant", "content": None, "function_call": {"name": "price", "arguments": "{}"}}),
        pointer="/messages/1/function_call",
    ),
    row(
        "chat-content-of-other-tool",
        chat(USER, {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "price", "input": {}}]}),
        pointer="/messages/1/content/0",
    ),
    row("chat-graded-row", chat(SYSTEM, USER, reference_answer="9"), pointer="/reference_answer"),
    row("chat-no-assistant", chat(SYSTEM, USER), pointer="/messages"),
    row("chat-last-not-assistant", chat(USER, ASSISTANT, USER), pointer="/messages/2/role"),
    row("chat-not-alternating", chat(USER, USER, ASSISTANT), pointer="/messages/1/role"),
    row("chat-system-not-first", chat(USER, SYSTEM, ASSISTANT), pointer="/messages/1/role"),
    row("chat-content-empty", chat(USER, {"role": "assistant", "content": " "}), pointer="/messages/1/content"),
    row(
        "chat-content-not-text",
        chat({"role": "user", "content": [TEXT, IMAGE]}, ASSISTANT),
        pointer="/messages/0/content/1",
    ),
    row("chat-content-in-parts", chat({"role": "user", "content": [TEXT]}, ASSISTANT), pointer="/messages/0/content"),
    row("chat-content-missing", chat(USER, CALL), pointer="/messages/1/content"),
    row(
        "chat-turn-tools-not-string",
        chat({**SYSTEM, "tools": [{"name": "f"}]}, USER, ASSISTANT),
        pointer="/messages/0/tools",
        model=PHI_4_MINI,
    ),
    whole(
        "field-type-changed",
        b"\n".join([*[chat(USER, ASSISTANT, tools=[])] * 10, chat(USER, ASSISTANT, tools="[]")]),
        line=11,
        pointer="/tools",
    ),
    whole(
        "field-appears-late",
        b"\n".join([*[chat({**USER, "content": "x" * 200_000}, ASSISTANT)] * 55, chat(USER, ASSISTANT, id=1)]),
        line=56,
        pointer="/id",
    ),
    whole(
        "column-type-changed",
        b"\n".join([*[chat(USER, ASSISTANT, id=1)] * 10, chat(USER, ASSISTANT, id="x")]),
        line=11,
        pointer="/id",
    ),
    row("chat-tool-calls", chat(USER, {**CALL, "content": ""}), pointer="/messages/1/tool_calls"),
    row("chat-key-ignored", chat(USER, {**ASSISTANT, "weight": 1}), pointer="/messages/1/weight"),
    row("mark-ignored", chat(USER, {**ASSISTANT, "weight": 0}), pointer="/messages/1/weight"),
    row("chat-role-uncommon", chat(USER, TOOL, ASSISTANT), pointer="/messages/1"),
    row("chat-role-omitted", chat(USER, TOOL, ASSISTANT), pointer="/messages/1", model=MINI),
    row("chat-system-omitted", chat(SYSTEM, USER, ASSISTANT), pointer="/messages/0", model=MEDIUM),
    row("chat-system-lost", chat(SYSTEM, ASSISTANT, USER, ASSISTANT), pointer="/messages/0", model=MEDIUM),
    row("chat-tools-omitted", chat(USER, ASSISTANT, tools=[{"type": "function"}]), pointer="/tools", model=MINI),
    Case("text-not-string", TEXTS + b'{"prompt": 1, "completion": "b"}', TEXTS, pointer="/prompt"),
    Case("text-empty", TEXTS + b'{"prompt": "a", "completion": " "}', TEXTS, pointer="/completion"),
    Case("text-answer-empty", TEXTS + b'{"prompt": "a", "completion": ""}', TEXTS, pointer="/completion"),
    whole("lone-carriage-return", OTHERS.replace(b"\n", b"\r"), line=1),
    whole("crlf", OTHERS.replace(b"\n", b"\r\n"), line=1),
    row("schema-misspelt", GOOD.replace(b"messages", b"Messages"), pointer="/Messages"),
    row("chat-message-misspelt", chat(USER, {"Role": "assistant", "Content": "Yes."}), pointer="/messages/1/Role"),
    row("chat-assistant-misnamed", chat(USER, {**ASSISTANT, "role": "gpt"}), pointer="/messages/1/role"),
    row("chat-role-misnamed", chat({**USER, "role": "human"}, ASSISTANT), pointer="/messages/0/role"),
    row("chat-answer-empty", chat(USER, {"role": "assistant", "content": ""}), pointer="/messages/1/content"),
    row("special-token", chat({**USER, "content": "Hi<|end|>"}, ASSISTANT), pointer="/messages/0/content"),
    row("row-truncated", chat(USER, ASSISTANT, LONG, ASSISTANT), model=MINI, counter=Words()),
    row("row-answer-cut-off", chat(LONG, ASSISTANT), model=MINI, counter=Words()),
    Case("duplicate-row", OTHERS + GOOD + b"\n" + GOOD, OTHERS + GOOD, line=12, options=SURVEYED),
    Case("near-duplicate-row", OTHERS + GOOD + b"\n" + GOOD.replace(b"Do", b"DO "), OTHERS, line=12, options=SURVEYED),
    Case("secret", OTHERS + SECRET, OTHERS, pointer="/messages/0/content", options=SURVEYED),
    Case("personal-data", OTHERS + MAIL, OTHERS, pointer="/messages/0/content", options=SURVEYED),
]


def test_every_rule_of_the_table_has_its_example() -> None:
    assert {case.rule for case in CASES} | {"validation-row-in-training", "validation-row-near-training"} == set(RULES)


def test_a_validation_row_in_training_is_reported_with_its_lines() -> None:
    training = check(OTHERS + GOOD, survey=True)
    shared = check(chat(USER, {**ASSISTANT, "content": "No."}) + b"\n" + GOOD, role="validation", survey=True)
    apart = check(chat(USER, {**ASSISTANT, "content": "No."}), role="validation", survey=True)

    [finding] = shared.against(training).findings
    assert (finding.rule, finding.line, finding.found) == ("validation-row-in-training", 2, "line 11")
    assert apart.against(training).findings == ()
    with pytest.raises(ValueError, match="survey=True"):
        shared.against(check(OTHERS))


def test_a_row_that_is_nearly_in_training_is_no_copy() -> None:
    training = check(OTHERS + chat(USER, {**ASSISTANT, "content": "It is +4 degrees."}) + b"\n" + GOOD, survey=True)
    near = chat(USER, {**ASSISTANT, "content": "it is +4 degrees"}) + b"\n"
    other = chat(USER, {**ASSISTANT, "content": "It is -4 degrees."}) + b"\n"

    [finding] = check(other + near, role="validation", survey=True).against(training).findings

    assert (finding.rule, finding.line, finding.found) == ("validation-row-near-training", 2, "line 11")
    assert finding.message == "the row is nearly line 11 of the training set"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_broken_dataset_is_reported_by_rule_line_and_remedy(case: Case) -> None:
    report = check(case.broken, **case.options)

    [finding] = [each for each in report.findings if each.rule == case.rule][:1]
    assert (finding.line, finding.pointer) == (case.line, case.pointer)
    assert finding.message
    assert finding.severity == RULES[case.rule].severity
    assert finding.remedy.endswith(".")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_repaired_dataset_has_no_such_finding(case: Case) -> None:
    report = check(case.mended, **{**case.options, "name": "train.jsonl"})

    assert case.rule not in report.counts
    assert report.ok


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_fast_path_misses_no_finding(case: Case) -> None:
    slowly = check(case.broken, **case.options)  # with no task and few rows, every row is read closely

    quickly = check(case.broken, task=slowly.task, **case.options)

    assert quickly.findings == slowly.findings
    assert (quickly.kept, quickly.counts) == (slowly.kept, slowly.counts)


@pytest.mark.parametrize("case", [case for case in CASES if loses_row(case.rule)], ids=lambda case: case.rule)
def test_a_rule_that_takes_rows_counts_them_as_dropped(case: Case) -> None:
    report = check(case.broken, **case.options)

    assert report.dropped[case.rule] >= 1
    assert report.kept + sum(report.dropped.values()) == report.rows


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_only_refused_and_fatal_findings_reject_a_file(case: Case) -> None:
    report = check(case.broken, **case.options)

    assert report.ok == all(finding.severity not in {"refused", "fatal"} for finding in report.findings)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_says_what_the_service_does_and_what_to_do(rule: Any) -> None:
    assert rule.service.endswith(".")
    assert rule.remedy.endswith(".")


def test_an_ignored_column_is_listed_once_and_counted_each_time() -> None:
    data = b"\n".join([chat(USER, ASSISTANT, weight=1), chat(USER, ASSISTANT, weight=2, source="counter")] * 5)

    report = check(data)

    assert [finding.found for finding in report.findings] == ["weight", "source"]
    assert report.counts == {"column-ignored": 15}


def test_the_tools_column_is_used_and_so_is_not_named() -> None:
    assert check(ENOUGH + chat(USER, ASSISTANT, tools=[])).findings == ()


def test_content_whose_text_parts_are_all_empty_is_empty() -> None:
    report = check(ENOUGH + chat({"role": "user", "content": [{"type": "text", "text": ""}]}, ASSISTANT))

    assert sorted(report.counts) == ["chat-content-empty", "chat-content-in-parts", "field-type-changed"]


def test_a_null_column_counts_as_absent() -> None:
    assert check(ENOUGH + chat(USER, ASSISTANT, weight=None)).findings == ()


def test_tool_results_between_two_assistant_turns_are_in_order() -> None:
    report = check(ENOUGH + chat(USER, CALL, TOOL, ASSISTANT))

    assert "chat-not-alternating" not in report.counts


def test_a_model_that_renders_any_role_leaves_no_turn_out() -> None:
    small = find_model("Phi-3-small-8k-instruct")

    report = check(ENOUGH + chat(SYSTEM, USER, TOOL, ASSISTANT), model=small)

    assert report.findings == ()


def test_a_text_file_keeps_to_the_spelling_of_its_first_row() -> None:
    other = b'{"text": "a", "ground_truth": "b"}\n'

    report = check(TEXTS + other * 3, task="text")

    assert (report.reading.schema.name, report.kept) == ("prompt_completion", 10)
    assert report.dropped == {"schema-mismatch": 3}


def test_the_task_is_taken_from_the_first_row_that_fits_one() -> None:
    report = check(b"{}\n" + TEXTS + GOOD)

    assert (report.task, report.task_from) == ("text", "detected")
    assert report.kept == 10


def test_a_text_file_checked_as_chat_names_both_sets_of_columns() -> None:
    report = check(TEXTS, task="chat")

    [mismatch] = [finding for finding in report.findings if finding.line == 1]
    assert "needs messages" in mismatch.message
    assert "prompt, completion" in mismatch.message
    assert (report.kept, report.task_from) == (0, "given")


def test_a_validation_file_may_be_short_but_not_useless() -> None:
    assert check(GOOD, role="validation").ok
    assert not check(chat(SYSTEM, USER), role="validation").ok
