"""Which names of a recording stand for which of a server: what both put at the same place of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..core.json_fields import is_array, is_object
from .path_patterns import family, generated_in, is_generated

_NAME_LIKE = re.compile(r"([A-Za-z0-9_.-]+)")
_PARTS = re.compile(r"([A-Za-z0-9_-]+)")


class Bindings:
    """Names of a recording, each with the server's name for the same thing."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._bound: dict[str, str] = {}
        self._taken: set[str] = set()
        self._unclaimed: dict[str, list[str]] = {}

    def learn(self, recorded: object, received: object) -> None:
        """Bind what the recording has to what the server has at the same places of two answers."""
        for ours, theirs in pairs(recorded, received):
            self._bind_parts(ours, theirs)

    def offer(self, received: object) -> None:
        """Keep the ids of an answer, for those of a recording whose answers were not kept."""
        for text in _texts(received):
            for token in _NAME_LIKE.findall(text):
                kind = family(token)
                if kind not in (token, "#") and token not in self._taken:
                    known = self._unclaimed.setdefault(kind, [])
                    if token in known:
                        known.remove(token)
                    known.append(token)

    def applied(self, value: Any) -> Any:  # Any: JSON
        """Return a JSON value with the server's names."""
        if isinstance(value, str):
            return "".join(self._named(piece) for piece in _NAME_LIKE.split(value)) if value else value
        if is_array(value):
            return [self.applied(item) for item in value]
        if is_object(value):
            return {name: self.applied(inner) for name, inner in value.items()}
        return value

    def guess(self, value: object) -> None:
        """Bind ids that no answer of the recording showed to the latest ones of their kind that the server named."""
        for text in _texts(value):
            for token in _NAME_LIKE.findall(text):
                kind = family(token)
                if kind not in (token, "#") and token not in self._bound and token not in self._taken:
                    self._claim(token, kind)

    def _claim(self, token: str, kind: str) -> None:
        if unclaimed := self._unclaimed.get(kind):
            latest = unclaimed.pop() if len(unclaimed) > 1 else unclaimed[0]
            self._bind(token, latest)

    def _named(self, token: str) -> str:
        if token in self._bound:
            return self._bound[token]
        return "".join(self._bound.get(part, part) for part in _PARTS.split(token))

    def _bind_parts(self, ours: str, theirs: str) -> None:
        for pattern in (_NAME_LIKE, _PARTS):
            one, other = pattern.split(ours), pattern.split(theirs)
            if len(one) == len(other):
                for name, same in zip(one, other, strict=True):
                    self._bind(name, same)
                return
        self._bind(ours, theirs)

    def _bind(self, ours: str, theirs: str) -> None:
        if ours != theirs and theirs and is_generated(ours) and ours not in self._bound:
            self._bound[ours] = theirs
            self._taken.add(theirs)
            for one, other in zip(generated_in(ours), generated_in(theirs), strict=False):
                self._bound.setdefault(one, other)


def pairs(one: object, other: object) -> Iterator[tuple[str, str]]:
    """Yield the strings at the same places of two JSON values."""
    if isinstance(one, str) and isinstance(other, str):
        yield one, other
    elif is_array(one) and is_array(other):
        for inner, same in zip(one, other, strict=False):
            yield from pairs(inner, same)
    elif is_object(one) and is_object(other):
        both = [name for name in one if name in other]
        for name in both:
            yield from pairs(one[name], other[name])
        if len(one) == len(other):  # the other keys are names, which a recording has placeholders for
            alone = ([side[name] for name in side if name not in both] for side in (one, other))
            for inner, same in zip(*alone, strict=True):
                yield from pairs(inner, same)


def _texts(value: object) -> Iterator[str]:
    """Yield every string of a JSON value, in order."""
    if isinstance(value, str):
        yield value
    elif is_array(value):
        for inner in value:
            yield from _texts(inner)
    elif is_object(value):
        for inner in value.values():
            yield from _texts(inner)
