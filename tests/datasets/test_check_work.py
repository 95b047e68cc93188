"""The check's work grows as its input does, and its memory does not, whatever the input is made of."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from maas_client import CheckOptions

MORE = 1.2
"""Work for each byte of an input of twice the size, at most; a quadratic check would need 2."""


class Work:
    """Counts calls, and the bytes that methods of bytes read, while it is open."""

    def __init__(self) -> None:
        self.done = 0

    def __enter__(self) -> Work:
        sys.setprofile(self._count)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)

    def _count(self, frame: FrameType, event: str, called: Any) -> None:
        self.done += 1
        if event == "c_call" and isinstance(getattr(called, "__self__", None), bytes | bytearray):
            self.done += len(called.__self__)


def chat(question: str, answer: str = "Yes", *, column: str | None = None) -> bytes:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns, **({column: 1} if column else {})}).encode() + b"\n"


def calls(number: int, turns: int) -> bytes:
    call = {"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = [{"role": "user", "content": f"Question {number}"}]
    for _ in range(turns):
        asked.append({"role": "assistant", "content": "", "tool_calls": [call]})  # type: ignore[dict-item]  # a call
        asked.append({"role": "tool", "tool_call_id": f"c{number}", "content": "1"})
    return json.dumps({"messages": [*asked, {"role": "assistant", "content": "Done"}]}).encode() + b"\n"


def one_line(size: int) -> Iterator[bytes]:
    yield b'{"messages": "' + b"x" * size * 50 + b'"}'


def tiny_lines(size: int) -> Iterator[bytes]:
    yield from (b"{}\n" for _ in range(size))


def blank_lines(size: int) -> Iterator[bytes]:
    yield b"\n" * size


def distinct_columns(size: int) -> Iterator[bytes]:
    yield from (chat("Hi", column=f"column {number}") for number in range(size))


def distinct_roles(size: int) -> Iterator[bytes]:
    for number in range(size):
        turns = [{"role": f"role {number}", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]
        yield json.dumps({"messages": turns}).encode() + b"\n"


def distinct_shapes(size: int) -> Iterator[bytes]:
    yield from (calls(number, 1 + number % 50) for number in range(size // 8))


def every_other_row_clean(size: int) -> Iterator[bytes]:
    yield from (chat(f"Question {number}", "" if number % 2 else "Yes") for number in range(size))


def equal_rows(size: int) -> Iterator[bytes]:
    yield from (chat("Hi") for _ in range(size))


def near_duplicates(size: int) -> Iterator[bytes]:
    yield from (chat("Hi" + "!" * (number % 97)) for number in range(size))


def secrets(size: int) -> Iterator[bytes]:
    yield from (chat(f"My key is AKIA{number:016d} and I am a{number}@b.org") for number in range(size))


def suspicious_text(size: int) -> Iterator[bytes]:
    yield from (chat("eyJ" * 40 + "@" * 20 + "4-" * 20 + "://" * 20 + f" {number}") for number in range(size))


def carriage_returns(size: int) -> Iterator[bytes]:
    yield from (chat("Hi").replace(b"\n", b"\r") for _ in range(size))


INPUTS = [
    one_line,
    tiny_lines,
    blank_lines,
    distinct_columns,
    distinct_roles,
    distinct_shapes,
    every_other_row_clean,
    equal_rows,
    near_duplicates,
    secrets,
    suspicious_text,
    carriage_returns,
]
Input = Callable[[int], Iterator[bytes]]


def check(text: bytes, options: CheckOptions, step: int = 4096) -> None:
    checker = options.checker()
    for start in range(0, len(text), step):
        checker.feed(text[start : start + step])
    checker.finish()


def work(text: bytes, options: CheckOptions) -> int:
    with Work() as counted:
        check(text, options)
    return counted.done


@pytest.mark.parametrize("made", INPUTS)
@pytest.mark.parametrize("options", [CheckOptions(), CheckOptions(keep=10**6)], ids=["few findings", "every finding"])
def test_twice_the_input_is_twice_the_work(made: Input, options: CheckOptions) -> None:
    check(b"".join(made(50)), options)
    one, two = (b"".join(made(size)) for size in (600, 1200))

    assert work(two, options) / len(two) <= MORE * work(one, options) / len(one)


def peak(text: bytes, options: CheckOptions) -> int:
    tracemalloc.start()
    check(text, options)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("made", [one_line, tiny_lines, blank_lines, distinct_roles, equal_rows, secrets])
def test_memory_does_not_grow_with_the_input(made: Input) -> None:
    has_equal_rows = made not in {secrets, distinct_roles}  # of distinct ones 65,536 are kept, as a sketch
    options = CheckOptions(longest=20_000, survey=has_equal_rows)
    small, large = (b"".join(made(size)) for size in (3000, 9000))  # shapes of 2,000 rows are remembered
    check(large, options)

    assert peak(large, options) < peak(small, options) + 400_000


def test_a_line_that_is_too_long_is_never_held() -> None:
    options = CheckOptions(longest=10_000)
    line = b'{"messages": "' + b"x" * 3_000_000 + b'"}\n'
    check(line, options)

    assert peak(line, options) < 200_000
