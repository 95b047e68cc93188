"""Recognising UTF-16 and UTF-32 files by their first bytes, and rewriting them as UTF-8."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from ..rows.lines import is_utf16

ENOUGH = 4
"""Bytes at the start of a file from which its encoding is detected."""

_CHUNK = 256 * 1024
_MARKS = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}


def encoding_of(start: bytes) -> str | None:
    """Return the encoding of a file that starts with these bytes, or None if it is not UTF-16 or UTF-32.

    Detected by the byte-order mark, or by NULs next to what must be an ASCII character.
    """
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    if not is_utf16(start):
        return None
    if start.startswith(b"\0\0"):
        return "utf-32-be"
    if start[1:ENOUGH] == b"\0\0\0":
        return "utf-32-le"
    return "utf-16-be" if start.startswith(b"\0") else "utf-16-le"


def write_as_utf8(source: BinaryIO, target: BinaryIO, *, encoding: str) -> None:
    """Copy a file as UTF-8 without its byte-order mark. Invalid bytes are written as escapes (`\\xd8\\x00`)."""
    decoder = codecs.getincrementaldecoder(encoding)("backslashreplace")
    first = True
    while True:
        data = source.read(_CHUNK)
        text = decoder.decode(data, not data)
        if text and first:
            text, first = text.removeprefix("\ufeff"), False
        target.write(text.encode())
        if not data:
            return
