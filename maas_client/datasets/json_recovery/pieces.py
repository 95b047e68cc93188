"""What a file is made of, whatever its framing: values, blank lines, and what cannot be read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..rows.excerpt import Json
from ..rows.lines import BOM

Kind = Literal["value", "blank", "raw"]

LONGEST = 8 * 1024 * 1024
"""Bytes: what is longer is held neither as a line nor as a value, and kept as it is."""

UNREADABLE = (ValueError, RecursionError)
"""What Python's json raises for text that is no value, for numbers of too many digits, and for what is too deep."""

decode_at = json.JSONDecoder().raw_decode
"""Reads the value at a position of a text; returns it and where it ends."""

_spaces = re.compile(r"[ \t\r\n]*").match
_spaces_or_commas = re.compile(r"[\s,]*").match


@dataclass(slots=True)
class Piece:
    """A piece of a file, from line `line`: a JSON value, a blank line, or bytes that cannot be read as a value.

    `data` are its bytes on one line, its own where it had one. `ends` is False for a part of a line that is too long to
    be held. A `doubtful` value may be a fragment of a greater one that cannot be read.
    """

    kind: Kind
    line: int
    data: bytes
    value: Json = None
    ends: bool = True
    doubtful: bool = False


class RecoveredRow(NamedTuple):
    """Something about the framing that the pieces no longer have: the rule, the line, what was done."""

    rule: str
    line: int
    done: str


Item = Piece | RecoveredRow


def write_row(value: Json) -> bytes:
    """Write a row on one line: as UTF-8, or escaped where it has halves of surrogate pairs."""
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value).encode("ascii")


def unmarked(data: bytes) -> bytes:
    """Return bytes without byte-order marks at their beginning."""
    end = 0
    while data.startswith(BOM, end):
        end += len(BOM)
    return data[end:]


def beginning(text: str, at: int, *, commas: bool) -> int:
    """Return where the next value begins, behind white space and, if there may be any, commas."""
    found = (_spaces_or_commas if commas else _spaces)(text, at)
    return at if found is None else found.end()
