"""What the notebook on chat fine-tuning data in OpenAI's cookbook checks, row by row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from maas_client.core.json_fields import is_object

_ROLES = frozenset({"system", "user", "assistant", "function"})
_KEYS = frozenset({"role", "content", "name", "function_call", "weight"})


def right_rows(path: Path) -> int:
    """Return how many rows of a file have no fault."""
    right, faults = 0, Counter[str]()
    with path.open(encoding="utf-8") as file:
        for line in file:
            found = list(_faults(json.loads(line)))
            faults.update(found)
            right += not found
    return right


def _faults(row: object) -> Iterator[str]:
    messages = row.get("messages") if is_object(row) else None
    if not messages:
        yield "no messages"
        return
    for message in messages:
        if "role" not in message or "content" not in message:
            yield "a key is missing"
        if not _KEYS.issuperset(message):
            yield "an unknown key"
        if message.get("role") not in _ROLES:
            yield "an unknown role"
        content = message.get("content")
        if not isinstance(content, str) or (not content and not message.get("function_call")):
            yield "no content"
    if all(message.get("role") != "assistant" for message in messages):
        yield "no answer"
