"""A cached value, recomputed only when its inputs change: views are drawn four times a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Memo(Generic[T]):
    """The last computed value and the key it was computed from."""

    key: tuple[object, ...] = ()
    value: T | None = None

    def get(self, make: Callable[[], T], *key: object) -> T:
        """Return the cached value, or compute it with `make` if `key` has changed."""
        # Tuple comparison checks identity first, so an unchanged list of 100,000 points costs nothing.
        if self.value is None or self.key != key:
            self.key, self.value = key, make()
        return self.value
