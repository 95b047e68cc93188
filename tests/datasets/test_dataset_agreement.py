"""The checker and the mock server read data sets apart, from the same facts: they must keep and drop the same rows."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.check.rules import RULES
from maas_client.datasets.rows.schemas import Task
from mock_server.training import dataset_rows as service

FILES = 10_000
ENDLESS = 10**9
TASKS: dict[Task, str] = {"chat": "chatCompletion", "text": "textCompletion"}

CONTENTS: list[Any] = [
    *["Hello", "How are you?", "Ünïcode ✓", "", " ", "\ud800", "a\u0000b", "x" * 300, None, 7, True, {}, []],
    [{"type": "text", "text": "Hello"}],
    [{"type": "text", "text": ""}],
    [{"type": "image_url", "image_url": {"url": "x"}}],
    [{"text": "no type"}, "words"],
    ["words"],
]
ROLES: list[Any] = ["user", "assistant", "system", "tool", "developer", "human", "gpt", "Assistant", "", None, 3]
CALLS: list[Any] = [[], [{"type": "function", "function": {"name": "f", "arguments": "{}"}}], "none", None]
KEYS = ["messages", "tools", "prompt", "completion", "text", "ground_truth", "weight", "Messages"]
GOOD = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'
NAN = GOOD[:-1] + b', "weight": NaN}'
LINES = [b"", b" ", b"{", b"}", b"[]", b"null", b'"text"', b"nonsense", NAN, b"\xff", b"\xe9", b"[" * 2000]


def message(dice: random.Random) -> Any:
    made: dict[str, Any] = {"role": dice.choice(ROLES[: dice.choice([3, 11])])}
    made["content"] = dice.choice(CONTENTS[: dice.choice([2, 18])])
    made |= {"tool_calls": dice.choice(CALLS)} if dice.random() < 0.1 else {}
    made |= {"name": "x"} if dice.random() < 0.1 else {}
    removed = dice.choice([*made, *[""] * 20])
    made.pop(removed, None)
    return made if dice.random() < 0.97 else dice.choice([None, "words", [], 1])


def row(dice: random.Random, kind: str) -> Any:
    words = dice.choice(CONTENTS[: dice.choice([2, 18])])
    answer = dice.choice(CONTENTS[: dice.choice([2, 18])])
    if kind == "chat":
        made: dict[str, Any] = {"messages": [message(dice) for _ in range(dice.choice([0, 1, 2, 2, 2, 3, 4]))]}
    else:
        columns = ("prompt", "completion") if kind == "prompt" else ("text", "ground_truth")
        made = dict(zip(columns, (words, answer), strict=True))
    made |= {dice.choice(KEYS): dice.choice(CONTENTS)} if dice.random() < 0.1 else {}
    return made


def line(dice: random.Random, kind: str) -> bytes:
    if dice.random() < 0.07:
        return dice.choice(LINES[: dice.choice([9, 12])])
    written = json.dumps(row(dice, kind if dice.random() < 0.95 else "text"), ensure_ascii=dice.random() < 0.5)
    end = dice.choice([b"", b"", b"", b"\r", b",", b" ", b"\0"]) if dice.random() < 0.2 else b""
    return written.encode("utf-8", "backslashreplace") + end


def file(seed: int) -> tuple[bytes, Task]:
    """Make a file that is mostly good, and the task that it is read for."""
    dice = random.Random(seed)
    kind = dice.choice(["chat", "chat", "prompt", "text"])
    lines = [line(dice, kind) for _ in range(dice.choice([1, 5, 12, 30]))] + [GOOD] * dice.choice([0, 8])
    if dice.random() < 0.1:
        lines = [GOOD] * 12 + [dice.choice(LINES[:9]) for _ in range(dice.choice([0, 3]))]
    dice.shuffle(lines)
    data = dice.choice([b"", b"", b"\xef\xbb\xbf"]) + b"\n".join(lines) + dice.choice([b"", b"\n"])
    return data, dice.choice(["chat", "chat", "text"] if kind == "chat" else ["text", "text", "chat"])


def check(data: bytes, task: Task) -> CheckReport:
    checker = CheckOptions(task=task, survey=False).checker(name="train.jsonl")
    checker.feed(data)
    return checker.finish()


def pieces(data: bytes) -> list[bytes]:
    return [data[start : start + 97] for start in range(0, len(data), 97)]


def test_both_keep_the_same_rows_of_ten_thousand_files() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(FILES):
        data, task = file(seed)
        report = check(data, task)
        read = service.read(pieces(data), name="train.jsonl", task=TASKS[task], limit=ENDLESS)
        undecodable = "utf8-invalid" in report.counts or "utf16" in report.counts

        assert report.ok == (read.problem is None), (seed, report.summary, read.problem)
        ends = any(RULES[rule].severity == "fatal" for rule in report.counts)
        assert undecodable or ends == bool(read.stage), (seed, report.counts, read)
        assert undecodable or ends or report.kept == read.rows, (seed, report.counts, read)
        assert undecodable == bool(read.problem and "codec" in read.problem), seed
        outcomes[f"{task}: {'accepted' if report.ok else 'undecodable' if undecodable else 'refused'}"] += 1
    # Every kind of outcome was really met, so that agreeing means something.
    assert set(outcomes) == {f"{task}: {how}" for task in TASKS for how in ("accepted", "undecodable", "refused")}
    assert min(outcomes.values()) > FILES / 100, outcomes
