"""The check of an XML document of Azure Storage: its root and its entries, found as the client finds them."""

from __future__ import annotations

from collections.abc import Iterator

from .body_check import Finding
from .differences import DifferenceKind
from .operation import Xml
from .pointers import below, every

COUNTS = frozenset({"Content-Length", "Size"})
"""Elements that have a number of bytes."""


def compare_xml(expected: Xml, document: str) -> Iterator[Finding]:
    """Yield where an XML document differs; an element is found by its name, as the client reads it."""
    root = below("", expected.root)
    if f"<{expected.root}" not in document:
        yield Finding(DifferenceKind.MISSING_FIELD, root, "an element", "nothing")
        return
    if not document.rstrip().endswith((f"</{expected.root}>", "/>")):
        yield Finding(DifferenceKind.WRONG_TYPE, root, "a whole document", "its beginning")
        return
    entries = list(_elements(document, expected.entry)) if expected.entry else [document]
    pointer = every(below(root, expected.entry)) if expected.entry else root
    for name in expected.needs:
        if any(f"<{name}" not in entry for entry in entries):
            yield Finding(DifferenceKind.MISSING_FIELD, below(pointer, name), "an element", "nothing")
        elif name in COUNTS and not all(_has_count(entry, name) for entry in entries):
            yield Finding(DifferenceKind.WRONG_TYPE, below(pointer, name), "integer", "another text")


def _elements(document: str, name: str) -> Iterator[str]:
    """Yield the content of each element of this name, in one pass."""
    start = document.find(f"<{name}>")
    while start >= 0 and (end := document.find(f"</{name}>", start)) >= 0:
        yield document[start:end]
        start = document.find(f"<{name}>", end)


def _has_count(entry: str, name: str) -> bool:
    text = entry.partition(f"<{name}>")[2].partition("<")[0]
    return text.isascii() and text.isdigit()
