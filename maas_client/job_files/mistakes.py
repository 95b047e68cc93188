"""The mistakes of a job file, collected so that one error reports all of them with their lines."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from math import inf

from ..core.errors import InvalidHyperparameter, InvalidInput

MOST_SHOWN = 20
"""Maximum number of mistakes in one error message."""


class Mistakes:
    """Collects the mistakes of one file; reading continues after each of them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[str, InvalidInput] = {}

    @contextmanager
    def collected(self) -> Generator[None]:
        """Collect the InvalidInput that ends the block, if one does."""
        try:
            yield
        except InvalidInput as error:
            self.add(error)

    def add(self, *errors: InvalidInput) -> None:
        """Collect mistakes; one that is reported already, as through a YAML alias, counts once."""
        for error in errors:
            self._found.setdefault(str(error), error)

    def raise_all(self) -> None:
        """Raise the only mistake as it is, or one InvalidInput that lists all of them by line; nothing without any."""
        if not self._found:
            return
        if len(self._found) == 1:
            raise next(iter(self._found.values()))
        kind = InvalidHyperparameter if _are_hyperparameters(self._found.values()) else InvalidInput
        shown = sorted(self._found, key=self._line)[:MOST_SHOWN]
        more = len(self._found) - len(shown)
        rest = [f"and {more} more"] if more else []
        raise kind("\n".join([f"{len(self._found)} mistakes in {self._name}:", *shown, *rest]))

    def _line(self, message: str) -> float:
        """Return the line that a message begins with; infinity for one about an option."""
        found = re.match(rf"{re.escape(self._name)}:(\d+): ", message)
        return inf if found is None else int(found[1])


def _are_hyperparameters(errors: Iterable[InvalidInput]) -> bool:
    return all(isinstance(error, InvalidHyperparameter) for error in errors)
