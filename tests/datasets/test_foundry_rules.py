"""Every rule of Azure AI Foundry: a data set that breaks it, and the same data set mended."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.foundry_rule_set import FOUNDRY, LARGEST_FILE, LARGEST_UPLOAD, MOST_PICTURED
from maas_client.datasets.check.foundry_rules import FOUNDRY_RULES
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.check.rules import RULES

USER = {"role": "user", "content": "Do you fix mudguards?"}
ASSISTANT = {"role": "assistant", "content": "Yes, for nine euros."}
SYSTEM = {"role": "system", "content": "Be brief."}
DEVELOPER = {"role": "developer", "content": "Be brief."}
TOOLS = [{"type": "function", "function": {"name": "price", "parameters": {"type": "object"}}}]


def call(*ids: str, arguments: Any = "{}", name: str = "price", **more: Any) -> dict[str, Any]:
    calls = [{"id": each, "type": "function", "function": {"name": name, "arguments": arguments}} for each in ids]
    return {"role": "assistant", "tool_calls": calls, **more}


def answer(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "9"}


def chat(*messages: Any, **columns: Any) -> bytes:
    return json.dumps({"messages": list(messages), **columns}).encode()


def called(*messages: Any, tools: Any = TOOLS) -> bytes:
    return chat(*messages, tools=tools)


def preference(given: Any = None, good: Any = None, bad: Any = None, **columns: Any) -> bytes:
    row = {
        "input": given if given is not None else {"messages": [USER]},
        "preferred_output": good if good is not None else [ASSISTANT],
        "non_preferred_output": bad if bad is not None else [{**ASSISTANT, "content": "No."}],
    }
    return json.dumps({**row, **columns}).encode()


def png(colour: int) -> bytes:
    header = (1).to_bytes(4, "big") * 2 + bytes([8, colour, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + header


def image(data: bytes = png(2), kind: str = "image/png", **more: Any) -> dict[str, Any]:
    address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": address, **more}}


def shown(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": "What is this?"}, *parts]}


def check(data: bytes, **options: Any) -> CheckReport:
    options = {"surface": "foundry", "survey": False, **options}
    continues = options.pop("continues", False)
    checker = CheckOptions(**options).checker(name="train.jsonl", continues=continues)
    checker.feed(data)
    return checker.finish()


GOOD = chat(USER, ASSISTANT)
ENOUGH = b"\n".join([GOOD] * 10) + b"\n"
OTHERS = b"\n".join(chat({**USER, "content": f"Do you have {n} mudguards?"}, ASSISTANT) for n in range(10)) + b"\n"
PREFERENCES = (preference() + b"\n") * 10
GRADED = (chat(USER, answer="9") + b"\n") * 10
ROUTED = (chat(USER, labels={"gpt-4.1": 1}, usage={"gpt-4.1": {"total_tokens": 9}}) + b"\n") * 10
PRETTY = json.dumps(json.loads(GOOD), indent=2).encode()
SECRET = chat({**USER, "content": "My key is sk-" + "a1B2" * 8}, ASSISTANT)
MAIL = chat({**USER, "content": "Write to ada.lovelace@analytical.engine.org"}, ASSISTANT)
SURVEYED = {"survey": True}


class Case(NamedTuple):
    rule: str
    broken: bytes
    mended: bytes
    line: int | None = 11
    pointer: str = ""
    options: Mapping[str, Any] = {}


def row(rule: str, broken: bytes, pointer: str = "", *, mended: bytes = GOOD, **options: Any) -> Case:
    return Case(rule, ENOUGH + broken, ENOUGH + mended, pointer=pointer, options=options)


def whole(rule: str, broken: bytes, mended: bytes = ENOUGH, line: int | None = None, **options: Any) -> Case:
    return Case(rule, broken, mended, line=line, options=options)


def of(good: bytes, rule: str, broken: bytes, pointer: str = "", **options: Any) -> Case:
    return Case(rule, good + broken, good, pointer=pointer, options=options)


SUPERVISED: dict[str, Any] = {"method": "supervised"}
CASES = [
    whole("file-empty", b""),
    whole("rows-too-few", b"\n".join([GOOD] * 9)),
    whole("file-is-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"),
    whole("file-is-web-page", b"<!DOCTYPE html>\n<html></html>\n"),
    whole("file-is-compressed", b"\x1f\x8b\x08\x00\x00"),
    whole("file-is-table", b"PAR1\x15\x04"),
    whole("utf16", ENOUGH.decode().encode("utf-16"), line=1),
    whole("bom", b"\xef\xbb\xbf" + ENOUGH, line=1),
    whole("crlf", OTHERS.replace(b"\n", b"\r\n"), line=1),
    whole("lone-carriage-return", OTHERS.replace(b"\n", b"\r"), line=1),
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
    row("schema-misspelt", GOOD.replace(b"messages", b"Messages"), "/Messages"),
    row("column-ignored", chat(USER, ASSISTANT, source="counter"), "/source"),
    row("mark-ignored", chat(USER, {**ASSISTANT, "train": False}), "/messages/1/train"),
    row("chat-messages-not-list", b'{"messages": "hello"}', "/messages"),
    row("chat-too-short", chat(), "/messages"),
    row("chat-message-not-object", chat("hello", ASSISTANT), "/messages/0"),
    row("chat-role-invalid", chat(SYSTEM, {**USER, "role": "narrator"}, ASSISTANT), "/messages/1/role"),
    row("chat-role-misnamed", chat({**USER, "role": "human"}, ASSISTANT), "/messages/0/role"),
    row("chat-message-misspelt", chat(USER, {"Role": "assistant", "Content": "Yes."}), "/messages/1/Role"),
    row("chat-content-invalid", chat({"role": "user", "content": 9}, ASSISTANT), "/messages/0/content"),
    row("chat-content-empty", chat(USER, {**ASSISTANT, "content": " "}), "/messages/1/content"),
    row("chat-part-invalid", chat(shown({"type": "video_url"}), ASSISTANT), "/messages/0/content/1"),
    row(
        "chat-function-call",
        chat(USER, {"role": "assistant", "function_call": {"name": "price", "arguments": "{}"}}),
        "/messages/1/function_call",
    ),
    row("chat-key-ignored", chat({**USER, "mood": "good"}, ASSISTANT), "/messages/0/mood"),
    row("chat-weight-invalid", chat(USER, {**ASSISTANT, "weight": 0.5}), "/messages/1/weight"),
    row("chat-weight-misplaced", chat({**USER, "weight": 1}, ASSISTANT), "/messages/0/weight"),
    row("chat-weights-all-zero", chat(USER, {**ASSISTANT, "weight": 0}), "/messages"),
    row("chat-not-alternating", chat(USER, USER, ASSISTANT), "/messages/1/role"),
    row("chat-system-not-first", chat(USER, SYSTEM, ASSISTANT), "/messages/1/role"),
    row("chat-no-assistant", chat(SYSTEM, USER), "/messages", **SUPERVISED),
    row("chat-graded-row", chat(USER, reference_answer="9"), "/reference_answer", **SUPERVISED),
    row("chat-last-not-assistant", chat(USER, ASSISTANT, USER), "/messages/2/role", **SUPERVISED),
    row("chat-content-beside-calls", called(USER, call("a", content="")), "/messages/1/content"),
    row("chat-content-null-beside-calls", called(USER, call("a", content=None)), "/messages/1/content"),
    row("chat-tools-invalid", called(USER, ASSISTANT, tools=[{"name": "price"}]), "/tools/0"),
    row("chat-tool-calls-invalid", called(USER, {**call(), "tool_calls": []}), "/messages/1/tool_calls"),
    row(
        "chat-tool-arguments-not-text",
        called(USER, call("a", arguments={"of": "bell"})),
        "/messages/1/tool_calls/0/function/arguments",
    ),
    row(
        "chat-tool-arguments-invalid",
        called(USER, call("a", arguments="{of")),
        "/messages/1/tool_calls/0/function/arguments",
    ),
    row("chat-tool-undefined", called(USER, call("a", name="stock")), "/messages/1/tool_calls/0/function/name"),
    row(
        "chat-calls-in-several-turns",
        called(USER, call("a"), call("b"), answer("a"), answer("b"), ASSISTANT),
        "/messages/2/tool_calls",
    ),
    row("chat-tool-answer-missing", called(USER, call("a", "b"), answer("b"), ASSISTANT), "/messages/1/tool_calls"),
    row(
        "chat-tool-answer-unasked",
        called(USER, call("a"), answer("b"), answer("a"), ASSISTANT),
        "/messages/2/tool_call_id",
    ),
    row(
        "chat-image-not-from-user",
        chat(USER, {"role": "assistant", "content": [image()]}),
        "/messages/1/content/0",
    ),
    row(
        "chat-image-address-invalid",
        chat(shown({"type": "image_url", "image_url": {"url": "mudguard.png"}}), ASSISTANT),
        "/messages/0/content/1/image_url/url",
    ),
    row("chat-image-kind", chat(shown(image(b"GIF89a")), ASSISTANT), "/messages/0/content/1/image_url/url"),
    row("chat-image-colours", chat(shown(image(png(0))), ASSISTANT), "/messages/0/content/1/image_url/url"),
    row(
        "chat-image-too-large",
        chat(shown(image(png(2) + bytes(10 * 1024 * 1024))), ASSISTANT),
        "/messages/0/content/1/image_url/url",
    ),
    row("chat-images-too-many", chat(shown(*[image()] * 65), ASSISTANT), "/messages"),
    row("chat-images-unseen", chat(shown(image()), ASSISTANT), "/messages", foundry_model="gpt-4.1-nano-2025-04-14"),
    of(PREFERENCES, "preference-input-invalid", preference([USER]), "/input"),
    of(PREFERENCES, "preference-output-invalid", preference(bad=[USER]), "/non_preferred_output/0/role"),
    of(PREFERENCES, "preference-outputs-equal", preference(bad=[ASSISTANT]), "/non_preferred_output"),
    of(GRADED, "graded-row-answered", chat(USER, ASSISTANT), "/messages/1/role"),
    of(ROUTED, "routed-labels-empty", chat(USER, labels={}), "/labels", foundry_model="model-router"),
    Case("duplicate-row", OTHERS + GOOD + b"\n" + GOOD, OTHERS + GOOD, line=12, options=SURVEYED),
    Case("near-duplicate-row", OTHERS + GOOD + b"\n" + GOOD.replace(b"Do", b"DO "), OTHERS, line=12, options=SURVEYED),
    Case("secret", OTHERS + SECRET, OTHERS, pointer="/messages/0/content", options=SURVEYED),
    Case("personal-data", OTHERS + MAIL, OTHERS, pointer="/messages/0/content", options=SURVEYED),
]
ELSEWHERE = {
    *("file-in-parts", "file-too-large", "images-in-too-many-rows"),
    *("validation-row-in-training", "validation-row-near-training"),
}
"""Rules whose examples are too large, or are two files."""

FORMS_OF_OTHERS = [
    pytest.param(called(USER, call("a"), answer("a"), ASSISTANT), id="a call and its answer"),
    pytest.param(called(USER, call("a")), id="a call at the end"),
    pytest.param(called(USER, call("a", "b"), answer("b"), answer("a"), ASSISTANT), id="answers in another order"),
    pytest.param(called(USER, call("a"), answer("a"), call("b"), answer("b"), ASSISTANT), id="one call after another"),
    pytest.param(chat(DEVELOPER, USER, ASSISTANT), id="a developer message"),
    pytest.param(chat(USER, {**ASSISTANT, "weight": 0}, USER, {**ASSISTANT, "weight": 1}), id="weights"),
    pytest.param(chat(shown(image(png(6), detail="low")), ASSISTANT), id="an image"),
    pytest.param(chat(USER, {**ASSISTANT, "content": [{"type": "text", "text": "Yes."}]}), id="text in parts"),
    pytest.param(chat(USER, ASSISTANT, tools=[], parallel_tool_calls=False), id="no tools"),
    pytest.param(
        preference({"messages": [USER], "tools": TOOLS}, [call("a"), answer("a"), ASSISTANT]), id="preferences"
    ),
    pytest.param(chat(DEVELOPER, USER, tools=TOOLS, reference_answer="9", mood="good"), id="a row to grade"),
]


def test_every_rule_has_its_example() -> None:
    assert {case.rule for case in CASES} | ELSEWHERE == set(FOUNDRY_RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_broken_dataset_is_reported_by_rule_and_line(case: Case) -> None:
    report = check(case.broken, **case.options)

    [finding] = [each for each in report.findings if each.rule == case.rule][:1]
    assert (finding.line, finding.pointer) == (case.line, case.pointer)
    assert finding.message
    assert finding.severity == FOUNDRY_RULES[case.rule].severity


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_mended_dataset_has_no_such_finding(case: Case) -> None:
    report = check(case.mended, **case.options)

    assert case.rule not in report.counts
    assert report.ok


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_every_row_is_valid_or_has_one_reason_not_to_be(case: Case) -> None:
    report = check(case.broken, **case.options)

    assert report.kept + sum(report.dropped.values()) == report.rows
    assert report.ok == all(finding.severity != "refused" for finding in report.findings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rows_read_closely_have_the_same_findings(case: Case) -> None:
    slowly = check(case.broken, **case.options)  # of few rows every one is read closely

    quickly = check(case.broken, **{**case.options, "method": slowly.method})

    assert quickly.findings == slowly.findings
    assert (quickly.kept, quickly.counts) == (slowly.kept, slowly.counts)


@pytest.mark.parametrize("data", FORMS_OF_OTHERS)
def test_what_the_documentation_shows_has_no_finding(data: bytes) -> None:
    report = check((data + b"\n") * 10)

    assert (report.ok, report.counts) == (True, {})
    assert report.kept == 10


@pytest.mark.parametrize("rule", FOUNDRY_RULES.values(), ids=list(FOUNDRY_RULES))
def test_every_rule_says_what_happens_and_what_to_do(rule: Any) -> None:
    assert rule.service.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.stage is None
    assert re.fullmatch(r"[a-z0-9-]+", rule.id)


def test_the_method_is_that_of_most_rows() -> None:
    supervised, graded, preferred = GOOD + b"\n", chat(USER, answer="9") + b"\n", preference() + b"\n"

    assert check(graded + supervised * 11).method == "supervised"
    assert check(supervised + graded * 11).method == "reinforcement"
    assert check(supervised + graded + preferred * 11).method == "dpo"
    assert check(b"{}\n").method == "supervised"
    assert check(supervised, method="dpo").method == "dpo"


def test_clean_rows_are_of_one_method() -> None:
    report = check(ENOUGH * 10)

    assert {each.schema.method: each.kept for each in report.readings} == {
        "supervised": 100,
        "dpo": 0,
        "reinforcement": 0,
    }


def test_rows_of_the_model_router_are_labelled_and_not_answered() -> None:
    report = check(ROUTED + GOOD, foundry_model="model-router")

    assert (report.reading.schema.name, report.method, report.kept) == ("routed", "supervised", 10)
    assert report.dropped == {"schema-mismatch": 1}
    assert "a row for the model router needs labels" in report.findings[0].message


def test_rows_of_another_method_are_named() -> None:
    [finding] = [each for each in check(PREFERENCES + GOOD, method="dpo").findings if each.line == 11]

    assert finding.rule == "schema-mismatch"
    assert finding.message.endswith("this is a row for supervised fine-tuning")


def test_a_file_may_be_sent_in_parts_up_to_nine_gigabytes() -> None:
    found = {size: [each.rule for each in FOUNDRY.concludes(size, 0)] for size in (LARGEST_FILE, LARGEST_UPLOAD)}

    assert found == {LARGEST_FILE: [], LARGEST_UPLOAD: ["file-in-parts"]}
    assert [each.rule for each in FOUNDRY.concludes(LARGEST_UPLOAD + 1, 0)] == ["file-too-large"]
    assert FOUNDRY_RULES["file-in-parts"].severity == "warning"


def test_rows_with_images_are_counted_over_the_parts_of_a_file() -> None:
    pictured = (chat(shown(image()), ASSISTANT) + b"\n") * 10
    whole_file = check(pictured) + check(pictured, continues=True)

    assert whole_file.reading.pictured == 20
    assert [each.rule for each in FOUNDRY.concludes(0, MOST_PICTURED)] == []
    assert [each.rule for each in FOUNDRY.concludes(0, MOST_PICTURED + 1)] == ["images-in-too-many-rows"]


def test_the_models_that_see_images_are_gpt_4o_and_gpt_4_1() -> None:
    pictured = (chat(shown(image()), ASSISTANT) + b"\n") * 10
    seeing = ["gpt-4o-2024-08-06", "gpt-4.1-2025-04-14", "GPT-4.1", "gpt-4.1-2025-04-14.ft-0123"]

    assert all(check(pictured, foundry_model=model).ok for model in [None, *seeing])
    assert not any(check(pictured, foundry_model=model).ok for model in ["gpt-4o-mini-2024-07-18", "Qwen3-32B"])


def test_what_azure_machine_learning_says_does_not_change() -> None:
    data = ENOUGH + called(USER, call("a", content="")) + b"\n" + chat(USER, {**ASSISTANT, "weight": 0}) + b"\n"

    report = check(data, surface="azureml")

    assert report.ok
    assert [(each.rule, each.severity, each.service) for each in report.findings if each.line == 12] == [
        ("mark-ignored", "warning", RULES["mark-ignored"].service)
    ]
    assert {rule: RULES[rule].severity for rule in report.counts} == {
        "chat-tool-calls": "warning",
        "mark-ignored": "warning",
    }
