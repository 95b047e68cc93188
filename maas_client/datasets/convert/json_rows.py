"""Rows from JSON files of any size: one per line, an array, or multi-line values; never held in memory as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from ..json_recovery.lone_arrays import open_lone_array
from ..json_recovery.pieces import LONGEST, Piece
from ..json_recovery.reader import JsonRecovery
from ..rows.lines import is_piece, read_row
from ..rows.schemas import Problem
from .encodings import REMEDY
from .source import Numbered
from .values import shown

_TAIL = 4096

_BRACKETS = frozenset({b"[", b"]", b"],"})
"""Lines that are not rows but remain of an array whose first element cannot be read."""

_TOO_LONG = "the rest of this line cannot be read: a value may have at most {} bytes"


def read_json(file: BinaryIO, *, longest: int = LONGEST) -> Iterator[Numbered]:
    """Yield the objects of a file with the line where each starts; for anything else, the reason.

    Values of more than `longest` bytes are never held in memory, so they are not rows.
    """
    line, in_array, long = 1, False, False
    for item in open_lone_array(JsonRecovery(file, longest=longest)):
        line = item.line
        if not isinstance(item, Piece):
            in_array = in_array or item.rule == "json-array"
        elif item.kind == "raw" and item.data.strip() in _BRACKETS:
            in_array = in_array or item.data.strip() == b"["
        elif item.doubtful:
            yield Numbered(line, None, "this may be part of a larger value that cannot be read")
        elif isinstance(item.value, dict):
            yield Numbered(line, item.value)
        elif item.kind == "value":
            yield Numbered(line, None, f"the value is {shown(item.value)}, not an object")
        elif item.kind == "raw":
            if item.ends:
                yield Numbered(line, None, _TOO_LONG.format(longest) if long else _reason(item.data))
            long = not item.ends
    if in_array and _last_byte(file) != b"]":
        yield Numbered(line, None, "the array is not closed: the file is truncated")


def _reason(data: bytes) -> str:
    """Explain why bytes are not a JSON value."""
    problem = None if is_piece(data) else read_row(data)
    if not isinstance(problem, Problem):
        return "this is part of a multi-line value that cannot be read"
    return f"{problem.message}; {REMEDY}" if problem.rule == "utf8-invalid" else problem.message


def _last_byte(file: BinaryIO) -> bytes:
    """Return the last byte of a file that is not white space or a comma."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _TAIL))
    return file.read().rstrip(b" \t\r\n,")[-1:]
