"""The attacks with fixed seeds; `make attack` runs them for longer."""

from __future__ import annotations

import os
import sys

import pytest

from tests.attack import __main__ as command, canceller, hostile, killer
from tests.attack.figures import Figures

THOROUGH = "MAAS_THOROUGH" in os.environ
FIRST = 1_000_000
"""Other seeds than those of `make attack`."""


def test_hostile_responses_yield_values_or_client_errors() -> None:
    figures, calls = Figures("hostile"), 480 if THOROUGH else 120
    hostile.attack(range(FIRST, FIRST + calls), figures)
    assert figures.failures == []
    assert figures.counts["calls"] == calls
    assert figures.counts["hostile answers"] >= calls / 2


def test_canceled_tasks_leave_a_client_that_answers() -> None:
    figures = Figures("canceller")
    canceller.attack(range(FIRST, FIRST + (200 if THOROUGH else 21)), figures)
    assert figures.failures == []
    assert figures.counts["canceled"] >= 100
    assert figures.counts["forks"] >= 2


@pytest.mark.skipif(sys.platform != "linux", reason="forks its processes, and has them die with it")
def test_killed_processes_lose_nothing() -> None:
    figures = Figures("killer")
    killer.attack(range(FIRST, FIRST + (3 if THOROUGH else 1)), figures)
    assert figures.failures == []
    assert figures.counts["kills of servers"] >= 3


def test_failures_end_the_command_with_an_exit_code_of_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def harmless(seeds: range, figures: Figures) -> None:
        figures.count("rounds", len(seeds))

    def harmful(seeds: range, figures: Figures) -> None:
        with figures.timed("round"):
            figures.fail(seeds[0], "a secret is shown")

    monkeypatch.setattr(command, "ATTACKS", {"harmless": (harmless, 3), "harmful": (harmful, 1)})
    monkeypatch.setenv("XDG_STATE_HOME", "")
    assert command.main(["harmless", "--seconds", "0"]) == 0
    assert command.main(["harmless", "harmful", "--seconds", "0", "--seed", "7"]) == 1
    printed = capsys.readouterr().out
    assert "seed 7: a secret is shown" in printed
    assert "longest round" in printed
