"""What threads share: work is taken once, lines in order, and the last holder that releases is known."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, strategies as st

from maas_client.wire.thread_sharing import KeyedQueue, OnceFlag, ReferenceCount

THREADS = 8


def test_of_many_threads_one_takes_the_work() -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(50):
            claim = OnceFlag()
            takes = [threads.submit(claim.take) for _ in range(THREADS)]
            assert sum(each.result() for each in takes) == 1


def test_the_last_release_is_reported_once() -> None:
    notes: list[str] = []
    holders = ReferenceCount(THREADS, lambda: notes.append("free"))
    with ThreadPoolExecutor(THREADS) as threads:
        lets = [threads.submit(holders.release) for _ in range(THREADS - 1)]
        assert [each.result() for each in lets] == [None] * (THREADS - 1)
        assert notes == []
        holders.release()
    assert notes == ["free"]


@given(added=st.lists(st.integers(0, 3)), latest=st.lists(st.booleans(), min_size=1))
def test_a_line_is_worked_off_in_order_whichever_line_is_taken(added: list[int], latest: list[bool]) -> None:
    lines, done = KeyedQueue[tuple[int, int]](), dict[int, list[int]]()
    for number, line in enumerate(added):
        lines.add(line, (line, number))
    turn = 0
    while (work := lines.take(latest=latest[turn % len(latest)])) is not None:
        done.setdefault(work[0], []).append(work[1])
        lines.done(work[0])
        turn += 1
    assert done == {line: [at for at, one in enumerate(added) if one == line] for line in set(added)}


def test_a_queue_in_use_yields_nothing_to_others() -> None:
    lines = KeyedQueue[str]()
    for line, work in ((1, "a"), (1, "b"), (2, "c"), (3, "d")):
        lines.add(line, work)
    assert [lines.take(), lines.take(latest=True), lines.take(), lines.take()] == ["a", "d", "c", None]
    lines.done(1)
    assert lines.take() == "b"


def test_many_threads_work_off_every_line_in_order() -> None:
    lines, done = KeyedQueue[tuple[int, int]](), {line: list[int]() for line in range(5)}
    begin = threading.Barrier(THREADS)

    def worker() -> None:
        begin.wait()
        while any(len(each) < 200 for each in done.values()):
            work = lines.take()
            if work is not None:
                done[work[0]].append(work[1])
                lines.done(work[0])

    for number in range(1000):
        lines.add(number % 5, (number % 5, number // 5))
    with ThreadPoolExecutor(THREADS) as pool:
        for each in [pool.submit(worker) for _ in range(THREADS)]:
            each.result(30)
    assert done == {line: list(range(200)) for line in range(5)}
