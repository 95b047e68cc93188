"""Arguments that hold secrets: wrapped before the method that takes them is called.

Wrapping them inside the method would be too late: a coroutine that is canceled before it starts shows them in its
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
    """How an argument is wrapped."""

    kind: type[SecretText]
    only: Choice

    def hide(self, value: object) -> object:
        """Wrap a value if it has to be hidden."""
        return self.kind(value) if isinstance(value, str) and self.only(value) else value


def takes_secrets(
    *names: str, kind: type[SecretText] = SecretText, only: Choice = bool
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that wraps the strings among these arguments in a `SecretText`.

    `kind` is the class to wrap them in, and `only` selects which ones: a data source is hidden if it is a URL, and not
    if it is a file.
    """

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        return hide_arguments(method, {**secret_arguments(method), **dict.fromkeys(names, Secrecy(kind, only))})

    return decorate


def secret_arguments(method: Callable[..., Any]) -> dict[str, Secrecy]:
    """Return the names of a method's arguments that hold secrets."""
    return dict(getattr(method, _MARK, {}))


def hide_arguments(method: Callable[P, R], names: dict[str, Secrecy]) -> Callable[P, R]:
    """Return a method that wraps the arguments of these names and calls another one."""
    places = {place: name for place, name in enumerate(signature(method).parameters) if name in names}

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        # No local variable is bound to a secret, and the container's value is replaced, so this frame never shows it.
        args = tuple(
            names[places[place]].hide(args[place]) if place in places else args[place] for place in range(len(args))
        )
        for name in names:
            if name in kwargs:
                kwargs[name] = names[name].hide(kwargs[name])
        return method(*args, **kwargs)

    setattr(call, _MARK, names)
    return call  # pyright: ignore[reportReturnType]
