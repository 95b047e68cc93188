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

PATIENCE = 4
"""How often a user makes a call at the most: some faults have no end."""

PORTION = 20
"""Runs that a process does before it reports."""


@contextmanager
def proving_ground() -> Generator[Server]:
    """Give a server whose time stands still, in a process in which files go in small blocks."""
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
        patience=PATIENCE,
        seed=seed,
        logged=True,
        disturb=schedule.disturb,
    )
    return schedule, run


def portion(seeds: Sequence[int]) -> Tally:
    """Do some runs, in a process of their own."""
    logging.lastResort = None
    tally = Tally()
    with proving_ground() as server:
        for seed in seeds:
            tally.count(seed, chaos(server, seed)[1])
    return tally


def many(seeds: Sequence[int], jobs: int) -> Tally:
    """Do runs on several processes, and tell how far they are."""
    tally = Tally()
    portions = [seeds[start : start + PORTION] for start in range(0, len(seeds), PORTION)]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(portion, some) for some in portions]):
            tally.add(done.result())
            print(f"{tally.runs:,} of {len(seeds):,} runs", end="\r", file=sys.stderr, flush=True)
    return tally
