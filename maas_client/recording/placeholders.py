"""The table of placeholders: the same original is the same placeholder everywhere in a recording."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .word_lists import listed

TEXT = "text"
"""The kind of what people wrote, which is compared as it is; names are compared without regard to case."""

KINDS = listed(
    "account checkpoint component compute container data datastore deployment endpoint etag experiment file group "
    "header host id job key model name project region registry subscription tag tenant text upload user version "
    "webhook workspace"
)
"""What placeholders are called: `KIND-N`."""

_MANY = frozenset({"id", "etag", TEXT})

PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(sorted(KINDS)) + r")-[0-9]{1,9}(?![A-Za-z0-9])")
"""A placeholder within a string."""


class Placeholders:
    """Placeholders by original, such as `job-1`; each kind is counted on its own.

    `key_of` turns an original into the key of the table: a table that leaves the process has no originals.
    """

    def __init__(self, key_of: Callable[[str], str] = str) -> None:
        self._key_of = key_of
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self._originals: dict[str, str] = {}
        self._few: tuple[tuple[str, str], ...] | None = ()

    def of(self, kind: str, original: str) -> str:
        """Return the placeholder of an original; one that has none yet gets the next of this kind."""
        name = self._key_of(original.casefold())
        table, key = (self._texts, self._key_of(original)) if kind == TEXT else (self._names, name)
        found = table.get(key) or self._names.get(name)
        if found is None:
            found = table[key] = self._next(kind, original)
        if original not in self._originals:
            self._originals[original] = found
            if found.rpartition("-")[0] not in _MANY:
                self._few = None
        return found

    def name(self, original: str) -> str | None:
        """Return the placeholder of a name that was seen before; None for any other string."""
        return self._names.get(self._key_of(original.casefold()))

    def originals(self) -> Iterator[tuple[str, str]]:
        """Yield every original that this process has seen, and its placeholder, the longest first."""
        yield from _longest_first(self._originals)

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return the originals without ids and texts, of which every exchange has new ones; the longest first."""
        if self._few is None:
            few = {
                original: found for original, found in self._originals.items() if found.rpartition("-")[0] not in _MANY
            }
            self._few = tuple(_longest_first(few))
        return self._few

    def begin_after(self, text: str) -> None:
        """Give no placeholder that is in a text, which an earlier recording has written."""
        for found in PLACEHOLDER.finditer(text):
            kind, _, number = found[0].rpartition("-")
            self._count[kind] = max(self._count.get(kind, 0), int(number))

    def to_document(self) -> dict[str, dict[str, Any]]:
        """Return the table, by keys."""
        return {"texts": self._texts, "names": self._names, "count": self._count}

    def load(self, document: Mapping[str, Any]) -> None:
        """Take a table that another process has written."""
        self._texts, self._names = dict(document["texts"]), dict(document["names"])
        self._count = dict(document["count"])

    def _next(self, kind: str, original: str) -> str:
        """Return the next placeholder of a kind, other than the original itself."""
        while True:
            self._count[kind] = number = self._count.get(kind, 0) + 1
            if (placeholder := f"{kind}-{number}") != original:
                return placeholder


def _longest_first(originals: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(originals.items(), key=lambda each: -len(each[0]))
