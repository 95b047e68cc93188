"""Work beside the caller: in order, one item behind, and its errors come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from maas_client.wire.aside import Aside

Begin = Callable[[Callable[[int], object]], Aside[int]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Makes an Aside that is closed behind the test."""
    begun: list[Aside[int]] = []

    def make(work: Callable[[int], object]) -> Aside[int]:
        begun.append(Aside(work))
        return begun[-1]

    yield make
    for aside in begun:
        aside.close()


def test_every_item_is_worked_on_in_order_on_another_thread(begin: Begin) -> None:
    done: list[tuple[int, bool]] = []
    aside = begin(lambda item: done.append((item, threading.current_thread() is threading.main_thread())))

    for item in range(20):
        aside.give(item)
    aside.wait()

    assert done == [(item, False) for item in range(20)]


def test_the_caller_is_never_more_than_one_item_ahead(begin: Begin) -> None:
    gate, done = threading.Semaphore(0), list[int]()

    def work(item: int) -> None:
        gate.acquire()
        done.append(item)

    aside = begin(work)
    aside.give(1)
    assert done == []
    gate.release()
    aside.give(2)
    assert done == [1]
    gate.release()


def test_an_error_in_the_work_is_raised_where_the_next_item_is_given(begin: Begin) -> None:
    def work(item: int) -> None:
        raise ValueError(str(item))

    aside = begin(work)
    aside.give(3)

    with pytest.raises(ValueError, match="3"):
        aside.give(4)
    with pytest.raises(ValueError, match="3"):
        aside.wait()


def test_one_that_was_given_nothing_has_no_thread(begin: Begin) -> None:
    before = threading.active_count()

    aside = begin(print)
    aside.wait()
    aside.close()

    assert threading.active_count() == before
