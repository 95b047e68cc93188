"""Bodies of data, as they are written: their size, their media type and the shape of their rows, and no content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..contract.shape_of import shape_of
from ..core.http_messages import parse_json
from ..core.json_fields import is_object
from .public_words import map_keys
from .seen import Sample
from .word_lists import listed

MOST_ROWS = 50
"""Rows of a file that are looked at for their shape."""

MOST_OF_FIGURES = 1 << 18
"""Bytes of a table of numbers that is written as it is: what it says are metrics."""

_FIGURES = re.compile(r"\A[0-9.eE+,-]*\r?\Z")
_PLAIN_MEDIA = "application/octet-stream"
MEDIA = listed(
    "application/json application/octet-stream application/xml application/jsonl application/x-ndjson application/gzip "
    "application/zip application/problem+json multipart/form-data text/plain text/csv text/html text/event-stream "
    "text/xml image/png"
)
"""The media types that are kept."""


def data_of(sample: Sample, media: str, without_names: Callable[[object], object]) -> dict[str, Any]:
    """Return what is written for a body of data.

    Args:
        sample: the body.
        media: its content type, with or without parameters.
        without_names: replaces what is not to be shared in a parsed row.
    """
    plain = media.partition(";")[0].strip().lower()
    data: dict[str, Any] = {"bytes": sample.size, "media": plain if plain in MEDIA else _PLAIN_MEDIA}
    lines = sample.head.split(b"\n")
    if not sample.is_whole:
        lines = lines[:-1]
    rows = [row for line in lines[:MOST_ROWS] if line.strip() and (row := _parsed(line)) is not None]
    if rows and len(rows) >= len([line for line in lines[:MOST_ROWS] if line.strip()]) - 2:
        ends_open = bool(sample.is_whole and lines[-1].strip())
        types: dict[str, set[str]] = {}
        for row in rows:
            for pointer, kinds in shape_of(without_names(row)).types.items():
                types.setdefault(pointer, set()).update(kinds)
        shape = {pointer: sorted(kinds) for pointer, kinds in sorted(types.items())}
        return {**data, "rows": sample.newlines + ends_open, "shape": shape}
    columns = lines[0].strip().decode("utf-8", "replace").split(",") if lines else []
    if len(columns) > 1 and all(name in map_keys() for name in columns):
        figures = _figures(sample, lines[1:])
        return {**data, "rows": sample.newlines, "columns": columns, **({"figures": figures} if figures else {})}
    return data


def _figures(sample: Sample, lines: Sequence[bytes]) -> list[str]:
    """Return the rows of a table below its columns if all of it is numbers, such as a job's metrics; else none."""
    if not sample.is_whole or sample.size > MOST_OF_FIGURES or not lines:
        return []
    rows = [line.decode("ascii", "replace") for line in (lines if lines[-1] else lines[:-1])]
    return rows if all(_FIGURES.match(row) for row in rows) else []


def _parsed(line: bytes) -> Mapping[str, Any] | None:
    try:
        row = parse_json(line)
    except ValueError:
        return None
    return row if is_object(row) else None
