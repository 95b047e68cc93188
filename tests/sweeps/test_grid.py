"""What a sweep consists of, what of it is affordable, which job did best: decided without any job."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import Hyperparameters, InvalidHyperparameter, InvalidInput, Job, JobStatus, MetricPoint
from maas_client.sweeps.grid import GridCell, Slots, Sweep, SweepOutcome, affordable, best_first, grid, losses


def serverless(chosen: Mapping[str, Any]) -> Mapping[str, str]:
    """Return a combination as the serverless pipeline takes it."""
    return Hyperparameters.parse(chosen).to_wire()


def own_compute(chosen: Mapping[str, Any]) -> Mapping[str, str]:
    """Return a combination as the pipeline for one's own compute takes it."""
    return Hyperparameters.parse(chosen).to_wire(serverless=False)


def job(status: str = "Completed", name: str = "x") -> Job:
    """Return a job in a state."""
    return Job.read({"name": name, "properties": {"status": status}})


def outcome(name: str, status: str | None = "Completed", **losses: float) -> SweepOutcome:
    """Return what became of a combination."""
    return SweepOutcome(
        GridCell(name, {}), None if status is None else job(status), losses.get("eval_loss"), losses.get("loss")
    )


def names(outcomes: tuple[SweepOutcome, ...]) -> list[str]:
    """Return the names, in order."""
    return [each.cell.name for each in outcomes]


def test_a_grid_is_every_combination_in_the_order_of_the_values() -> None:
    cells = grid("shop", {"learning_rate": [1e-4, 2e-4], "num_train_epochs": (1, 2), "max_seq_length": 512}, serverless)
    expected = [(cell.hyperparameters["learning_rate"], cell.hyperparameters["num_train_epochs"]) for cell in cells]
    assert expected == [("0.0001", "1"), ("0.0001", "2"), ("0.0002", "1"), ("0.0002", "2")]
    assert {cell.hyperparameters["max_seq_length"] for cell in cells} == {"512"}
    assert all(cell.name == f"shop-{cell.digest}" for cell in cells)


def test_equal_parameters_give_equal_names_in_any_notation() -> None:
    written: list[dict[str, Any]] = [
        {"num_train_epochs": 1, "learning_rate": 1e-4},
        {"learning_rate": "0.0001", "num_train_epochs": "1"},
        {"learning_rate": ["1e-4", 0.0001], "num_train_epochs": [1]},
    ]
    assert len({cell.name for values in written for cell in grid("shop", values, serverless)}) == 1
    assert grid("shop", written[0], serverless)[0].name == "shop-ded9bf48bd"


def test_other_parameters_have_another_name() -> None:
    cells = grid("shop", {"num_train_epochs": list(range(1, 101)), "max_seq_length": [512, 1024]}, serverless)
    assert len({cell.name for cell in cells}) == 200


@pytest.mark.parametrize(
    ("base", "values", "words"),
    [
        ("shop", {"num_train_epochs": list(range(1, 1002))}, "1001 combinations"),
        ("shop", {"num_train_epochs": []}, "0 combinations"),
        ("a shop", {}, "is not a valid name for a job"),
        ("s" * 250, {}, "is not a valid name for a job"),
    ],
)
def test_an_invalid_grid_is_rejected(base: str, values: dict[str, list[int]], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        grid(base, values, serverless)


def test_one_wrong_value_refuses_the_whole_grid() -> None:
    with pytest.raises(InvalidHyperparameter, match="num_train_epochs"):
        grid("shop", {"num_train_epochs": [1, 0]}, serverless)
    with pytest.raises(InvalidHyperparameter, match="would ignore seed"):
        grid("shop", {"seed": [1, 2]}, serverless)
    assert len(grid("shop", {"seed": [1, 2]}, own_compute)) == 2


@given(st.lists(st.floats(0, 100), max_size=10), st.floats(0, 500))
def test_the_affordable_jobs_are_the_longest_prefix_in_the_limit(costs: list[float], limit: float) -> None:
    count = affordable(costs, limit)
    assert sum(costs[:count]) <= limit
    assert count == len(costs) or sum(costs[: count + 1]) > limit
    assert affordable(costs, None) == len(costs)


def test_the_lowest_validation_loss_wins_and_failures_are_last() -> None:
    ordered = best_first(
        [
            outcome("never", None),
            outcome("failed", "Failed", eval_loss=0.1),
            outcome("unmeasured"),
            outcome("trained", loss=0.2),
            outcome("better trained", loss=0.1),
            outcome("evaluated", eval_loss=0.9, loss=0.05),
            outcome("best", eval_loss=0.8, loss=0.3),
        ]
    )
    expected = ["best", "evaluated", "better trained", "trained", "unmeasured", "failed", "never"]
    assert names(ordered) == expected
    best = Sweep(ordered).best
    assert best is not None
    assert best.cell.name == "best"
    assert names(Sweep(ordered).missing) == ["never"]
    assert Sweep(ordered[5:]).best is None
    assert Sweep(()).best is None


def test_equal_losses_keep_the_order_in_which_the_jobs_were_made() -> None:
    assert names(best_first([outcome(name, loss=1.0) for name in "cab"])) == ["c", "a", "b"]


def test_a_diverged_loss_does_not_count_as_a_loss() -> None:
    metrics = {
        "eval_loss": [MetricPoint(1, nan), MetricPoint(2, 0.5), MetricPoint(3, 0.7)],
        "loss": [MetricPoint(1, 2.0), MetricPoint(2, 1.0), MetricPoint(3, inf)],
    }
    assert losses(metrics) == (0.5, 1.0)
    assert losses({"loss": [MetricPoint(1, nan)]}) == (None, None)


def test_a_slot_is_free_again_when_its_job_has_ended() -> None:
    slots = Slots(1)
    assert slots.free
    assert slots.saw(job("Queued"), 0.0)
    assert not slots.free
    assert not slots.saw(job("Queued"), 1.0)
    assert slots.saw(job("Running"), 2.0)
    assert slots.saw(job("Failed"), 3.0)
    assert slots.free


def test_stalled_jobs_are_given_up_only_after_a_while() -> None:
    slots = Slots(2)
    slots.saw(job("Paused", "a"), 0.0)
    slots.saw(job("Running", "b"), 0.0)
    assert not slots.stuck(900.0, 600.0)
    slots.saw(job("NotResponding", "b"), 900.0)
    assert not slots.stuck(1400.0, 600.0)
    assert slots.stuck(1500.0, 600.0)
    slots.saw(job(JobStatus.RUNNING, "a"), 1500.0)
    assert not slots.stuck(9000.0, 600.0)
