"""What to ask a tuned model first: the question of the first row that has one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ..core.http_messages import parse_json
from ..core.json_fields import Document, is_object, items, text

GREETING = "Hello"
"""What is asked where there is no row to take a question from."""

_LINES, _BYTES = 20, 64 << 10


def first_question(file: Path) -> list[dict[str, Any]]:
    """Return the turns that stand before the first answer of a file's first usable row; a greeting without one.

    Only the first lines are looked at, and long ones are no samples. Raises OSError when the file cannot be read.
    """
    with file.open("rb") as opened:
        for line in islice(iter(lambda: opened.readline(_BYTES), b""), _LINES):
            if turns := _turns(line):
                return turns
    return [{"role": "user", "content": GREETING}]


def question_in(turns: Sequence[Document]) -> str:
    """Return what the user says last."""
    return str(turns[-1]["content"])


def _turns(line: bytes) -> list[dict[str, Any]]:
    """Return a row's turns before its first answer, the last of them the user's; none for anything else."""
    try:
        row: object = parse_json(line.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return []
    turns: list[dict[str, Any]] = []
    for turn in items(row, "messages") if is_object(row) else ():
        if text(turn, "role") == "assistant":
            break
        turns.append({"role": text(turn, "role"), "content": text(turn, "content")})
    return turns if _is_sample(turns) else []


def _is_sample(turns: Sequence[Document]) -> bool:
    usual = all(turn["role"] in {"system", "user"} and turn["content"] for turn in turns)
    return usual and bool(turns) and turns[-1]["role"] == "user"
