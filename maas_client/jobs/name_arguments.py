"""Arguments that name jobs: ARM ids and URLs become names before the method that takes them is called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from ..core.arguments import check_text

P = ParamSpec("P")
R = TypeVar("R")


def takes_job_names(method: Callable[P, R]) -> Callable[P, R]:
    """Decorate a method whose first argument names one job or several; the call raises InvalidInput for another one.

    What a job can be named by is up to the backend, which the method's object has as `_backend`.
    """
    _, first, *_ = signature(method).parameters
    convert: Callable[[Any, Callable[[str], str]], Any] = _names if first == "names" else _name

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        read: Callable[[str], str] = args[0]._backend.job_name
        args = tuple(convert(given, read) if place == 1 else given for place, given in enumerate(args))
        if first in kwargs:
            kwargs[first] = convert(kwargs[first], read)
        return method(*args, **kwargs)

    return call  # pyright: ignore[reportReturnType] -- it takes what the method takes


def _name(given: Any, read: Callable[[str], str]) -> str:
    check_text("the name of a job", given)
    return read(given)


def _names(given: Any, read: Callable[[str], str]) -> str | list[str]:
    """Return the name, or the names of a sequence; raise InvalidInput for anything else."""
    if type(given) not in {list, tuple, set}:
        return _name(given, read)
    return [_name(each, read) for each in given]
