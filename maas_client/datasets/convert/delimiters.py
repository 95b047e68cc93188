"""The delimiter of a table: the one that its first line names (`sep=;`), or the one that its first rows agree with."""

from __future__ import annotations

import io
import re
from itertools import islice

from .records import Records
from .table_lines import TableLines

DELIMITERS = ",;\t|"
"""Delimiters tried on the header in this order; spreadsheets use semicolons where the comma is a decimal separator."""

_named = re.compile(r'"?sep=([^"\r\n])"?[ \t;,]*\Z', re.IGNORECASE).match

_RECORDS = 50
"""Records that are compared with the header."""


def named_delimiter(line: str) -> str | None:
    """Return the delimiter that a first line names as Excel does, `sep=;`; None for any other line."""
    found = _named(line.rstrip("\r\n"))
    return None if found is None else found[1]


def find_delimiter(start: str, *, tabs: bool, whole: bool) -> str:
    """Return the delimiter of a table that starts with this text, which is `whole` or ends anywhere.

    `tabs` means that it is a tab if the header has any. Otherwise it is the one with which most of the first records
    have as many fields as the header, of several the first in DELIMITERS; a comma if the header has none of them.
    """
    header = next(iter(io.StringIO(start, newline="")), "")
    found = [each for each in DELIMITERS if each in header]
    if tabs and "\t" in found:
        return "\t"
    if len(found) < 2:
        return found[0] if found else ","
    return max(found, key=lambda each: _agreement(start, each, whole=whole))


def _agreement(start: str, delimiter: str, *, whole: bool) -> float:
    """Return which share of the first records has as many fields as the header, 0 for a header of one field."""
    records = Records(TableLines(io.StringIO(start, newline="")), delimiter=delimiter)
    header = records.take()
    if header is None or header.fields is None or len(header.fields) < 2:
        return 0.0
    records.columns = len(header.fields)
    found = list(islice(records, _RECORDS + 1))
    if not whole or len(found) > _RECORDS:
        found = found[:-1]  # the last one may be cut off
    fitting = sum(each.fields is not None and len(each.fields) == records.columns for each in found)
    return 0.5 if not found else fitting / len(found)
