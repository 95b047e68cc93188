"""Sweeps: each combination once, a limited number at a time, whatever stops them on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support import Clock

from maas_client import Conflict, InvalidInput, Job, JobStatus, ServiceUnavailable
from maas_client.client import Resources
from maas_client.jobs.spec import JobSpec
from mock_server.server import Server

MODEL = "Phi-4-mini-instruct"
PRICES = f'[models."{MODEL}"]\ntraining_per_million_tokens = 1000.0\ncurrency = "EUR"\n'


@pytest.fixture
def spec(rows: Path) -> JobSpec:
    """Four jobs."""
    values = {"num_train_epochs": (1, 2), "learning_rate": (1e-3, 1e-5)}
    validation = rows.with_name("validation.jsonl")
    validation.write_text("".join(rows.read_text("utf-8").splitlines(keepends=True)[:1]), "utf-8")
    return JobSpec(model=MODEL, training_data=rows, validation_data=validation, name="shop", hyperparameters=values)


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Prices at which each job costs something."""
    file = tmp_path / "prices.toml"
    file.write_text(PRICES, "utf-8")
    return file


def made(server: Server) -> list[str]:
    """The names of the jobs that were made, in order."""
    asked = [entry for entry in server.requests() if entry["operation"] == "jobs.create"]
    return [entry["url"].partition("/jobs/")[2].partition("?")[0] for entry in asked]


class Watched:
    """What was reported of the jobs, and the most that had not ended at one time."""

    def __init__(self) -> None:
        self.status: dict[str, JobStatus] = {}
        self.most = 0

    def __call__(self, job: Job) -> None:
        self.status[job.name] = job.status
        self.most = max(self.most, sum(not status.is_final for status in self.status.values()))


