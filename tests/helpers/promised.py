"""The promises of `docs/promises.md`, and which tests hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "promises.md"

_ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<promise>[^|]+) \| (?P<held_by>[^|]+) \| (?P<figure>[^|]+) \|$")
_TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")


def promises() -> Mapping[int, tuple[str, ...]]:
    """Give the tests that hold each promise, by its number."""
    rows = [row for line in DOCUMENT.read_text("utf-8").splitlines() if (row := _ROW.match(line))]
    return {int(row["number"]): tuple(_TEST.findall(row["held_by"])) for row in rows}


def promised() -> frozenset[str]:
    """Give every test that holds a promise, or what an attack broke."""
    return frozenset(_TEST.findall(DOCUMENT.read_text("utf-8")))
