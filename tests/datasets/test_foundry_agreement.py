"""The check and the mock server judge rows for Foundry apart, from the same documents, and come to the same verdict."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from typing import Any

from maas_client.catalog.tuning_methods import METHODS, TuningMethod
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from mock_server.training import foundry_rows as service

ROWS = 6_000
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08"


def picture(url: str, **more: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


TOOLS: list[Any] = [{"type": "function", "function": {"name": "price", "parameters": {}}}]
ANSWERING = [*[["assistant"]] * 8, ["assistant", "tool"], ["tool"], []]
CONTENTS: list[Any] = [
    *["Hello", "How are you?", "Ünïcode ✓", "", " ", "\ud800", None, 7, True, {}, []],
    [{"type": "text", "text": "Hello"}],
    [{"type": "text", "text": "Hello"}, {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}],
    [{"type": "image_url", "image_url": {"url": "a.png"}}],
    [{"text": "no type"}, "words"],
    [picture("https://example.org/a.png", detail="low")],
    [picture("https://example.org/a.png", detail="ultra")],
    [picture(data_uri("png", PNG + b"\x02"))],
    [picture(data_uri("png", PNG + b"\x00"))],
    [picture(data_uri("gif", b"GIF89a"))],
    [picture("data:image/png;base64,=")],
    [picture("ftp://example.org/a.png")],
    [{"type": "image_url", "image_url": "https://example.org/a.png"}],
    [picture("https://example.org/a.png")] * 64,
    [picture("https://example.org/a.png")] * 65,
]
ROLES: list[Any] = ["user", "assistant", "system", "developer", "tool", "function", "human", "gpt", "", None, 3]
WEIGHTS: list[Any] = [0, 1, 0.5, 2, "1", True, None]
ARGUMENTS: list[Any] = ["{}", '{"of": "bell"}', "{", "[]", {"of": "bell"}, None]
LINES = [b"", b" ", b"{", b"}", b"[]", b"null", b'"text"', b"nonsense", b"\xff"]
GOOD: dict[TuningMethod, dict[str, Any]] = {
    "supervised": {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    "dpo": {
        "input": {"messages": [{"role": "user", "content": "Hi"}]},
        "preferred_output": [{"role": "assistant", "content": "Hello"}],
        "non_preferred_output": [{"role": "assistant", "content": "What?"}],
    },
    "reinforcement": {"messages": [{"role": "user", "content": "Hi"}], "answer": "Hello"},
}


def calling(dice: random.Random) -> list[dict[str, Any]]:
    """Make a turn that calls tools, and answers to it, of which some are wrong."""
    ids = ["a", "b"][: dice.choice([1, 1, 2])]
    name = dice.choice(["price", "price", "price", "price", "stock"])
    function = {"name": name, "arguments": dice.choice(ARGUMENTS[: dice.choice([2, 2, 2, 6])])}
    turn: dict[str, Any] = {"role": "assistant"}
    turn["tool_calls"] = [{"id": each, "type": "function", "function": function} for each in ids]
    turn |= {"content": dice.choice(["", None, "Wait."])} if dice.random() < 0.2 else {}
    answers = [{"role": "tool", "tool_call_id": each, "content": "9"} for each in ids]
    return [turn, *answers[: dice.choice([2, 2, 2, 1, 0])]]


def message(dice: random.Random, role: str) -> dict[str, Any]:
    made: dict[str, Any] = {"role": role if dice.random() < 0.93 else dice.choice(ROLES)}
    made["content"] = dice.choice(CONTENTS[: dice.choice([2, 2, 2, 2, 2, len(CONTENTS)])])
    made |= {"weight": dice.choice(WEIGHTS)} if dice.random() < 0.07 else {}
    made |= {"refusal": dice.choice(["No.", None])} if dice.random() < 0.03 else {}
    made |= (
        {"function_call": dice.choice([{"name": "price", "arguments": "{}"}, "price"])} if dice.random() < 0.02 else {}
    )
    removed = dice.choice([*made, *[""] * 40])
    made.pop(removed, None)
    return made


def conversation(dice: random.Random, *, ends: str) -> list[Any]:
    turns: list[Any] = [message(dice, "system")] if dice.random() < 0.3 else []
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        turns.append(message(dice, "user"))
        turns += calling(dice) if dice.random() < 0.25 else []
        turns.append(message(dice, "assistant"))
    turns += [message(dice, "user")] if ends == "user" else []
    turns += [dice.choice([None, "words", 1])] if dice.random() < 0.02 else []
    return turns


def row(dice: random.Random, method: TuningMethod) -> Any:
    tools: dict[str, Any] = {"tools": dice.choice([TOOLS, TOOLS, TOOLS, None, "price"])} if dice.random() < 0.9 else {}
    if method == "dpo":
        outputs = [[message(dice, role) for role in dice.choice(ANSWERING)] for _ in "ab"]
        made: dict[str, Any] = {
            "input": {"messages": conversation(dice, ends="user"), **tools},
            "preferred_output": outputs[0],
            "non_preferred_output": outputs[1],
        }
        made.pop(dice.choice([*made, *[""] * 30]), None)
        return made
    ends = "user" if method == "reinforcement" else "assistant"
    made = {"messages": conversation(dice, ends=ends if dice.random() < 0.95 else "user"), **tools}
    return made if dice.random() < 0.98 else dice.choice([{"messages": "text"}, {"prompt": "a"}, []])


def check(data: bytes, method: TuningMethod) -> CheckReport:
    checker = CheckOptions(surface="foundry", method=method, survey=False).checker(name="train.jsonl")
    checker.feed(data)
    return checker.finish()


def file(seed: int, method: TuningMethod) -> bytes:
    dice = random.Random(seed)
    written = json.dumps(row(dice, method)).encode() if dice.random() < 0.97 else dice.choice(LINES)
    mark = dice.choice([b"", b"", b"\xef\xbb\xbf"])
    return mark + (json.dumps(GOOD[method]).encode() + b"\n") * 10 + written + dice.choice([b"", b"\n", b"\r\n"])


def test_the_check_and_the_server_come_to_the_same_verdict() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(ROWS):
        method = METHODS[seed % len(METHODS)]
        data = file(seed, method)
        report = check(data, method)
        read = service.read([data], method=method, vision=True)

        assert report.ok == (read.problem is None), (seed, method, read.problem, report.findings, data.splitlines()[-1])
        if report.ok:
            assert report.kept == read.rows, (seed, method)
        outcomes[f"{method}: {'accepted' if report.ok else 'refused'}"] += 1
    # Every kind of outcome was really met, so that agreeing means something.
    assert set(outcomes) == {f"{method}: {how}" for method in METHODS for how in ("accepted", "refused")}
    assert min(outcomes.values()) > ROWS / 50, outcomes


def test_a_file_that_is_not_utf_8_is_refused_by_both() -> None:
    data = (json.dumps(GOOD["supervised"]).encode() + b"\n") * 10 + b'{"messages": "caf\xe9"}'

    assert service.read([data], method="supervised", vision=True).problem is not None
    assert check(data, "supervised").dropped == {"utf8-invalid": 1}


def test_ten_rows_are_needed_by_both() -> None:
    for rows in (9, 10):
        for method in METHODS:
            data = (json.dumps(GOOD[method]).encode() + b"\n") * rows

            assert check(data, method).ok == (rows == 10)
            assert (service.read([data], method=method, vision=True).problem is None) == (rows == 10)


def test_images_on_a_model_without_eyes_are_refused_by_both() -> None:
    turns = [{"role": "user", "content": CONTENTS[12]}, {"role": "assistant", "content": "A bell."}]
    data = (json.dumps({"messages": turns}).encode() + b"\n") * 10
    for model, vision in (("gpt-4.1-2025-04-14", True), ("gpt-4.1-nano-2025-04-14", False)):
        checker = CheckOptions(surface="foundry", foundry_model=model, survey=False).checker()
        checker.feed(data)

        assert checker.finish().ok is vision
        assert (service.read([data], method="supervised", vision=vision).problem is None) is vision
