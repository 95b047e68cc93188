"""Decoding small text files: UTF-8, UTF-16 and UTF-32, as editors and PowerShell write them."""

from __future__ import annotations

import json

_REMEDY = "save the file as UTF-8 (in PowerShell: Out-File -Encoding utf8)"


class UndecodableText(ValueError):
    """A file in none of the supported encodings; `line` is that of the first byte that cannot be decoded."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"{reason}; {_REMEDY}")
        self.line = line


def decode(content: bytes) -> str:
    """Return the text of a file that begins with an ASCII character, without its byte-order mark.

    Windows PowerShell 5 writes UTF-16 with `>` and `Out-File`. The encoding is detected by the byte-order mark, else
    by the NULs that UTF-16 and UTF-32 have beside an ASCII character (RFC 4627, section 3).

    Raises:
        UndecodableText: naming the encoding, the line and what to do.
    """
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding, "replace")
        raise UndecodableText(_reason(encoding, error), before.count("\n") + 1) from None


def _reason(encoding: str, error: UnicodeDecodeError) -> str:
    if not encoding.startswith("utf-8"):
        return f"not valid {encoding[:6].upper()}: {error.reason}"
    if b"\0" in error.object:
        return "not a text file: it contains NUL bytes"
    return (
        f"not valid UTF-8: byte 0x{error.object[error.start]:02x}, perhaps of Windows-1252 or another legacy encoding"
    )
