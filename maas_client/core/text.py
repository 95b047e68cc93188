"""Making the service's text safe to show: no terminal control sequences, no forged lines."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_NONCHARACTERS = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """Strip terminal control sequences and text direction overrides from the service's text; keep tabs and newlines.

    A lone surrogate, which is possible in JSON but not in a file, becomes U+FFFD, and so do U+FFFE and U+FFFF, which
    are not allowed in XML.
    """
    return _NONCHARACTERS.sub("\ufffd", _CONTROL.sub("", text))


def one_line(text: str) -> str:
    """Return the service's text as one printable line: a line break in a name could forge a log line."""
    return printable(_LINE_BREAKS.sub(" ", text))
