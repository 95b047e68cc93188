"""`maas run` deletes what it created when it ends: done, failed permanently, or interrupted."""

from __future__ import annotations

import json
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


def test_what_the_same_command_continues_with_is_kept(maas: Shell, server: Server, file: str) -> None:
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


@pytest.fixture
def on_a_cluster(maas: Shell, server: Server, write: Write, train: str) -> str:
    """A job file for a cluster of low-priority machines that keeps a node."""
    server.set_quota({"gpu": 1000, "lowPriority": 1000})
    with maas.client() as client:
        client.computes.create("gpu", size="Standard_NC96ads_A100_v4", low_priority=True, min_nodes=1)
    lines = [f"model: {MODEL}", f"training_data: {train}", "name: shop", "compute: gpu", "hyperparameters:"]
    return write("own.yaml", [*lines, "  apply_lora: true", "  num_train_epochs: 3"])


@pytest.mark.usefixtures("nothing_left")
def test_a_run_deletes_endpoint_and_cluster(maas: Shell, on_a_cluster: str) -> None:
    result = maas("run", "-f", on_a_cluster, "--delete-endpoint", "--delete-compute")
    assert result.exit_code == 0, result.output
    assert "cluster gpu deleted" in result.stderr


@pytest.fixture
def pipeline(maas: Shell, on_a_cluster: str, write: Write, train: str) -> str:
    """A job file of a pipeline on the cluster, whose model is served on a machine of its own."""
    lines = ["kind: pipeline", "model: Phi-3-mini-4k-instruct", f"training_data: {train}", "compute: gpu"]
    machine = "endpoint_instance_type: Standard_NC24ads_A100_v4"
    return write("pipeline.yaml", [*lines, "name: own", machine, "hyperparameters:", "  apply_lora: true"])


@pytest.mark.usefixtures("nothing_left")
def test_a_pipeline_is_trained_served_and_cleaned_up(maas: Shell, pipeline: str) -> None:
    result = maas("run", "-f", pipeline, "--delete-endpoint", "--delete-compute", "--output", "json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["endpoint"]["deployments"][0]["instance_type"] == "Standard_NC24ads_A100_v4"
    assert "cluster gpu deleted" in result.stderr


@pytest.mark.usefixtures("nothing_left")
def test_ctrl_c_deletes_an_online_endpoint_on_its_way_up(maas: Shell, pipeline: str) -> None:
    maas.done("run", "-f", pipeline, "--no-deploy")
    maas.interrupt_at, maas.interrupt_once = maas.time + 200.0, True
    result = maas("run", "-f", pipeline, "--delete-endpoint", "--delete-compute")
    assert result.exit_code == 130, result.output
    assert "error: interrupted; in step deploy: endpoint own-" in result.stderr
    assert "was deleted, cluster gpu was deleted\n" in result.stderr


@pytest.mark.usefixtures("nothing_left")
def test_a_failed_deployment_is_deleted(maas: Shell, server: Server, pipeline: str) -> None:
    server.fault(deployment="probe")
    result = maas("run", "-f", pipeline, "--delete-endpoint", "--delete-compute")
    assert result.exit_code == 1, result.output
    assert "Liveness probe failed" in result.stderr


@pytest.mark.usefixtures("nothing_left")
def test_ctrl_c_cancels_the_job_and_deletes_its_cluster(maas: Shell, on_a_cluster: str) -> None:
    maas.interrupt_at, maas.interrupt_once = 100.0, True
    result = maas("run", "-f", on_a_cluster, "--delete-compute")
    assert result.exit_code == 130, result.output
    assert "error: interrupted; in step train: job shop-" in result.stderr
    recreated = "computes create gpu --size STANDARD_NC96ADS_A100_V4 --max-nodes 1 --min-nodes 1 --idle-after 120s"
    assert f"cluster gpu was deleted\nfirst: maas {recreated} --low-priority\nresume with: maas run " in result.stderr
    assert result.stderr.rstrip().endswith("--again")


@pytest.mark.usefixtures("nothing_left")
def test_ctrl_c_cancels_a_job_whose_reply_was_lost(maas: Shell, server: Server, pipeline: str) -> None:
    server.fault(operation="jobs.create", drop="after")
    maas.interrupt_at, maas.interrupt_once = maas.time, True
    result = maas("run", "-f", pipeline, "--delete-compute")
    assert result.exit_code == 130, result.output
    assert "error: interrupted; in step create: job own-" in result.stderr
    assert "was canceled, cluster gpu was deleted\n" in result.stderr


def test_a_second_ctrl_c_names_the_cluster(maas: Shell, on_a_cluster: str) -> None:
    maas.interrupt_at = 100.0
    result = maas("run", "-f", on_a_cluster, "--delete-compute")
    assert result.stderr.endswith("error: interrupted while cleaning up\nstill there: maas computes delete gpu\n")


@pytest.mark.usefixtures("nothing_left")
def test_a_failed_job_leaves_no_cluster(maas: Shell, server: Server, on_a_cluster: str) -> None:
    server.fault(job="fail", reason="out of memory", count=1)
    assert maas("run", "-f", on_a_cluster, "--delete-compute").exit_code == 5


def test_a_cluster_that_another_job_needs_is_kept(maas: Shell, on_a_cluster: str, train: str) -> None:
    maas.done("run", "-f", on_a_cluster, "--no-deploy")
    other = ["--name", "other", "--compute", "gpu", "--hyperparameter", "apply_lora=true"]
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, *other)
    result = maas("run", "-f", on_a_cluster, "--no-deploy", "--delete-compute")
    assert result.exit_code == 0, result.output
    assert "cluster gpu kept: job other needs it, too" in result.stderr
    assert maas.done("costs", "--quiet") == "gpu\n"


