"""Values of a file with their locations, so that every error names its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..core.errors import InvalidInput

Scalar = str | int | float | bool | None
Content = Scalar | list["Located"] | dict[str, "Located"]

MAX_VALUES = 10_000
"""Maximum number of values in a file, with aliases expanded. A job has about thirty."""

MAX_DEPTH = 20
"""Maximum nesting of lists and mappings. A job has three levels."""


@dataclass(frozen=True, slots=True)
class Located:
    """A value, its location (`job.yaml:7`; for a mapping's value, that of its key), and a scalar's source text."""

    value: Content
    where: str
    written: str = ""

    def wrong(self, why: str) -> InvalidInput:
        """Return the error for an invalid value."""
        return InvalidInput(f"{self.where}: {why}")

    def plain(self) -> Any:
        """Return the value without locations."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def table(self, what: str) -> dict[str, Located]:
        """Return the value, which must be a mapping; null counts as an empty one."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.wrong(f"{what} must be a mapping")
        return self.value

    def text(self, what: str) -> str | None:
        """Return the value, which must be a scalar, as written; None for null."""
        if isinstance(self.value, list | dict):
            raise self.wrong(f"{what} must be a single value")
        return None if self.value is None else self.written


def unknown_keys(table: Mapping[str, Located], known: Iterable[str], *, within: str = "") -> Iterator[InvalidInput]:
    """Yield the error for each unknown key, naming the closest known one."""
    names = sorted(known)
    for key, item in table.items():
        if key not in names:
            nearest = get_close_matches(key, names, 1, 0.5)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"known keys are {', '.join(names)}"
            yield item.wrong(f"unknown key {within + key!r}; {hint}")


_NULL = frozenset({"", "~", "null", "Null", "NULL"})


_TRUE = frozenset({"true", "True", "TRUE"})


_FALSE = frozenset({"false", "False", "FALSE"})


_INT = re.compile(r"[-+]?[0-9]{1,400}")


_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def scalar_value(word: str) -> Scalar:
    """Return the value of an unquoted word: null, true or false, a number, or the word itself.

    Infinity and NaN stay words: no key of a job accepts them.
    """
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _INT.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word
