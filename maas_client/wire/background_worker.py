"""A background worker: processes items on one thread, in order of submission."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Queue
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


def yield_gil(seconds: float) -> None:
    """Release the GIL and the processor for `seconds`: otherwise other threads would wait about 5 ms for a busy one."""
    time.sleep(seconds)


class BackgroundWorker(Generic[T]):
    """Calls a function with each item, on its own thread; the caller limits how many items wait.

    Useful for functions that release the GIL for long. After an error the function is not called again. `done` is
    called with each item in any case, once it is no longer in use. It must be closed; `submit` after `close`, from a
    thread that was abandoned, raises RuntimeError.
    """

    def __init__(self, work: Callable[[T], object], done: Callable[[T], object] = lambda _: None) -> None:
        self._work, self._done = work, done
        self._items: Queue[tuple[T] | None] = Queue()
        self._error: BaseException | None = None
        self._thread: Thread | None = None
        self._submitting = Lock()
        self._closed = False

    def submit(self, item: T) -> None:
        """Submit the next item; raise the function's error if there was one."""
        self._raise()
        with self._submitting:
            if self._closed:
                raise RuntimeError("the background worker has been closed")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="maas_client aside", daemon=True)
                self._thread.start()
            self._items.put((item,))

    def wait(self) -> None:
        """Wait until all items are done; raise the function's error if there was one."""
        self._items.join()
        self._raise()

    @property
    def idle(self) -> bool:
        """Whether all submitted items are done."""
        return not self._items.unfinished_tasks

    def close(self) -> None:
        """End the thread after the submitted items."""
        with self._submitting:
            self._closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._items.put(None)
        if thread is not None:
            thread.join()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (item := self._items.get()) is not None:
            try:
                if self._error is None:
                    self._work(item[0])
            except BaseException as error:
                self._error = error
            finally:
                self._done(item[0])
                self._items.task_done()
        self._items.task_done()  # of the end: releases a submitter that waits
