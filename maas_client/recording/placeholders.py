"""The table of placeholders: the same original is the same placeholder everywhere in a recording."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .word_lists import listed

TEXT = "text"
"""The kind of what people wrote, which is compared as it is; names are compared without regard to case."""

KINDS = listed(
    "account checkpoint component compute container data datastore deployment endpoint etag experiment file group "
    "header host id job key model name project region registry subscription tag tenant text upload user version "
    "webhook workspace"
)
"""What placeholders are called: `KIND-N`."""

PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(sorted(KINDS)) + r")-[0-9]{1,9}(?![A-Za-z0-9])")
"""A placeholder within a string."""


class Placeholders:
    """Placeholders by original, such as `job-1`; each kind is counted on its own."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self._originals: dict[str, str] = {}

    def of(self, kind: str, original: str) -> str:
        """Return the placeholder of an original; one that has none yet gets the next of this kind."""
        table, key = (self._texts, original) if kind == TEXT else (self._names, original.casefold())
        found = table.get(key) or self._names.get(original.casefold())
        if found is None:
            found = table[key] = self._next(kind, original)
        self._originals.setdefault(original, found)
        return found

    def name(self, original: str) -> str | None:
        """Return the placeholder of a name that was seen before; None for any other string."""
        return self._names.get(original.casefold())

    def originals(self) -> Iterator[tuple[str, str]]:
        """Yield every original and its placeholder, the longest first."""
        yield from sorted(self._originals.items(), key=lambda each: -len(each[0]))

    def _next(self, kind: str, original: str) -> str:
        """Return the next placeholder of a kind, other than the original itself."""
        while True:
            self._count[kind] = number = self._count.get(kind, 0) + 1
            if (placeholder := f"{kind}-{number}") != original:
                return placeholder
