"""What near duplicates have in common: a row's text without case, extra white space and punctuation of sentences.

Signs, operators and numbers count: `-3` is not `3`, `C++` is not `C#`, and `1.5` is not `15`. So in a row with a number
that contains punctuation, or with an operator such as `!=`, all punctuation counts.
"""

from __future__ import annotations

import string
from io import BytesIO

import msgspec

from .line_batch import LineBatch
from .prefilter import Prefilter, ascii_only

_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_ESCAPE = b"\\"
_PUNCTUATION = b".,;:?!'`" + _ESCAPE

_COMPACT = Prefilter(',"')
"""JSON without spaces."""

_MEANINGFUL = Prefilter("[.,:][0-9]|!=")
"""Punctuation that belongs to a number or is an operator."""

_EXTRA_SPACE = Prefilter(r'  | "\}|" " ')
"""Two spaces, or one at the start of a string or at the end of an object's last."""

_INDENTED = b"    "
"""Four spaces: code, in which white space counts."""


def near_duplicate_texts(batch: LineBatch) -> list[bytes]:
    """Return a text for each row; near duplicates have the same.

    What a row becomes depends on that row alone. All rows are tested at once for what needs more than one look.
    """
    if _COMPACT(batch.ascii):
        batch = LineBatch([_spaced(row) if _COMPACT(ascii_only(row)) else row for row in batch.lines])
    bare = batch.text.translate(_LOWER, _PUNCTUATION)
    texts = BytesIO(bare).readlines()
    if _MEANINGFUL(batch.ascii):
        pairs = zip(batch.lines, texts, strict=True)
        texts = [row.translate(_LOWER, _ESCAPE) if _MEANINGFUL(ascii_only(row)) else text for row, text in pairs]
    if _EXTRA_SPACE(ascii_only(bare)):
        texts = [
            _single_spaced(text) if _INDENTED not in text and _EXTRA_SPACE(ascii_only(text)) else text for text in texts
        ]
    return texts


def _spaced(row: bytes) -> bytes:
    """Return a row as JSON with a space behind each colon and comma."""
    try:
        return msgspec.json.format(row, indent=0) + b"\n"
    except (msgspec.DecodeError, RecursionError):  # NaN, which is not JSON, or nested too deeply
        return row


def _single_spaced(text: bytes) -> bytes:
    """Return a text with single spaces, and none at either end of a string."""
    text = b" ".join(text.split())
    for spaced, bare in ((b' "}', b'"}'), (b' "]', b'"]'), (b' " "', b'" "'), (b'" " ', b'" "')):
        text = text.replace(spaced, bare)
    return text + b"\n"
