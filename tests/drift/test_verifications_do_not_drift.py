"""The recording of a whole verification finds nothing new on the mock server that is asked the same again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import TLS, Clock

from maas_client import BlockingWire, MaasClient
from maas_client.core.blocking import run
from maas_client.drift.cassette import read_recording
from maas_client.drift.exchange import ComparedExchange
from maas_client.drift.feeding import Feeder
from maas_client.drift.job_duration import LONGEST, job_seconds
from maas_client.drift.report import drift_between
from maas_client.recording.recorder import RecordingWire
from maas_client.recording.recording import Recording
from maas_client.verification.verification import AsyncVerification
from mock_server.server import serve
from tests.drift.recordings import FILE, JOBS, answered

WITH_A_WRONG_KEY = "chat.complete"
"""Asked with a key that is wrong; a recording has none, so the mock is asked with a good one."""


def verified(surface: str, file: Path) -> tuple[ComparedExchange, ...]:
    """Record a verification of level full of a surface of a new server."""
    with serve(clock="virtual", quota={"gpu": 1000}) as server:
        clock = Clock(time=server.now(), listeners=[server.advance])
        place = f"{server.endpoint}/api/projects/mine"
        workspace = {"subscription_id": "s", "resource_group": "g", "workspace": "w", "endpoint": server.endpoint}
        settings: dict[str, Any] = {"foundry_endpoint": place} if surface == "foundry" else workspace
        with closing(BlockingWire(verify=TLS, sleep=clock.sleep, now=clock.now, clock=clock.now)) as plain:
            recording: Any = RecordingWire(plain, Recording(file))  # a wire around a blocking wire stands for one
            verification = AsyncVerification(MaasClient(**settings, wire=recording))
            report = run(_report(verification))
    assert report.ok
    return read_recording(file)


async def _report(verification: AsyncVerification) -> Any:
    return await verification.run(await verification.plan("full"))


def of_the_mock(exchanges: Sequence[ComparedExchange]) -> tuple[ComparedExchange, ...]:
    """Ask a new server what a recording asked."""
    with (
        serve(clock="virtual", job_seconds=job_seconds(exchanges), quota={"gpu": 1000}) as server,
        closing(BlockingWire(verify=TLS)) as wire,
    ):
        return run(Feeder(wire, server.endpoint, server.advance).feed(exchanges))


@pytest.mark.parametrize("surface", ["azureml", "foundry"])
def test_a_verification_does_not_drift_from_the_mock(surface: str, tmp_path: Path) -> None:
    recorded = verified(surface, tmp_path / "verification.jsonl")
    drift = drift_between(recorded, of_the_mock(recorded), names=("recording", "mock"), same_requests=True)
    assert [one.sentence for one in (*drift.contradictions, *drift.additions)] == []
    assert {one.operation for one in drift.not_comparable} <= {WITH_A_WRONG_KEY}
    assert [one.difference.sentence for side in (drift.left, drift.right) for one in side.deviations] == []


def of_a_job(status: str, at: float, method: str = "GET") -> ComparedExchange:
    """Return an answer that has the status of a job at a time of the recording."""
    document = {"id": "/jobs/job-1", "name": "job-1", "properties": {"status": status}}
    url = f"{JOBS}/job-1?api-version=2024-10-01-preview"
    made = answered(document, method=method, status=201 if method == "PUT" else 200, url=url)
    return ComparedExchange(
        n=0, method=made.method, url=made.url, at=at, status=made.status, headers={}, body=made.body
    )


def test_a_job_of_the_mock_is_done_before_the_recorded_one() -> None:
    made, waiting, done = of_a_job("NotStarted", 10, "PUT"), of_a_job("Running", 20), of_a_job("Completed", 50)
    assert 0 < job_seconds([made, waiting, done, of_a_job("Completed", 20_000)]) < 40


def test_a_job_that_took_hours_takes_a_minute_on_the_mock() -> None:
    assert job_seconds([of_a_job("NotStarted", 0, "PUT"), of_a_job("Completed", 7200)]) == LONGEST


def test_other_answers_say_nothing_of_a_jobs_duration() -> None:
    canceled = [of_a_job("NotStarted", 0, "PUT"), of_a_job("Canceled", 5)]
    assert job_seconds([*canceled, answered(FILE), answered(None), answered([])]) == LONGEST
