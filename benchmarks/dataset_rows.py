"""Made-up training data of six shapes: the same in every run, and no row twice."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import ascii_lowercase
from typing import Literal

Talk = Literal["question", "conversation", "short", "code", "script", "tools"]
"""Rows of system, user and assistant, about 730 bytes each; rows of three to nine messages; short rows with long words;
source code and base64; a script other than Latin; conversations of forty turns with tools."""

_BATCH = 1000
_POOL = 4096
_NAMES = ("Amina", "Bernd", "Chiara", "Dmitri", "Elin", "Farid", "Greta", "Hana", "Ivo", "Jonas", "Kirsten", "Lena")
_THINGS = ("apples", "bricks", "candles", "drums", "envelopes", "feathers", "jars of jam", "kites", "lamps", "maps")
_PLACES = ("the market", "school", "the harbour", "a small shop", "the library", "the fair", "the bakery at the corner")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SYSTEM = "Solve the problem step by step, and end with the number alone."
_TEMPLATES = {
    "story": (
        "On {day} {name} took {a} {things} to {place} and sold {b} of them before noon, the rest by the evening.",
        "{name} packs {a} {things} into each of {b} boxes, and carries them to {place} every {day} of the month.",
        "There were {a} {things} in {place}; {name} brought {b} more on {day}, and nobody took any of them away.",
    ),
    "ask": (
        "How many {things} does {name} have in the end?\n",
        "If each costs ${b}, how much is paid for them at {place}?\n",
        "How many are left for {day}, when {a} are given to {name}?\n",
    ),
    "step": (
        "At {place}, {name} had {a} x {b} = <<{a}*{b}={product}>>{product} {things} on {day}.\n",
        "Of those, {a} + {b} = <<{a}+{b}={sum}>>{sum} were {things} that {name} did not \"count\" before {day}.\n",
        "Then {name} put {sum} {things} beside the other {product} at {place}.\n",
    ),
    "talk": (
        "And what about the {a} {things} of {name}, which came to {place} on {day}?",
        "I see. Please do it again for {a} {things} instead of {b}, and tell Zoë – or {name} – why.",
        "Could {name} have bought them at the café near {place} for ${b} less?",
    ),
    "end": ("#### {sum}", "#### {product}", "#### {a}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A file of made-up rows."""

    path: Path
    rows: int
    bytes: int

    def megabytes_per_second(self, milliseconds: float) -> float:
        """Return the speed of reading all of it in this time, in MB/s."""
        return self.bytes / 1000 / milliseconds


def make(path: Path, size: int, *, talk: Talk = "question") -> Made:
    """Write rows until the file has at least `size` bytes; the same ones each time."""
    rows = written = 0
    with path.open("wb") as file:
        for batch in _batches(talk):
            written += file.write("".join(batch).encode())
            rows += len(batch)
            if written >= size:
                return Made(path, rows, written)
    raise AssertionError("there are always more rows")


def _batches(talk: Talk) -> Iterator[Sequence[str]]:
    """Yield batches of rows without end. Texts are put together of pieces that are JSON already, for speed."""
    random = Random(9)
    pools = {kind: _pool(random, kind) for kind in _TEMPLATES}

    def pick(*kinds: str) -> Iterator[str]:
        """Yield texts, each a sentence of every kind that is named."""
        columns = [random.choices(pools[kind], k=_BATCH) for kind in kinds]
        return map(" ".join, zip(*columns, strict=True))

    batch: Callable[[], Sequence[str]] = {
        "question": lambda: _questions(pick),
        "conversation": lambda: _conversations(pick, random),
        "short": lambda: _short(random),
        "code": lambda: _code(pick, random),
        "script": lambda: _script(random),
        "tools": lambda: _tools(pick, random),
    }[talk]
    while True:
        yield batch()


def _questions(pick: Callable[..., Iterator[str]]) -> Sequence[str]:
    asked, answered = pick("story", "story", "ask"), pick("step", "step", "step", "end")
    system = _turn("system", _SYSTEM)
    return [
        f'{{"messages": [{system}, {_turn("user", question)}, {_turn("assistant", answer)}]}}\n'
        for question, answer in zip(asked, answered, strict=True)
    ]


