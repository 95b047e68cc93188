"""A value that is made again only when what it is made of has changed: a view is drawn four times a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Memo(Generic[T]):
    """The value that was made last, and what it was made of."""

    key: tuple[object, ...] = ()
    value: T | None = None

    def get(self, make: Callable[[], T], *key: object) -> T:
        """Return the value, from `make` if it is to be made of something else than the last one was."""
        # Tuples compare what is the same object in no time, so that 100,000 points cost nothing.
        if self.value is None or self.key != key:
            self.key, self.value = key, make()
        return self.value
