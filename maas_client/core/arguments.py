"""Validation of arguments by type and range, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from math import isnan
from typing import Any, ParamSpec, TypeVar, cast

from .errors import InvalidInput

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Number:
    """The valid range of a numeric argument: integers or any numbers, at least `least`; infinity means "no limit"."""

    what: str
    least: float
    whole: bool = False
    infinite: bool = True

    def check(self, name: str, value: object) -> None:
        """Raise InvalidInput for a value outside the range; None is valid, and its meaning is up to the method."""
        if value is None:
            return
        fits = isinstance(value, int if self.whole else int | float) and not isinstance(value, bool)
        if not fits or not isinstance(value, int | float) or isnan(value) or value < self.least:
            fits = False
        if not fits or (value == float("inf") and not self.infinite):
            raise InvalidInput(f"{name}={value!r} is not {self.what}; nothing was sent")


SECONDS = Number("a number of seconds, 0 or more", 0.0)
TIMEOUT = Number("a number of seconds above 0", 1e-9, infinite=False)
AMOUNT = Number("an amount, 0 or more", 0.0)
COUNT = Number("an integer, 1 or more", 1, whole=True)
OFFSET = Number("an integer, 0 or more", 0, whole=True)


def check_text(name: str, value: object) -> None:
    """Raise InvalidInput for an argument that is not a string; callers without a type checker may pass anything."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a string, not {type(value).__name__}; nothing was sent")


def check_mapping(name: str, value: object) -> None:
    """Raise InvalidInput for an argument that is not a mapping with strings as keys."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must be a mapping, not {type(value).__name__}; nothing was sent")
    wrong = next((key for key in cast("Mapping[object, object]", value) if not isinstance(key, str)), None)
    if wrong is not None:
        raise InvalidInput(f"{name} has the key {wrong!r}, which is not a string; nothing was sent")


def takes_numbers(**numbers: Number) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that checks these keyword arguments of a method; the call raises InvalidInput."""

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        @wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            given: dict[str, Any] = kwargs
            for name, number in numbers.items():
                number.check(name, given.get(name))
            return method(*args, **kwargs)

        return call

    return decorate
