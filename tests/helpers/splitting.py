"""Rows for the tests of the split, and what they leave in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def row(number: int, **others: Any) -> bytes:
    """Write a text completion row."""
    return json.dumps({"prompt": f"{number}?", "completion": "So.", **others}).encode()


ROWS = [row(number) for number in range(30)]


def names(folder: Path) -> list[str]:
    """Name the files in a folder."""
    return sorted(file.name for file in folder.iterdir())
