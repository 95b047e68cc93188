"""Work that goes on beside the caller, on one thread: item after item, in the order in which they were given."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

class Aside(Generic[T]):
    """Calls a function with each item, on a thread of its own, one item behind the caller at the most.

    Worth it for a function that lets go of the GIL for long: to get it back takes some 5 ms beside a busy caller, so
    items should be megabytes.

    Leaving the `with` block waits until all is done, and raises what the function raised; after an error in the block,
    what still waits is dropped.
    """

    def __init__(self, work: Callable[[T], object]) -> None:
        self._work = work
        self._items: Queue[T | None] = Queue()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="maas_client aside", daemon=True)

    def give(self, item: T) -> None:
        """Hand over the next item, once the one before is done with."""
        self._items.join()
        self._items.put(item)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._error = error
        self._items.put(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _run(self) -> None:
        while (item := self._items.get()) is not None:
            try:
                if self._error is None:
                    self._work(item)
            except BaseException as error:
                self._error = error
            self._items.task_done()
