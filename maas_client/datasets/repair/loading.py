"""Repairs of what ends a job behind the row filter: mixed columns, half surrogate pairs, content in parts."""

from __future__ import annotations

from collections.abc import Collection

from ...catalog.model_facts import ModelFacts
from ..check.report import CheckReport
from ..rows.column_types import ColumnPath, ignored_part
from ..rows.content import text_of_parts
from ..rows.excerpt import Json, pointer
from ..rows.schemas import Row

Changes = list[tuple[str, str]]
"""Places, as JSON pointers, and what was done there."""

REPLACEMENT = "\ufffd"
"""Stands for half of a surrogate pair, which is not a character."""

_COLUMN, _KEY = 1, 3
"""Lengths of paths to a column, and to a key of a message."""


def removable_columns(report: CheckReport) -> frozenset[ColumnPath]:
    """Return the columns and message keys that training ignores and that are not of one type."""
    reading = report.reading
    mixed = (path for path, sightings in reading.types.paths.items() if len(sightings) > 1)
    found = (ignored_part(path, reading.schema) for path in mixed)
    return frozenset(part for part in found if part is not None)


def without_columns(row: Row, paths: Collection[ColumnPath]) -> tuple[Row, Changes]:
    """Return a row without some columns and message keys, and what was removed: pointers and descriptions."""
    columns = {path[0] for path in paths if len(path) == _COLUMN}
    keys = {path[2] for path in paths if len(path) == _KEY}
    done = [(pointer(column), f"the column {column} was removed") for column in row if column in columns]
    row = {column: value for column, value in row.items() if column not in columns}
    messages = row.get("messages")
    if keys and isinstance(messages, list):
        for index, turn in enumerate(messages):
            named = [key for key in turn if key in keys] if isinstance(turn, dict) else []
            done += [(pointer("messages", index, key), f"the key {key} was removed") for key in named]
        row = {**row, "messages": [_without(turn, keys) for turn in messages]}
    return row, done


def _without(turn: Json, keys: Collection[str | None]) -> Json:
    return {key: value for key, value in turn.items() if key not in keys} if isinstance(turn, dict) else turn


def without_half_pairs(row: Row) -> Row:
    """Return a row with every half of a surrogate pair replaced, in keys too."""
    return {_whole(key): _without_half_pairs(value) for key, value in row.items()}


def _without_half_pairs(value: Json) -> Json:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, list):
        return [_without_half_pairs(item) for item in value]
    return without_half_pairs(value) if isinstance(value, dict) else value


def _whole(text: str) -> str:
    return "".join(REPLACEMENT if "\ud800" <= each <= "\udfff" else each for each in text)


def join_parts(messages: list[Json], _model: ModelFacts | None = None) -> tuple[list[Json], Changes]:
    """Write content that is a list of text parts as one string."""
    joined, changes = list[Json](), Changes()
    for index, message in enumerate(messages):
        text = text_of_parts(message.get("content")) if isinstance(message, dict) else None
        if isinstance(message, dict) and text is not None:
            changes.append((pointer("messages", index, "content"), "the text parts were joined"))
            message = {**message, "content": text}
        joined.append(message)
    return joined, changes


def fill_content(messages: list[Json], _model: ModelFacts | None = None) -> tuple[list[Json], Changes]:
    """Write an empty content beside tool calls that have none."""
    filled, changes = list[Json](), Changes()
    for index, message in enumerate(messages):
        if isinstance(message, dict) and message.get("content") is None and isinstance(message.get("tool_calls"), list):
            changes.append((pointer("messages", index, "content"), 'the missing content became ""'))
            others = {key: value for key, value in message.items() if key not in {"role", "content"}}
            message = {"role": message.get("role"), "content": "", **others}
        filled.append(message)
    return filled, changes
