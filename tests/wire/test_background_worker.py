"""Work beside the caller: in order, and its errors come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from maas_client.wire.background_worker import BackgroundWorker

PATIENCE = 120.0  # seconds after which a thread counts as stuck
Begin = Callable[[Callable[[int], object]], BackgroundWorker[int]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Makes an Aside that is closed behind the test."""
    begun: list[BackgroundWorker[int]] = []

    def make(work: Callable[[int], object]) -> BackgroundWorker[int]:
        begun.append(BackgroundWorker(work))
        return begun[-1]

    yield make
    for aside in begun:
        aside.close()


def test_every_item_is_worked_on_in_order_on_another_thread(begin: Begin) -> None:
    done: list[tuple[int, bool]] = []
    aside = begin(lambda item: done.append((item, threading.current_thread() is threading.main_thread())))

    for item in range(20):
        aside.submit(item)
    aside.wait()

    assert done == [(item, False) for item in range(20)]


def test_it_is_idle_once_all_submitted_work_is_done(begin: Begin) -> None:
    may_continue = threading.Event()
    aside = begin(lambda _: may_continue.wait(PATIENCE))

    assert aside.idle
    aside.submit(1)
    assert not aside.idle
    may_continue.set()
    aside.wait()
    assert aside.idle


def test_after_an_error_nothing_is_processed_but_all_is_released() -> None:
    def work(item: int) -> None:
        worked.append(item)
        assert may_continue.wait(PATIENCE)
        raise ValueError(str(item))

    worked, done, may_continue = list[int](), list[int](), threading.Event()
    aside = BackgroundWorker(work, done=done.append)
    aside.submit(3)
    aside.submit(4)
    may_continue.set()

    with pytest.raises(ValueError, match="3"):
        aside.wait()
    with pytest.raises(ValueError, match="3"):
        aside.submit(5)
    aside.close()
    assert (worked, done) == ([3], [3, 4])


def test_an_unused_worker_has_no_thread(begin: Begin) -> None:
    before = threading.active_count()

    aside = begin(print)
    aside.wait()
    aside.close()

    assert threading.active_count() == before