def _conversations(pick: Callable[..., Iterator[str]], random: Random) -> Sequence[str]:
    """Make conversations: one to four exchanges behind a system message, or two to four without."""
    asked = pick("story", "ask")
    exchanges = [(pick("talk"), pick("step")) for _ in range(4)]
    rows: list[str] = []
    for question in asked:
        texts = [(next(talk), next(step)) for talk, step in exchanges]
        length = random.randint(3, 9)
        turns = [_turn("system", _SYSTEM)] if length % 2 else []
        turns.append(_turn("user", f"{question} {texts[0][0]}"))
        for (_, answer), (following, _) in zip(texts, [*texts[1:], texts[0]], strict=True):
            turns += [_turn("assistant", answer), _turn("user", following)]
        rows.append(f'{{"messages": [{", ".join(turns[:length])}]}}\n')
    return rows


def _short(random: Random) -> Sequence[str]:
    """Make rows of about 200 bytes with words of more than twenty letters."""
    words = ["".join(random.choices(ascii_lowercase, k=random.randint(3, 30))) for _ in range(500)]

    def said(count: int) -> str:
        return " ".join(random.choices(words, k=count))

    return [
        f'{{"messages": [{_turn("user", said(3))}, {_turn("assistant", f"{said(4)} {random.random():.0%}")}]}}\n'
        for _ in range(_BATCH)
    ]


def _code(pick: Callable[..., Iterator[str]], random: Random) -> Sequence[str]:
    """Make rows of source code, with 200 bytes in base64, and an explanation."""
    names = ["".join(random.choices(ascii_lowercase, k=random.randint(2, 9))) for _ in range(200)]
    rows: list[str] = []
    for text in pick("story", "ask", "step"):
        lines = [
            f"def {a}_{b}(self, {c}: int = {random.randint(0, 99)}) -> str:\n    return self.{b}[{c}] + '{a}'\n"
            for a, b, c in (random.choices(names, k=3) for _ in range(6))
        ]
        data = b64encode(random.randbytes(200)).decode()
        question = json.dumps(f"Explain this:\n{''.join(lines)}DATA = '{data}'")[1:-1]
        rows.append(f'{{"messages": [{_turn("user", question)}, {_turn("assistant", text)}]}}\n')
    return rows


def _script(random: Random) -> Sequence[str]:
    """Make rows in Devanagari, about 900 bytes each."""
    words = ["".join(chr(random.randint(0x0905, 0x0939)) for _ in range(random.randint(2, 8))) for _ in range(500)]

    def said(count: int) -> str:
        return " ".join(random.choices(words, k=count))

    return [f'{{"messages": [{_turn("user", said(20))}, {_turn("assistant", said(40))}]}}\n' for _ in range(_BATCH)]


def _tools(pick: Callable[..., Iterator[str]], random: Random) -> Sequence[str]:
    """Make conversations of forty turns, most of which call a tool or are its result; all have the same tools."""
    kind = '"type": "object", "properties": {"item": {"type": "string"}, "day": {"type": "integer"}}'
    tools = ", ".join(
        f'{{"type": "function", "function": {{"name": "{name}", "description": "Looks up {name}.", '
        f'"parameters": {{{kind}, "required": ["item"]}}}}}}'
        for name in ("stock", "price", "supplier")
    )
    texts, rows = list(pick("talk")), list[str]()
    for number in range(_BATCH // 10):
        turns = [_turn("system", _SYSTEM)]
        for place in range(13):
            call = f"call_{number}_{place}_{random.randrange(10**6)}"
            arguments = json.dumps(json.dumps({"item": random.choice(_THINGS), "day": place}))
            turns += [
                _turn("user", random.choice(texts)),
                (
                    f'{{"role": "assistant", "content": "", "tool_calls": [{{"id": "{call}", "type": "function", '
                    f'"function": {{"name": "stock", "arguments": {arguments}}}}}]}}'
                ),
                f'{{"role": "tool", "tool_call_id": "{call}", "content": "{random.randrange(1000)} left"}}',
            ]
        rows.append(
            f'{{"messages": [{", ".join((*turns, _turn("assistant", random.choice(texts))))}], "tools": [{tools}]}}\n'
        )
    return rows


def _turn(role: str, text: str) -> str:
    return f'{{"role": "{role}", "content": "{text}"}}'


def _pool(random: Random, kind: str) -> list[str]:
    """Make sentences of one kind, written as JSON writes them, without the quotation marks around."""
    return [_sentence(random, kind) for _ in range(_POOL)]


def _sentence(random: Random, kind: str) -> str:
    a, b = random.randint(2, 900), random.randint(2, 90)
    text = random.choice(_TEMPLATES[kind]).format(
        name=random.choice(_NAMES),
        things=random.choice(_THINGS),
        place=random.choice(_PLACES),
        day=random.choice(_DAYS),
        a=a,
        b=b,
        sum=a + b,
        product=a * b,
    )
    return json.dumps(text, ensure_ascii=False)[1:-1]
