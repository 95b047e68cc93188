"""Bytes from a few seeds, cut, joined and broken at random from a seed; a failure is reported with its input."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4096


@dataclass
class Outcome:
    """How many inputs there were, and what failed: the target, the error and the input."""

    inputs: int = 0
    failed: dict[str, bytes] = field(default_factory=dict[str, bytes])


def seeds(target: str) -> list[bytes]:
    """Return the inputs that are kept for a target."""
    return [file.read_bytes() for file in sorted((CORPUS / target).iterdir())]


def broken(kept: Sequence[bytes], dice: random.Random) -> Iterator[bytes]:
    """Yield inputs without end: each from those that are kept, with a few things changed."""
    odd = [
        b"\x00",
        b"\xff",
        b"\x1b[",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\xef\xbb\xbf",
        b"9" * 400,
        b"-1",
        b"1e999",
        b"NaN",
    ]
    odd += [
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n",
        b"{",
        b"[",
        b"<",
        b">",
        b"&",
        b"%",
        b"@",
        b":",
        b"/",
        b"\\",
        b"?",
        b"#",
        b".",
    ]
    while True:
        data = bytearray(dice.choice(kept))
        for _ in range(dice.randint(1, 6)):
            place, size = dice.randint(0, len(data)), dice.randint(0, 12)
            other = dice.choice(kept)
            start = dice.randint(0, len(other))
            data[place : place + dice.choice((0, size))] = dice.choice(
                (b"", dice.choice(odd), dice.randbytes(size), other[start : start + 4 * size], bytes(data[:size]))
            )
        yield bytes(data[:LONGEST])


def fuzz(seconds: float, seed: int = 0) -> Outcome:
    """Try every target in turn for this many seconds of this process's CPU."""
    outcome = Outcome()
    for name, target in TARGETS.items():
        kept = seeds(name)
        inputs = broken(kept, random.Random(f"{seed} {name}"))
        end = time.process_time() + seconds / len(TARGETS)
        waiting = iter(kept)
        while time.process_time() < end:
            data = next(waiting, None)
            data = next(inputs) if data is None else data
            outcome.inputs += 1
            try:
                target(data)
            except Exception as error:  # whatever it is, it is what is looked for
                outcome.failed.setdefault(f"{name}: {type(error).__name__}: {str(error)[:100]}", data)
    return outcome
