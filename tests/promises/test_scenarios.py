"""Promises 21 and 22: the whole job under every fault on every operation, with both clients, which ask the same.

Each fault strikes each operation once, or so often that no call outlasts it; a user calls again after an error of ours.
MAAS_EXHAUSTIVE=1 adds every fault often, and for ever on each operation alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest

from mock_server.server import Server, serve
from tests.chaos.environment import KINDS
from tests.chaos.faults import FAULTS, rules_of
from tests.chaos.running import Run, one_run
from tests.chaos.scenario import OPERATIONS, PAUSE, STEPS, small_blocks

THOROUGH = bool(os.environ.get("MAAS_EXHAUSTIVE"))

OFTEN = (
    "no answer, and done",
    "reset before the work",
    "half a body, then reset",
    "a list in place of an object",
    "400",
    "401 of an expired token",
    "429 until a date",
    "503 for ten seconds",
)
"""The faults that strike often in every run of the tests."""

LASTING = ("reset after the work", "half a body as if whole", "an HTML page with 200", "404", "503")
"""The faults that may last for ever."""

NEEDLESS_UPLOAD = "uploaded what was there already"
"""What a client is driven to by a service that lies about what it holds."""

VARIANTS = (
    "one byte, then reset",
    "a 200 of another type",
    "307 to the same host",
    "408",
    "412",
    "422",
    "429 in milliseconds",
    "429 in Microsoft's milliseconds",
    "502",
    "504",
    "a job that is paused",
    "an endpoint that is not ready, says 503",
)
"""The faults that differ from others in a detail; they strike when there is time for them."""

TIMES = [(name, 1) for name in FAULTS if THOROUGH or name not in VARIANTS] + [
    (name, fault.often) for name, fault in FAULTS.items() if THOROUGH or name in OFTEN
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    before = small_blocks()
    with serve(clock="virtual") as server:
        yield server
    small_blocks(before)


def both(server: Server, fault: str, times: int | None, only: str = "") -> tuple[Run, Run]:
    """Run the whole job with each kind of client, under a fault on every operation, or on one only."""
    rules = [rule for rule in rules_of(FAULTS[fault], times) if only in rule["operation"]]
    first, second = (one_run(server, kind, rules, silent=FAULTS[fault].silent) for kind in KINDS)
    return first, second


def holds(fault: str, *runs: Run) -> None:
    """See that each call ended in success or one of our errors, in time, and that the server has no complaint."""
    for run in runs:
        assert [(outcome.step, outcome.error, outcome.message) for outcome in run.unexpected + run.hangs] == []
        assert run.duplicates == run.leaks == run.crashes == []
        assert [
            charge for charge in run.charges if FAULTS[fault].passes or not charge.startswith(NEEDLESS_UPLOAD)
        ] == []
    first, *others = runs
    assert [run.requests_sent for run in others] == [first.requests_sent] * len(others)
    assert [run.results for run in others] == [first.results] * len(others)


@pytest.mark.parametrize(("fault", "times"), TIMES)
def test_both_clients_end_alike_in_success_or_a_client_error(server: Server, fault: str, times: int) -> None:
    """Both clients also send the same requests."""
    runs = both(server, fault, times)
    holds(fault, *runs)
    ends = {step: error for step, error in runs[0].results if STEPS[step].settles}
    assert list(ends) == [step for step in STEPS if STEPS[step].settles]
    assert not FAULTS[fault].passes or {step: error for step, error in ends.items() if error} == {}
    assert runs[0].faulted_operations <= set(FAULTS[fault].on)
    assert runs[0].faulted_operations


@cache
def run_without_faults(server: Server) -> Run:
    return one_run(server, "blocking", [])


def test_without_a_fault_each_call_is_made_once_and_succeeds(server: Server) -> None:
    runs = run_without_faults(server), one_run(server, "async", [])
    holds("500", *runs)
    assert runs[0].results == [(step, "") for step in STEPS]
    assert all(outcome.seconds < PAUSE for outcome in runs[0].outcomes)


def test_the_whole_job_covers_every_operation_with_a_fault(server: Server) -> None:
    assert {entry["operation"] for entry in run_without_faults(server).requests} == set(OPERATIONS)
    assert one_run(server, "blocking", rules_of(FAULTS["503"], 1)).faulted_operations == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS if THOROUGH else ())
@pytest.mark.parametrize("fault", LASTING)
def test_a_permanent_fault_ends_the_calls_that_it_matches(server: Server, fault: str, operation: str) -> None:
    holds(fault, *both(server, fault, None, operation))
