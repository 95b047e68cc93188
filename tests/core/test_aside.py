"""Work beside the caller: in order, bounded, and its errors come back."""

from __future__ import annotations

import threading

import pytest

from maas_client.wire.aside import Aside


def test_every_item_is_worked_on_in_order_on_another_thread() -> None:
    done: list[tuple[int, bool]] = []

    with Aside[int](lambda item: done.append((item, threading.current_thread() is threading.main_thread()))) as aside:
        for item in range(20):
            aside.give(item)

    assert done == [(item, False) for item in range(20)]


def test_an_error_in_the_work_is_raised_at_the_end_and_stops_nobody_who_still_gives() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        done.append(item)
        if item == 3:
            raise ValueError("three")

    def give_many() -> None:
        with Aside[int](work) as aside:
            for item in range(20):
                aside.give(item)

    with pytest.raises(ValueError, match="three"):
        give_many()
    assert done == [0, 1, 2, 3]


def test_an_error_of_the_caller_is_the_one_that_is_raised() -> None:
    done: list[int] = []

    def give_up() -> None:
        with Aside[int](done.append) as aside:
            aside.give(1)
            raise KeyError

    with pytest.raises(KeyError):
        give_up()
    assert done in ([], [1])
