"""Some runs under random faults; `make chaos` does two thousand."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from mock_server.server import Server
from tests.chaos import __main__ as command
from tests.chaos.many import chaos, virtual_time_server
from tests.chaos.running import Run
from tests.chaos.scenario import HANG, Outcome
from tests.chaos.schedule import schedule_of
from tests.chaos.secrets import Secrets, captured_logs
from tests.chaos.tally import Tally

SEEDS = range(100_000, 100_040)
"""Others than those of `make chaos`."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with virtual_time_server() as server:
        yield server


@pytest.mark.parametrize("seed", SEEDS)
def test_random_faults_end_in_success_or_a_client_error(server: Server, seed: int) -> None:
    tally = Tally()
    tally.count(seed, chaos(server, seed)[1])
    assert tally.failures == {}
    assert tally.successes >= 1


def test_a_seed_reproduces_one_run(server: Server) -> None:
    runs = [chaos(server, SEEDS[3]) for _ in range(2)]
    assert runs[0][0] == runs[1][0] == schedule_of(SEEDS[3])
    assert runs[0][1].results == runs[1][1].results
    assert runs[0][1].requests_sent == runs[1][1].requests_sent


def test_a_failure_is_reported_with_its_seed() -> None:
    outcomes = [
        Outcome("jobs.get", 1.0),
        Outcome("jobs.list", 1.0, "NotFound"),
        Outcome("jobs.logs", 1.0, "KeyError", is_client_error=False, message="KeyError('x')"),
        Outcome("jobs.wait", 1.0, HANG, is_client_error=False, message="too late"),
    ]
    tally, more = Tally(), Tally()
    tally.count(7, Run(outcomes, [], ["created twice: x"], ["jobs.create: two"], ["log: abc"]))
    more.count(8, Run(outcomes[:2], []))
    tally.add(more)
    report = "\n".join(tally.lines())
    for figure in (tally.unexpected, tally.hangs, tally.duplicates, tally.leaks, tally.charges):
        assert figure == 1
    assert (tally.runs, tally.successes, tally.errors.total()) == (2, 2, 2)
    assert list(tally.failures) == [7]
    assert "seed 7: jobs.logs: KeyError('x')" in report
    assert "again: python -m tests.chaos --seed 7" in report


def test_a_secret_is_detected_in_every_encoding() -> None:
    secrets = Secrets()
    secrets.add("sv=2023&sig=a%2Fb%2Bcdefghijklm%3D")
    collect = secrets.collector()
    for piece in (b'{"primary', b'Key": "0123456789abcdef"}'):
        collect(piece)
    assert secrets.found_in("https://x/?sig=a/b+cdefghijklm= was refused")
    assert secrets.found_in("key 0123456789abcdef")
    assert secrets.found_in("sig=*** and key ***") == []


def test_everything_is_logged_from_debug_on(server: Server) -> None:
    with captured_logs(True) as log:
        chaos(server, SEEDS[0])
    assert "httpcore" in log.getvalue()


def test_one_run_can_be_started_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chaos", "--seed", str(SEEDS[0])])
    assert command.main() == 0
    report = capsys.readouterr().out
    assert "datasets.check: done" in report
    assert "hangs                                 0" in report
