"""What threads share: work is taken once, and the last holder to let go is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from maas_client.wire.sharing import Claim, Holders

THREADS = 8


def test_of_many_threads_one_takes_the_work() -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(50):
            claim = Claim()
            takes = [threads.submit(claim.take) for _ in range(THREADS)]
            assert sum(each.result() for each in takes) == 1


def test_the_last_to_let_go_is_told_once() -> None:
    told: list[str] = []
    holders = Holders(THREADS, lambda: told.append("free"))
    with ThreadPoolExecutor(THREADS) as threads:
        lets = [threads.submit(holders.let_go) for _ in range(THREADS - 1)]
        assert [each.result() for each in lets] == [None] * (THREADS - 1)
        assert told == []
        holders.let_go()
    assert told == ["free"]
