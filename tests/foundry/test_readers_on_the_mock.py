"""What the mock server says of a job, its errors and its webhooks is read as the service's own would be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from maas_client import NotFound, errors
from maas_client.core.http_messages import Reply, Request
from maas_client.foundry.event_texts import EventFacts, facts_of, read_events
from maas_client.foundry.metric_names import merged
from maas_client.foundry.results_table import read_results
from maas_client.http.error_responses import error_from
from maas_client.jobs.alarms import alarms
from mock_server.server import serve
from tests.mock_server.driver import rows
from tests.mock_server.foundry_driver import DATED, PROJECT, V1, Foundry

PUBLISHED = 4560 / 30
"""Seconds of the published run in each second of a job of half a minute."""


@pytest.fixture
def foundry() -> Iterator[Foundry]:
    """An account of a server whose time passes when the test says so."""
    with serve(job_seconds=30, clock="virtual") as server:
        found = Foundry(server)
        yield found
        found.http.close()


def facts(foundry: Foundry, job: str) -> EventFacts:
    """Read all pages of a job's events, a few events each."""
    listed: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = foundry.get(f"/fine_tuning/jobs/{job}/events", limit="7", **after).json()
        listed += page["data"]
        if not page["has_more"]:
            return facts_of(read_events(listed))
        after = {"after": page["data"][-1]["id"]}


def test_the_stages_of_a_job_are_shown_in_their_order(foundry: Foundry) -> None:
    job, stages = foundry.job(hyperparameters={"n_epochs": 3, "batch_size": 2}), list[str]()
    now = 0.0
    for at in (1, 8.5, 30, 500, 700, 1300, 3015, 3100, 4559, 4700):
        foundry.server.advance((at - now) / PUBLISHED)
        now = at
        stages += [stage for stage in [facts(foundry, job).stage] if stage not in stages[-1:]]
    assert stages == [
        "waiting for other jobs",
        "preprocessing",
        "preparing",
        "queued for GPUs",
        "training",
        "safety evaluation",
        "finishing",
    ]


def test_events_and_table_agree_while_a_job_trains_and_after(foundry: Foundry) -> None:
    validation = foundry.file(rows(11))
    job = foundry.job(hyperparameters={"n_epochs": 3, "batch_size": 2}, validation_file=validation)
    for elapsed in (1300, 2000, 5000):
        foundry.server.advance(elapsed / PUBLISHED)
        read = facts(foundry, job)
        content = foundry.get(f"/files/{read.result_files[-1]}/content").content
        table = read_results(content, growing=foundry.status(job) == "running")
        losses = {point.step: point.value for point in table.get("loss", ())}
        assert all(losses.get(point.step, point.value) == point.value for point in read.metrics["loss"])
        both = merged(read.metrics, table)
        assert {point.step for point in both["loss"]} == losses.keys() | {p.step for p in read.metrics["loss"]}
        assert [point.time for point in read.metrics["loss"]] == sorted(p.time for p in read.metrics["loss"] if p.time)
    assert foundry.status(job) == "succeeded"
    assert both["eval_loss"][-1].step == both["loss"][-1].step == 60
    assert alarms(both) == ()
    assert read.billed_tokens is not None
    assert read.training_started < read.training_ended


@pytest.mark.parametrize("base", [V1, PROJECT, DATED])
def test_what_the_mock_does_not_have_is_named(foundry: Foundry, base: str) -> None:
    at = foundry.by(base)
    for path, read in (
        ("/fine_tuning/jobs/ftjob-nope", "no job 'ftjob-nope'"),
        ("/files/file-no", "no file 'file-no'"),
    ):
        response = at.get(path)
        request = Request("GET", str(response.request.url))
        error = error_from(request, Reply(response.status_code, dict(response.headers), response.content))
        assert isinstance(error, NotFound)
        place = " in project 'demo'" if base == PROJECT else ""
        assert str(error).startswith(f"{read}{place} (GET http://127.0.0.1:")
        assert error.request_id


def test_a_tier_that_a_model_does_not_have_is_explained(foundry: Foundry) -> None:
    body = foundry.job_body(foundry.file(), model="Qwen3-32B", trainingType=None)
    response = foundry.post("/fine_tuning/jobs", body)
    request = Request("POST", str(response.request.url))
    error = error_from(request, Reply(response.status_code, dict(response.headers), response.content))
    assert isinstance(error, errors.BadRequest)
    assert "choose another `training_tier`, such as GlobalStandard" in str(error)
