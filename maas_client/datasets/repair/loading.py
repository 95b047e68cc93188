"""Repairs of what ends a job behind the row filter: mixed columns, half surrogate pairs, content in parts."""

from __future__ import annotations

from collections.abc import Collection

from ..check.report import CheckReport
from ..rows.column_types import ColumnPath, ignored_part
from ..rows.excerpt import Json, pointer
from ..rows.schemas import Row

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


def without_columns(row: Row, paths: Collection[ColumnPath]) -> tuple[Row, list[tuple[str, str]]]:
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


def whole_characters(value: Json) -> Json:
    """Return a value with every half of a surrogate pair replaced, in keys too."""
    if isinstance(value, str):
        return "".join(REPLACEMENT if "\ud800" <= each <= "\udfff" else each for each in value)
    if isinstance(value, list):
        return [whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {str(whole_characters(key)): whole_characters(item) for key, item in value.items()}
    return value
