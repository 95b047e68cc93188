"""The blocking half of the library: run a coroutine to completion inside an ordinary call.

Operations are coroutines that await nothing but their wire. On a `BlockingWire` no await ever suspends, so one
`send(None)` runs the whole operation in the caller's thread: no event loop, no second thread, no generated code.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from inspect import isasyncgenfunction, unwrap
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from .secret_arguments import hide_arguments, secret_arguments

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def run(operation: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends; raise RuntimeError when it does."""
    try:
        operation.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    operation.close()
    raise RuntimeError("a blocking call awaited something other than its wire")


def iterate(items: AsyncIterator[T]) -> Iterator[T]:
    """Iterate an asynchronous generator that never suspends, and close it when the caller leaves."""

    async def step() -> T:
        return await anext(items)

    try:
        while True:
            try:
                item = run(step())
            except StopAsyncIteration:
                return
            yield item
    finally:
        if isinstance(items, AsyncGenerator):
            run(items.aclose())


class Blocking(Generic[R]):
    """The blocking view of an asynchronous resource."""

    def __init__(self, resource: R) -> None:
        self._resource = resource


class Method(Protocol[P, T_co]):
    """A method with these arguments and this result, as every type checker understands it."""

    def __get__(self, view: object, owner: type | None = None, /) -> Callable[P, T_co]: ...


@overload
def blocking(method: Callable[Concatenate[R, P], AsyncIterator[T]]) -> Method[P, Iterator[T]]: ...
@overload
def blocking(method: Callable[Concatenate[R, P], Coroutine[Any, Any, T]]) -> Method[P, T]: ...
def blocking(method: Callable[..., Any]) -> Any:
    """Return the blocking twin of an asynchronous method: same name, arguments and docstring."""
    drive: Callable[[Any], Any] = iterate if isasyncgenfunction(unwrap(method)) else run

    @wraps(method)
    def call(self: Blocking[Any], *args: Any, **kwargs: Any) -> Any:
        return drive(method(self._resource, *args, **kwargs))  # pyright: ignore[reportPrivateUsage] -- the view's own

    names = secret_arguments(method)
    return hide_arguments(call, names) if names else call