def test_a_cluster_that_a_pipeline_waits_for_is_kept(maas: Shell, on_a_cluster: str, pipeline: str) -> None:
    maas.done("run", "-f", on_a_cluster, "--no-deploy")
    maas.done("jobs", "create", "-f", pipeline, "--set", "name=other")
    result = maas("run", "-f", on_a_cluster, "--no-deploy", "--delete-compute")
    assert "cluster gpu kept: job other needs it, too" in result.stderr


def test_a_cluster_that_some_step_waits_for_is_kept(maas: Shell, on_a_cluster: str, pipeline: str) -> None:
    maas.done("run", "-f", on_a_cluster, "--no-deploy")
    maas.done("computes", "create", "big", "--size", "Standard_NC24ads_A100_v4")
    elsewhere = ("--set", "compute=big", "--set", "inputs.compute_preprocess=gpu")
    maas.done("jobs", "create", "-f", pipeline, "--set", "name=other", *elsewhere)
    result = maas("run", "-f", on_a_cluster, "--no-deploy", "--delete-compute")
    assert "cluster gpu kept: job other needs it, too" in result.stderr


def test_an_evicted_job_continues_and_reports_it(maas: Shell, server: Server, on_a_cluster: str) -> None:
    server.fault(job="evicted", count=1)
    words = ["run", "-f", on_a_cluster, "--no-deploy"]
    result = maas(*words)
    assert result.exit_code == 0, result.output
    assert "lost its low-priority nodes; going on from its last checkpoint as shop-" in result.stderr
    server.fault(job="evicted", count=1)
    refused = maas(*words, "--name", "other", "--max-evictions", "0")
    assert refused.exit_code == 5
    assert "was evicted: " in refused.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--no-wait"], "--delete-compute cannot be combined with --no-wait"),
        ([], "--delete-compute needs a job with `compute`"),
    ],
)
def test_a_cluster_cannot_be_deleted_without_one(maas: Shell, file: str, words: list[str], why: str) -> None:
    result = maas("run", "-f", file, "--delete-compute", *words)
    assert result.exit_code == 2
    assert why in result.stderr
