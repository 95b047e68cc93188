"""`maas run` deletes what it created when it ends: done, failed for good, or interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell

Write = Callable[[str, Sequence[str]], str]


@pytest.fixture
def file(write: Write, train: str) -> str:
    """A job file."""
    return write("job.yaml", [f"model: {MODEL}", f"training_data: {train}", "name: shop"])


@pytest.fixture
def nothing_left(maas: Shell) -> Iterator[None]:
    """Nothing is left that costs money by the hour when the test ends."""
    yield
    maas.interrupt_at = float("inf")
    assert maas.done("costs") == ""


@pytest.mark.usefixtures("nothing_left")
def test_a_run_that_is_done_leaves_nothing_that_costs(maas: Shell, file: str) -> None:
    assert "deleted; the tuned model is kept" in maas("run", "-f", file, "--delete-endpoint").stderr


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_ctrl_c_deletes_the_endpoint(maas: Shell, file: str, seconds: float) -> None:
    maas.done("run", "-f", file, "--no-deploy")
    maas.interrupt_at, maas.interrupt_once = maas.time + seconds, True
    result = maas("run", "-f", file, "--delete-endpoint")
    assert result.exit_code == 130, result.output
    assert "interrupted: deleting what this command created; Ctrl-C again ends that" in result.stderr
    assert "error: interrupted; in step answer: endpoint shop-" in result.stderr
    assert "was deleted\nresume with: maas run " in result.stderr


def test_a_second_ctrl_c_names_what_is_left(maas: Shell, file: str) -> None:
    maas.done("run", "-f", file, "--no-deploy")
    maas.interrupt_at = maas.time + 0.5
    result = maas("run", "-f", file, "--delete-endpoint")
    assert result.exit_code == 130
    assert "error: interrupted while cleaning up\nstill there: maas endpoints delete shop-" in result.stderr


@pytest.mark.usefixtures("nothing_left")
def test_an_endpoint_that_cannot_answer_is_deleted(maas: Shell, server: Server, file: str) -> None:
    server.fault(operation="endpoints.create", endpoint="fail", reason="no capacity")
    result = maas("run", "-f", file, "--delete-endpoint")
    assert result.exit_code == 1
    assert "no capacity" in result.stderr
    assert "deleted; the tuned model is kept" in result.stderr


def test_what_the_same_command_goes_on_with_is_kept(maas: Shell, server: Server, file: str) -> None:
    server.fault(operation="chat.complete", status=424, count=None)
    result = maas("run", "-f", file, "--delete-endpoint", "--timeout", "30m")
    assert result.exit_code == 124, result.output
    server.faults_clear()
    assert len(maas.done("costs", "--quiet").splitlines()) == 1
    maas.done("run", "-f", file, "--delete-endpoint")
    assert maas.done("costs") == ""


def test_a_deletion_that_fails_names_the_command(maas: Shell, server: Server, file: str) -> None:
    server.fault(operation="endpoints.delete", status=403, count=None)
    maas.done("run", "-f", file, "--no-deploy")
    maas.interrupt_at, maas.interrupt_once = maas.time + 0.5, True
    result = maas("run", "-f", file, "--delete-endpoint")
    assert result.exit_code == 130
    assert "cleaning up failed: " in result.stderr
    assert "still there: maas endpoints delete shop-" in result.stderr


def test_an_evicted_job_goes_on_and_says_so(maas: Shell, server: Server, file: str) -> None:
    server.fault(job="fail", reason="PreemptionError: nodes of this job got pre-empted", count=1)
    words = ["run", "-f", file, "--set", "instance_types=[Standard_NC96ads_A100_v4]", "--set", "job_tier=Spot"]
    result = maas(*words, "--no-deploy")
    assert result.exit_code == 0, result.output
    assert "lost its low-priority nodes; going on from its last checkpoint as shop-" in result.stderr
    server.fault(job="fail", reason="PreemptionError: nodes of this job got pre-empted", count=1)
    refused = maas(*words, "--no-deploy", "--name", "other", "--max-evictions", "0")
    assert refused.exit_code == 5
    assert "was evicted: " in refused.stderr
