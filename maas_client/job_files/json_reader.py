"""A JSON parser that records the line of every value and rejects duplicate keys."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ..core.errors import InvalidInput
from .located import MAX_DEPTH, MAX_VALUES, Content, Located
from .mistakes import Mistakes

_SPACE = re.compile(r"[ \t\n\r]*")


def read_json(text: str, name: str, mistakes: Mistakes) -> Located:
    """Parse JSON text; duplicate keys go to `mistakes`.

    Raises InvalidInput, with the line, for anything else, or excessive nesting.
    """
    scan = _Scanner(text, name, mistakes)
    value = scan.value(0)
    scan.skip()
    if scan.at != len(text):
        raise scan.wrong("unexpected text after the end of the JSON")
    return value


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is not valid JSON")


@dataclass(slots=True)
class _Scanner:
    """Parses a text, keeping the current position."""

    text: str
    name: str
    mistakes: Mistakes
    at: int = 0
    values: int = 0
    counted: int = 0
    line: int = 1

    @property
    def where(self) -> str:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return f"{self.name}:{self.line}"

    def wrong(self, why: str) -> InvalidInput:
        return InvalidInput(f"{self.where}: {why}")

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def next(self, mark: str) -> bool:
        """Skip white space, then the given character if it comes next; return whether it did."""
        self.skip()
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found

    def value(self, depth: int) -> Located:
        self.skip()
        where, begin = self.where, self.at
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise self.wrong("the file is too large or nested too deeply for a job")
        content: Content
        if self.next("{"):
            content = self._members(depth)
        elif self.next("["):
            content = self._items(depth)
        else:
            content = self._scalar()
        written = content if isinstance(content, str) else self.text[begin : self.at]
        return Located(content, where, written)

    def _scalar(self) -> str | int | float | bool | None:
        decoder = json.JSONDecoder(parse_constant=_refuse_constant)
        try:
            found, self.at = decoder.raw_decode(self.text, self.at)
        except (ValueError, RecursionError) as error:
            raise self.wrong(f"not valid JSON: {getattr(error, 'msg', error)}") from None
        scalar: str | int | float | bool | None = found
        return scalar

    def _items(self, depth: int) -> list[Located]:
        items: list[Located] = []
        if self.next("]"):
            return items
        while True:
            items.append(self.value(depth + 1))
            if self.next("]"):
                return items
            if not self.next(","):
                raise self.wrong("a comma or ] is missing")

    def _members(self, depth: int) -> dict[str, Located]:
        members: dict[str, Located] = {}
        if self.next("}"):
            return members
        while True:
            self.skip()
            where = self.where
            if not self.text.startswith('"', self.at):
                raise self.wrong("a key in double quotes is missing")
            key = str(self._scalar())
            if key in members:
                self.mistakes.add(self.wrong(f"duplicate key {key!r}"))
            if not self.next(":"):
                raise self.wrong("a colon is missing")
            item = self.value(depth + 1)
            members.setdefault(key, Located(item.value, where, item.written))
            if self.next("}"):
                return members
            if not self.next(","):
                raise self.wrong("a comma or } is missing")
