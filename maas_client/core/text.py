"""Text that the service sent, as it may be shown: nothing in it drives a terminal or forges a line."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_NO_CHARACTER = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """Strip what drives a terminal or turns the writing round from text that the service sent; tabs and newlines stay.

    Half a surrogate pair, which JSON can spell and no file can hold, becomes U+FFFD, and so do U+FFFE and U+FFFF, which
    no XML document may hold.
    """
    return _NO_CHARACTER.sub("\ufffd", _CONTROL.sub("", text))


def one_line(text: str) -> str:
    """Return text that the service sent as one printable line: a line break in a name would forge a line of a log."""
    return printable(_LINE_BREAKS.sub(" ", text))
