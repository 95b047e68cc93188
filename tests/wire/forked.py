"""A program that uses one client before and after forks and prints what went wrong, as JSON. Argument: a server's URL.

The server answers GET /…/jobs/NAME with a job of that name.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial

from maas_client import MaasClient
from maas_client.core.blocking import run

CALLS, CHILDREN = 100, 4

LONGEST = 90
"""Seconds after which a child that hangs is ended."""


def wrong_answers(maas: MaasClient, offset: int) -> list[str]:
    """Ask for jobs; return the answers that were for another process, and the errors."""
    wrong: list[str] = []
    for number in range(CALLS):
        name = f"job-{offset}-{number}"
        try:
            found = maas.jobs.get(name).name
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        wrong += [] if found == name else [f"{name}: {found}"]
    return wrong


def forked(work: Callable[[], list[str]]) -> Callable[[], list[str]]:
    """Start a child that does some work; return a function that waits for it and gives its result."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        try:
            with os.fdopen(writing, "w") as pipe:
                json.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(writing)

    def result() -> list[str]:
        with os.fdopen(reading) as written:
            text = written.read()
        os.waitpid(child, 0)
        return list(json.loads(text)) if text else ["the child ended without a result"]

    return result


def of_a_preloading_server(maas: MaasClient) -> list[str]:
    """Parent and children, each forked from the parent, ask at the same time."""
    results = [forked(partial(wrong_answers, maas, offset)) for offset in range(1, CHILDREN + 1)]
    return wrong_answers(maas, 0) + [line for result in results for line in result()]


def of_a_pool(maas: MaasClient) -> list[str]:
    """The children are those of multiprocessing."""
    global shared
    shared = maas
    with multiprocessing.get_context("fork").Pool(CHILDREN) as pool:
        return [line for lines in pool.map(in_a_pool, range(CHILDREN)) for line in lines]


shared: MaasClient


def in_a_pool(offset: int) -> list[str]:
    return wrong_answers(shared, offset)


def of_a_lock_that_a_thread_holds(maas: MaasClient) -> list[str]:
    """Another thread holds a lock of the client's at the moment of the fork."""
    lock = maas._wire.lock()  # pyright: ignore[reportPrivateUsage] -- what every operation takes its locks from
    held, done = threading.Event(), threading.Event()

    async def hold() -> None:
        async with lock:
            held.set()
            done.wait()

    async def take() -> None:
        async with lock:
            pass

    thread = threading.Thread(target=lambda: run(hold()))
    thread.start()
    held.wait()
    result = forked(lambda: [] if run(take()) is None else ["-"])
    lines = result()
    done.set()
    thread.join()
    return lines


def of_a_stream_that_is_open(maas: MaasClient) -> list[str]:
    """A child is forked in the middle of a listing, and both go on."""
    jobs = maas.jobs.list()
    names = [next(jobs).name]
    result = forked(lambda: wrong_answers(maas, 9))
    names += [job.name for job in jobs]
    return result() + ([] if names == ["a", "b", "c"] else [f"listed {names}"])


def main(url: str) -> None:
    """Try every kind of fork with one client."""
    with MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=url) as maas:
        wrong = wrong_answers(maas, 0)
        for kind in (of_a_preloading_server, of_a_pool, of_a_lock_that_a_thread_holds, of_a_stream_that_is_open):
            wrong += [f"{kind.__name__}: {line}" for line in kind(maas)]
    print(json.dumps(wrong))


if __name__ == "__main__":
    main(sys.argv[1])
