"""Work that goes on beside the caller, on one thread: item after item, in the order in which they were given."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Aside(Generic[T]):
    """Calls a function with each item, on a thread of its own, one item behind the caller at the most.

    Worth it for a function that lets go of the GIL for long. Whoever gives sees the work begin: beside a busy caller
    the thread would wait some 5 ms for the GIL, each time. Whoever begins must `close`; who still gives then, from a
    thread that nobody waits for any more, gets RuntimeError.
    """

    def __init__(self, work: Callable[[T], object]) -> None:
        self._work = work
        self._items: Queue[tuple[T] | None] = Queue()
        self._begun = Event()
        self._error: BaseException | None = None
        self._thread: Thread | None = None
        self._giving = Lock()
        self._closed = False

    def give(self, item: T) -> None:
        """Hand over the next item, once the one before is done with; raise what the function raised."""
        self.wait()
        with self._giving:
            if self._closed:
                raise RuntimeError("the work beside has ended")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="maas_client aside", daemon=True)
                self._thread.start()
            self._begun.clear()
            self._items.put((item,))
        self._begun.wait()

    def wait(self) -> None:
        """Wait until all is done; raise what the function raised."""
        self._items.join()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End the thread when it is done with what it was given."""
        with self._giving:
            self._closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._items.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (item := self._items.get()) is not None:
            self._begun.set()
            try:
                self._work(item[0])
            except BaseException as error:
                self._error = error
            self._items.task_done()
        self._items.task_done()  # of the end: who waits meanwhile is let go
