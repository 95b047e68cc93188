"""Arguments that hold secrets: wrapped before the method that takes them begins.

A method that wraps its own arguments is too late: a coroutine that is canceled before it starts shows them in its
frame, and so does every `**kwargs` on the way to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from .secret_text import SecretText

P = ParamSpec("P")
R = TypeVar("R")

_MARK = "__secret_arguments__"

Choice = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Secrecy:
    """How an argument is hidden."""

    kind: type[SecretText]
    only: Choice

    def hide(self, value: object) -> object:
        """Hide a value, unless it is none that has to be."""
        return self.kind(value) if isinstance(value, str) and self.only(value) else value


def takes_secrets(
    *names: str, kind: type[SecretText] = SecretText, only: Choice = bool
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that turns the strings among these arguments into a `SecretText`.

    `kind` is what they become, and `only` says which of them: a source of data is hidden if it is an address, and not
    if it is a file.
    """

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        return hide_arguments(method, {**secret_arguments(method), **dict.fromkeys(names, Secrecy(kind, only))})

    return decorate


def secret_arguments(method: Callable[..., Any]) -> dict[str, Secrecy]:
    """Return the names of the arguments of a method that hold secrets."""
    return dict(getattr(method, _MARK, {}))


def hide_arguments(method: Callable[P, R], names: dict[str, Secrecy]) -> Callable[P, R]:
    """Return a method that hides the arguments of these names and calls another."""
    places = {place: name for place, name in enumerate(signature(method).parameters) if name in names}

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        # No name is bound to a secret here, and what held it is replaced: nothing below finds it in this frame.
        args = tuple(
            names[places[place]].hide(args[place]) if place in places else args[place] for place in range(len(args))
        )
        for name in names:
            if name in kwargs:
                kwargs[name] = names[name].hide(kwargs[name])
        return method(*args, **kwargs)

    setattr(call, _MARK, names)
    return call  # pyright: ignore[reportReturnType]
