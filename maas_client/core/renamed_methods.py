"""Former names of methods, which still work and warn; type checkers see the new names only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar
from warnings import warn


class RenamedMethods:
    """Base of resources with renamed methods: `RENAMED` maps former names to new ones."""

    RENAMED: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:  # else every misspelled method would pass the type checker

        def __getattr__(self, name: str) -> object:
            if name not in self.RENAMED:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            warn(f"{name} is now called {self.RENAMED[name]}", DeprecationWarning, stacklevel=2)
            return getattr(self, self.RENAMED[name])
