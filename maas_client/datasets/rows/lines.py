"""Parsing a line of bytes to a row, or to the reason why it is not one."""

from __future__ import annotations

import json
import re

from .excerpt import Json, describe, escape, escape_bytes
from .schemas import Problem, Row

BOM = b"\xef\xbb\xbf"
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""The escape that a line with a surrogate must contain: UTF-8 has no other way to write one."""

_AROUND = 30
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_PIECES = frozenset({"{", "}", "},", "[", "]", "],"})


class LineFeeds:
    """Replaces carriage returns that end a line by line feeds, piece by piece; no byte is added or removed.

    The service reads files in text mode, where a carriage return without a line feed ends a line. Of the piece that was
    returned last, `places` are where they are.
    """

    def __init__(self) -> None:
        self._held = b""
        self.places: list[int] = []

    def feed(self, piece: bytes) -> bytes:
        """Return the next bytes; a carriage return at their end is held back until it is known what follows."""
        piece = self._held + piece if self._held else piece
        self._held = b"\r" if piece.endswith(b"\r") else b""
        return self._replaced(piece.removesuffix(b"\r"))

    def finish(self) -> bytes:
        """Return what was held back."""
        held, self._held = self._held, b""
        return self._replaced(held)

    def _replaced(self, piece: bytes) -> bytes:
        may_have = b"\r" in piece and piece.count(b"\r") > piece.count(b"\r\n")
        self.places = [found.start() for found in _LONE_RETURN.finditer(piece)] if may_have else []
        return _LONE_RETURN.sub(b"\n", piece) if may_have else piece


def is_utf16(start: bytes) -> bool:
    """Return whether a file's first bytes are UTF-16 or UTF-32: by byte-order mark, or by NULs next to ASCII."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return True
    first = start[:4]
    return len(first) == 4 and (first[::2] == b"\0\0") != (first[1::2] == b"\0\0")


def read_row(line: bytes) -> Row | Problem:
    """Parse a line like the service's reader (UTF-8, then Python's json), or explain why it cannot be a row."""
    text = _decode(line)
    if isinstance(text, Problem):
        return text
    if not text or text.isspace():
        return Problem("row-blank", "", "", "the line is blank")
    if "\0" in text:
        column = text.index("\0") + 1
        return Problem("nul-byte", "", escape(text), f"a NUL at column {column}")
    try:
        value: Json = json.loads(text)
    except json.JSONDecodeError as error:
        return _invalid(text, error)
    except RecursionError:
        return Problem("json-invalid", "", escape(text), "the JSON is nested too deeply")
    except ValueError as error:  # a number with more digits than Python converts
        return Problem("json-invalid", "", escape(text), escape(str(error)))
    if not isinstance(value, dict):
        return not_an_object(value)
    return value


def not_an_object(value: Json) -> Problem:
    """Return the problem of a line that is valid JSON but not an object."""
    found = describe(value)
    return Problem("row-not-object", "", found, f"the line is {found}, not an object")


def lone_surrogate(row: Row) -> Problem | None:
    """Find text that cannot be encoded: half of a surrogate pair, from a broken escape."""
    try:
        json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        found = escape(str(error.object)[error.start : error.end])
        return Problem("lone-surrogate", "", found, f"the text contains {found}, half of a surrogate pair")
    except (RecursionError, ValueError):
        # Nested too deeply to serialize, or a number too long: its text is unknown.
        return None
    return None


def is_piece(line: bytes) -> bool:
    """Return whether an invalid line looks like a piece of a multi-line object or array."""
    text = line.strip()
    return text.decode("ascii", "replace") in _PIECES or (text.startswith(b'"') and b'":' in text)


def _decode(line: bytes) -> str | Problem:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"byte 0x{line[error.start]:02x}, the line's byte {error.start + 1},"
        around = line[max(0, error.start - _AROUND) : error.start + _AROUND]
        return Problem("utf8-invalid", "", escape_bytes(around), f"{byte} is not UTF-8 ({error.reason})", error.start)


def _invalid(text: str, error: json.JSONDecodeError) -> Problem:
    found = escape(text[max(0, error.pos - _AROUND) : error.pos + _AROUND])
    if error.msg == "Extra data" and text[error.pos :].strip() == ",":
        return Problem("json-trailing-comma", "", found, f"a comma follows the object at column {error.colno}")
    return Problem("json-invalid", "", found, f"{error.msg} at column {error.colno}")
