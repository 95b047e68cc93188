"""Run the whole job under random faults: `python -m tests.chaos [--runs N] [--seed N] [--jobs N]`.

The exit code is 1 if a call ended in anything but success or a client error, if something was made twice, if a secret
was seen, or if a call did not end in its time. A seed determines a run, so one that failed can be repeated.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys

from tests.chaos.many import chaos, many, virtual_time_server
from tests.chaos.tally import Tally

RUNS = 2000


def run_one(seed: int) -> Tally:
    """Do one run, and print its rules, events and outcomes."""
    logging.lastResort = None
    tally = Tally()
    with virtual_time_server() as server:
        schedule, run = chaos(server, seed)
    tally.count(seed, run)
    print(f"a client that is {schedule.kind}{', and silence' if schedule.silent else ''}")
    print(f"{schedule.latency:g} s a request, {schedule.slowness:g} s a piece of an answer")
    for rule in schedule.rules:
        print(f"rule  {rule}")
    for step, event in schedule.events.items():
        print(f"event {event}, before {step}")
    for outcome in run.outcomes:
        words = outcome.message.splitlines()[:1] if outcome.is_client_error else [outcome.message]
        print(f"{outcome.seconds:8.0f} s  {outcome.step}: {' '.join(words) or 'done'}")
    return tally


def main() -> int:
    """Do what the command line asks for."""
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    options.add_argument("--runs", type=int, default=None, help=f"how many ({RUNS}); one if a seed is given")
    options.add_argument("--seed", type=int, default=None, help="the seed of the run, or of the first one (0)")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one for each core)")
    arguments = options.parse_args()
    first, runs = arguments.seed or 0, arguments.runs or (RUNS if arguments.seed is None else 1)
    tally = run_one(first) if runs == 1 else many(range(first, first + runs), arguments.jobs)
    print("\n".join(tally.lines()))
    return int(bool(tally.failures))


if __name__ == "__main__":
    sys.exit(main())
