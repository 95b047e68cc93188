"""`follow`: a job to its end, and what the caller gets then."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from support import Clock, make_wire

from maas_client import BlockingWire, JobCanceled, JobFailed, JobStatus, MaasClient, NotFound, WaitTimeout
from maas_client.notebook import follow
from mock_server.server import Server
from tests.notebook.conftest import MODEL


@pytest.fixture
def client(maas_server: Server, clock: Clock) -> Iterator[MaasClient]:
    """The plain client, whose waits move the server's clock."""
    clock.time = httpx.get(f"{maas_server.endpoint}/_mock/clock", trust_env=False).json()["now"]
    clock.listeners.append(maas_server.advance)
    wire = make_wire("blocking", clock)
    assert isinstance(wire, BlockingWire)
    endpoint = maas_server.endpoint
    with MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=endpoint, wire=wire) as client:
        yield client


def test_the_completed_job_is_returned_with_its_steps_reported(
    client: MaasClient, training: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client.jobs.create(model=MODEL, training_data=training, name="ft-1", hyperparameters={"num_train_epochs": 3})
    job = follow(client, "ft-1")
    assert (job.status, bool(job.output_model)) == (JobStatus.COMPLETED, True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("job ft-1: ")
    assert "job ft-1: Completed, step " in lines[-1]
    assert len(lines) == len(set(lines))


def test_a_failed_job_is_raised_with_the_reason(client: MaasClient, maas_server: Server, training: str) -> None:
    maas_server.fault(operation="jobs.create", job="fail", reason="CUDA out of memory")
    client.jobs.create(model=MODEL, training_data=training, name="ft-1")
    with pytest.raises(JobFailed, match="CUDA out of memory"):
        follow(client, "ft-1")


def test_follow_raises_cancellation_missing_job_and_timeout(client: MaasClient, training: str) -> None:
    client.jobs.create(model=MODEL, training_data=training, name="ft-1")
    with pytest.raises(WaitTimeout, match="ft-1"):
        follow(client, "ft-1", timeout=2)
    client.jobs.cancel("ft-1")
    with pytest.raises(JobCanceled):
        follow(client, "ft-1")
    with pytest.raises(NotFound):
        follow(client, "nothing")
