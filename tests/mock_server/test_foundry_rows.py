"""Which rows Foundry trains on: the rules of each method, and that no file makes the reader fail."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from mock_server.training import foundry_rows
from mock_server.training.foundry_rows import Rows

Json = dict[str, object]
USER: Json = {"role": "user", "content": "q"}
ANSWER: Json = {"role": "assistant", "content": "a"}
TOOL: Json = {"type": "function", "function": {"name": "f"}}
CALL: Json = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLED: Json = {"role": "assistant", "tool_calls": [CALL]}
RETURNED: Json = {"role": "tool", "tool_call_id": "1", "content": "r"}
ASKING: Json = {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}
IMAGE: Json = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}]}
PREFERENCE: Json = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [ANSWER]}
MESSAGES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["user", "assistant", "tool", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "tool_calls", "id", "function", "name", "arguments", "weight", "type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


def _read(row: object, method: str = "supervised", *, vision: bool = False) -> Rows:
    return foundry_rows.read([json.dumps(row).encode() + b"\n"] * 10, method=method, vision=vision)


def _chat(*messages: Json, **more: object) -> Json:
    return {"messages": list(messages), **more}


@pytest.mark.parametrize(
    ("row", "method"),
    [
        (_chat(USER, ANSWER), "supervised"),
        (_chat({"role": "developer", "content": "d"}, USER, {**ANSWER, "weight": 0}, USER, ANSWER), "supervised"),
        (_chat(USER, CALLED, RETURNED, ANSWER, tools=[TOOL]), "supervised"),
        (_chat(USER, CALLED, tools=[TOOL], parallel_tool_calls=False), "supervised"),
        (_chat(USER, ASKING, {"role": "function", "name": "f", "content": "r"}, ANSWER), "supervised"),
        (PREFERENCE, "dpo"),
        (_chat(USER, reference_answer="a"), "reinforcement"),
        (_chat(USER, labels={"gpt-4.1": 1}, usage={}), foundry_rows.ROUTING),
        (_chat(USER, {"role": "developer", "content": "d"}), "reinforcement"),
    ],
)
def test_a_good_row_is_trained_on(row: Json, method: str) -> None:
    read = _read(row, method)
    assert (read.problem, read.rows) == (None, 10)


@pytest.mark.parametrize(
    ("row", "method", "words"),
    [
        ([], "supervised", "not a JSON object"),
        ({"messages": []}, "supervised", "must be a list of messages"),
        (_chat(USER), "supervised", "last message must have the role assistant"),
        (_chat({"role": "critic", "content": "x"}, ANSWER), "supervised", "must have a role of"),
        (_chat({**USER, "weight": 1}, ANSWER), "supervised", "weight is 0 or 1"),
        (_chat(USER, {**ANSWER, "weight": 2}), "supervised", "weight is 0 or 1"),
        (_chat(USER, {**CALLED, "content": "x"}, tools=[TOOL]), "supervised", "must not have content"),
        (_chat(USER, CALLED), "supervised", "not among the tools"),
        (_chat(USER, RETURNED, ANSWER), "supervised", "must answer a call"),
        (_chat(USER, CALLED, USER, RETURNED, ANSWER, tools=[TOOL]), "supervised", "must be answered right after"),
        (_chat(USER, {**ANSWER, "weight": True}), "supervised", "weight is 0 or 1"),
        (_chat(USER, ANSWER, tools="f"), "supervised", "tools must be a list of functions"),
        (_chat(USER, {**CALLED, "tool_calls": [CALL, CALL]}, tools=[TOOL]), "supervised", "different ids"),
        ({**PREFERENCE, "preferred_output": [CALLED]}, "dpo", "not among the tools"),
        (_chat(IMAGE, ANSWER), "supervised", "images are not supported"),
        (_chat(USER, ANSWER), "dpo", "input.messages must be a list"),
        ({**PREFERENCE, "preferred_output": [USER]}, "dpo", "preferred_output must have messages of the roles"),
        (_chat(USER), foundry_rows.ROUTING, "labels is required"),
        (_chat(USER, ANSWER), "reinforcement", "last message must have the role user or developer"),
    ],
)
def test_a_bad_row_ends_the_job_with_its_line(row: object, method: str, words: str) -> None:
    problem = _read(row, method).problem or ""
    assert problem.startswith("Validation of jsonl file failed: line 1: ")
    assert words in problem


def test_some_models_see_images_of_users() -> None:
    assert _read(_chat(IMAGE, ANSWER), vision=True).problem is None
    assert "role user only" in (_read(_chat(USER, {**IMAGE, "role": "assistant"}), vision=True).problem or "")


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ({"url": "ftp://example.org/x.png"}, "http(s) address or a data URI"),
        ("https://example.org/x.png", "http(s) address or a data URI"),
        ({"url": "https://example.org/x.png", "detail": "ultra"}, "detail of an image"),
        ({"url": "data:image/gif;base64,R0lGODlh"}, "must be a JPEG, PNG or WEBP"),
        ({"url": "data:image/png;base64,?"}, "not base64"),
        ({"url": "data:image/png;base64," + "/9j/" * (4 << 20)}, "at most 10485760"),
    ],
)
def test_an_image_that_cannot_be_seen_ends_the_job(image: object, words: str) -> None:
    row = _chat({"role": "user", "content": [{"type": "image_url", "image_url": image}]}, ANSWER)
    assert words in (_read(row, vision=True).problem or "")


def test_a_file_has_images_in_some_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundry_rows, "MOST_PICTURED", 9)
    assert "line 10: more than 9 rows have images" in (_read(_chat(IMAGE, ANSWER), vision=True).problem or "")


def test_what_was_preferred_is_learnt() -> None:
    read = _read({**PREFERENCE, "preferred_output": [{"role": "assistant", "content": "yes"}]}, "dpo")
    assert (read.examples[0].prompt, read.examples[0].answer["content"]) == ("q", "yes")


@settings(max_examples=300, deadline=None)
@given(messages=MESSAGES, tools=MESSAGES, method=st.sampled_from(["supervised", "dpo", "reinforcement"]))
def test_no_row_makes_the_reader_fail(messages: object, tools: object, method: str) -> None:
    whole: Json = {"messages": messages, "tools": tools, "input": {"messages": messages}, "preferred_output": messages}
    for row in (messages, whole, {**whole, "non_preferred_output": [ANSWER], "messages": [USER, messages, ANSWER]}):
        assert _read(row, method).rows <= 10


@given(content=st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    read: Callable[..., Rows] = foundry_rows.read
    assert read([content], method="supervised", vision=False).problem
