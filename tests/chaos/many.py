"""Runs by their seeds, one or many, on several processes."""

from __future__ import annotations

import logging
import multiprocessing
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager

from mock_server.server import Server, serve
from tests.chaos.running import Run, one_run
from tests.chaos.scenario import small_blocks
from tests.chaos.schedule import Schedule, schedule_of
from tests.chaos.tally import Tally

MOST_CALLS = 4
"""How often a user makes a call at the most: some faults have no end."""

SEEDS_PER_TASK = 20
"""Runs that a process does before it reports."""


@contextmanager
def virtual_time_server() -> Generator[Server]:
    """Run a server with a virtual clock, in a process that uploads in small blocks."""
    before = small_blocks()
    try:
        with serve(clock="virtual") as server:
            yield server
    finally:
        small_blocks(before)


def chaos(server: Server, seed: int) -> tuple[Schedule, Run]:
    """Do the run that a seed stands for."""
    schedule = schedule_of(seed)
    run = one_run(
        server,
        schedule.kind,
        schedule.rules,
        silent=schedule.silent,
        latency=schedule.latency,
        slowness=schedule.slowness,
        most_calls=MOST_CALLS,
        seed=seed,
        logged=True,
        before_step=schedule.before_step,
    )
    return schedule, run


def run_seeds(seeds: Sequence[int]) -> Tally:
    """Do some runs, in a process of their own."""
    logging.lastResort = None
    tally = Tally()
    with virtual_time_server() as server:
        for seed in seeds:
            tally.count(seed, chaos(server, seed)[1])
    return tally


def many(seeds: Sequence[int], jobs: int) -> Tally:
    """Do runs on several processes, and print the progress."""
    tally = Tally()
    batches = [seeds[start : start + SEEDS_PER_TASK] for start in range(0, len(seeds), SEEDS_PER_TASK)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run_seeds, some) for some in batches]):
            tally.add(done.result())
            print(f"{tally.runs:,} of {len(seeds):,} runs", end="\r", file=sys.stderr, flush=True)
    return tally
