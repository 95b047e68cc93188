"""The pieces of a file in any layout: values, blank lines, and unreadable bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..rows.excerpt import Json
from ..rows.lines import BOM

Kind = Literal["value", "blank", "raw"]

LONGEST = 8 * 1024 * 1024
"""Bytes: longer lines and values are never held in memory and are kept unchanged."""

UNREADABLE = (ValueError, RecursionError)
"""What Python's json raises for invalid text, for numbers with too many digits, and for too deep nesting."""

decode_at = json.JSONDecoder().raw_decode
"""Reads the value at a position of a text; returns it and its end."""

_spaces = re.compile(r"[ \t\r\n]*").match
_spaces_or_commas = re.compile(r"[\s,]*").match


@dataclass(slots=True)
class Piece:
    """A piece of a file, from line `line`: a JSON value, a blank line, or bytes that cannot be read as a value.

    `data` are its bytes on one line, the original ones if it had a line of its own. `ends` is False for a part of a
    line that is too long. A `doubtful` value may be a fragment of a larger one that cannot be read.
    """

    kind: Kind
    line: int
    data: bytes
    value: Json = None
    ends: bool = True
    doubtful: bool = False


class RecoveredRow(NamedTuple):
    """A change of layout that the pieces no longer show: the rule, the line, what was done."""

    rule: str
    line: int
    done: str


Item = Piece | RecoveredRow


def write_row(value: Json) -> bytes:
    """Serialize a row on one line: as UTF-8, or escaped if it contains lone surrogates."""
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value).encode("ascii")


def without_bom(data: bytes) -> bytes:
    """Return bytes without leading byte-order marks."""
    end = 0
    while data.startswith(BOM, end):
        end += len(BOM)
    return data[end:]


def next_value_start(text: str, at: int, *, commas: bool) -> int:
    """Return where the next value starts, after white space and, if allowed, commas."""
    found = (_spaces_or_commas if commas else _spaces)(text, at)
    return at if found is None else found.end()
