"""Chat requests and answers in the forms of a container's scoring route."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client.openai_api.score_chat import EMPTY, completion_of, events_of, score_body, unsupported_in

TURNS = [{"role": "user", "content": "Hello"}]


def test_a_chat_request_becomes_a_scoring_request() -> None:
    body = score_body({"messages": TURNS, "max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "stream": True, "n": 2})
    assert body == {
        "input_data": {
            "input_string": TURNS,
            "parameters": {"max_new_tokens": 9, "temperature": 0.5, "top_p": 0.9, "n": 2, "do_sample": True},
        },
        "params": {},
    }


def test_the_likeliest_answer_is_asked_for_without_sampling() -> None:
    parameters: Any = score_body({"messages": TURNS, "temperature": 0})["input_data"]
    assert parameters["parameters"] == {"do_sample": False}


def test_options_without_a_place_are_named() -> None:
    assert unsupported_in({"messages": TURNS, "tools": [], "tool_choice": None}) == ["tools"]


USAGE = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
CURRENT = {"output": "Yes", "message": {}, "finish_reason": "length", "usage": USAGE, "model": "m", "id": "i"}


@pytest.mark.parametrize(
    "answer",
    [CURRENT, {"output": "Yes"}, {"output": ["Yes"]}, [{"0": "Yes"}], ["Yes"], {"0": "Yes"}, [["Yes"]], "Yes"],
)
def test_every_form_of_an_answer_is_a_completion(answer: object) -> None:
    found = completion_of(answer)
    assert isinstance(found, dict)
    assert found["choices"][0]["message"]["content"] == "Yes"


def test_the_current_form_keeps_what_it_says_of_the_answer() -> None:
    found = completion_of({**CURRENT, "tool_calls": [{"id": "1"}]})
    assert isinstance(found, dict)
    assert (found["model"], found["usage"], found["choices"][0]["finish_reason"]) == ("m", USAGE, "length")
    assert found["choices"][0]["message"]["tool_calls"] == [{"id": "1"}]


def test_an_answer_in_the_chat_protocol_is_taken_as_it_is() -> None:
    assert completion_of({"choices": [], "x": 1}) == {"choices": [], "x": 1}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({}, EMPTY),
        ({"output": None, "error": {"status_code": 400, "body": "too long"}}, "an error 400: too long"),
        ({"output": None, "error": {"body": {"message": "too long"}}}, "an error: too long"),
        ({"error": "too long"}, "an error: too long"),
        ({"output": 7}, "none of the forms"),
        ([], "none of the forms"),
        (None, "none of the forms"),
        ([{"1": "Yes"}], "none of the forms"),
    ],
)
def test_a_failure_under_status_200_has_its_reason(answer: object, why: str) -> None:
    found = completion_of(answer)
    assert isinstance(found, str)
    assert why in found


def test_a_whole_answer_becomes_the_events_of_a_stream() -> None:
    found = completion_of(CURRENT)
    assert isinstance(found, dict)
    first, last, end = events_of(found).decode().split("\n\n")
    chunk = json.loads(first.removeprefix("data: "))
    assert (chunk["choices"][0]["delta"], chunk["choices"][0]["finish_reason"]) == ({"content": "Yes"}, "length")
    assert (last, end) == ("data: [DONE]", "")
