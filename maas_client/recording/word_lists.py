"""Lists of words, written as text."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """Return the words of a text that are separated by spaces and lines."""
    return frozenset(text.split())