async def test_each_combination_becomes_a_job_and_the_best_comes_first(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    watched = Watched()
    sweep = await maas.sweeps.run(spec, parallel=2, on_update=watched)
    plan = await maas.sweeps.plan(spec)
    assert made(maas_server) == [cell.name for cell in plan.cells]
    assert watched.most == 2
    assert set(watched.status.values()) == {JobStatus.COMPLETED}
    losses = [outcome.eval_loss for outcome in sweep.outcomes]
    assert losses == sorted(losses, key=lambda loss: loss or 0.0)
    assert sweep.best is not None
    assert sweep.best.cell.hyperparameters["learning_rate"] == "0.001"
    jobs = [outcome.job for outcome in sweep.outcomes]
    assert {job.tags["sweep"] for job in jobs if job} == {"shop"}
    assert {job.output_model for job in jobs if job} == {f"{cell.name}-model:1" for cell in plan.cells}


async def test_the_data_are_uploaded_once(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    await maas.sweeps.run(spec)
    blobs = [entry for entry in maas_server.requests() if entry["operation"] == "blob.put"]
    assert len(blobs) == 2  # training and validation


async def test_the_same_sweep_again_makes_no_second_job(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    first = await maas.sweeps.run(spec)
    before = made(maas_server)
    again = await maas.sweeps.run(replace(spec, hyperparameters={"num_train_epochs": 2, "learning_rate": (1e-5, 1e-3)}))
    assert made(maas_server) == before
    assert {outcome.cell.name for outcome in again.outcomes} < {outcome.cell.name for outcome in first.outcomes}
    assert all(outcome.eval_loss is not None for outcome in again.outcomes)


@pytest.mark.parametrize("updates", [1, 4, 9])
async def test_an_interrupted_sweep_is_resumed(
    maas: Resources, maas_server: Server, spec: JobSpec, updates: int
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    deeds: Iterator[Callable[[], object]] = iter([lambda: None] * updates + [interrupt])
    with pytest.raises(KeyboardInterrupt):
        await maas.sweeps.run(spec, on_update=lambda _: next(deeds)())
    watched = Watched()
    sweep = await maas.sweeps.run(spec, on_update=watched)
    assert sorted(made(maas_server)) == sorted({outcome.cell.name for outcome in sweep.outcomes})
    assert len(made(maas_server)) == 4
    assert watched.most <= 2


async def test_a_lost_reply_makes_no_second_job(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(operation="jobs.create", drop="after", count=2)
    sweep = await maas.sweeps.run(spec)
    assert len(made(maas_server)) == len(set(made(maas_server))) == 4
    assert not sweep.missing


async def test_transient_errors_end_no_sweep(maas: Resources, maas_server: Server, spec: JobSpec, clock: Clock) -> None:
    seen: list[Job] = []
    broken = partial(maas_server.fault, operation="jobs.get", status=503, count=40)

    def trouble(job: Job) -> None:
        seen.append(job)
        deeds: dict[int, Callable[[], object]] = {2: broken}
        deeds.get(len(seen), lambda: None)()

    sweep = await maas.sweeps.run(replace(spec, hyperparameters={"num_train_epochs": (1, 2)}), on_update=trouble)
    assert sweep.best is not None
    assert all(nap >= 1.0 for nap in clock.naps[-3:])


async def test_no_job_is_asked_more_than_once_a_second(
    maas: Resources, maas_server: Server, spec: JobSpec, clock: Clock
) -> None:
    del clock
    sweep = await maas.sweeps.run(spec, parallel=4)
    for name in [outcome.cell.name for outcome in sweep.outcomes]:
        entries = [entry for entry in maas_server.requests() if entry["operation"] == "jobs.get"]
        asked = [entry["clock"] for entry in entries if f"/jobs/{name}?" in entry["url"]]
        assert len(asked) > 5
        assert all(later - earlier >= 1.0 for earlier, later in pairwise(asked))
    assert maas_server.verdict()["verdict"] == "clean"


async def test_a_budget_is_never_exceeded_and_says_what_was_not_made(
    maas: Resources, maas_server: Server, spec: JobSpec, prices: Path
) -> None:
    plan = await maas.sweeps.plan(spec, prices=prices)
    assert plan.costs is not None
    first, second, third, _ = plan.costs.each
    assert first < third
    sweep = await maas.sweeps.run(spec, prices=prices, max_cost=first + second + third / 2)
    assert made(maas_server) == [cell.name for cell in plan.cells[:2]]
    assert len(sweep.missing) == 2
    assert sweep.currency == "EUR"
    more = await maas.sweeps.run(spec, prices=prices, max_cost=sum(plan.costs.each))
    assert (len(more.missing), len(made(maas_server))) == (0, 4)


async def test_a_budget_for_nothing_sends_nothing(
    maas: Resources, maas_server: Server, spec: JobSpec, prices: Path
) -> None:
    sweep = await maas.sweeps.run(spec, prices=prices, max_cost=0.0)
    assert len(sweep.missing) == 4
    assert maas_server.requests() == []


@pytest.mark.parametrize(
    ("changes", "arguments", "words"),
    [
        ({"training_data": "shop:1"}, {}, "shop:1 is not one"),
        ({"compute": "gpus"}, {}, "billed by the hour"),
        ({}, {"parallel": 0}, "an integer, 1 or more"),
        ({"hyperparameters": {"num_train_epochs": (0, 1)}}, {}, "num_train_epochs"),
    ],
)
async def test_an_invalid_sweep_is_rejected_before_any_request(
    maas: Resources,
    maas_server: Server,
    spec: JobSpec,
    prices: Path,
    changes: dict[str, Any],
    arguments: dict[str, int],
    words: str,
) -> None:
    with pytest.raises(InvalidInput, match=words):
        await maas.sweeps.run(replace(spec, **changes), prices=prices, parallel=arguments.get("parallel", 2))
    with pytest.raises(InvalidInput, match="a budget requires prices"):
        await maas.sweeps.run(spec, max_cost=1.0)
    assert maas_server.requests() == []


async def test_other_data_under_the_same_names_are_refused(maas: Resources, spec: JobSpec, rows: Path) -> None:
    await maas.sweeps.run(replace(spec, hyperparameters={"num_train_epochs": 1}))
    rows.write_text(rows.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(Conflict, match="another job has this name"):
        await maas.sweeps.run(replace(spec, hyperparameters={"num_train_epochs": 1}))


async def test_a_failed_job_is_a_result_and_ends_no_sweep(maas: Resources, maas_server: Server, spec: JobSpec) -> None:
    maas_server.fault(job="fail", count=1)
    sweep = await maas.sweeps.run(spec)
    statuses = [outcome.job.status.value for outcome in sweep.outcomes if outcome.job]
    assert statuses == ["Completed"] * 3 + ["Failed"]


async def test_stalled_jobs_are_given_up_and_the_rest_never_created(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    """The sweep gives up after its `patience`."""
    maas_server.fault(job="stall", count=None)
    sweep = await maas.sweeps.run(spec, patience=300.0)
    assert [outcome.job.status.value for outcome in sweep.outcomes if outcome.job] == ["NotResponding"] * 2
    assert len(sweep.missing) == 2
    assert sweep.best is None


async def test_unavailable_losses_end_no_sweep(
    maas: Resources, maas_server: Server, spec: JobSpec, caplog: pytest.LogCaptureFixture
) -> None:
    maas_server.fault(operation="metrics.list", status=403, count=None)
    sweep = await maas.sweeps.run(replace(spec, hyperparameters={"num_train_epochs": 1}))
    assert sweep.outcomes[0].loss is None
    assert "the losses of job" in caplog.text


async def test_a_persistent_rejection_is_an_error_and_can_be_rerun(
    maas: Resources, maas_server: Server, spec: JobSpec
) -> None:
    maas_server.fault(operation="jobs.create", status=503, count=None)
    with pytest.raises(ServiceUnavailable):
        await maas.sweeps.run(spec)
    maas_server.faults_clear()
    assert (await maas.sweeps.run(spec)).best is not None
