"""`maas jobs create -f` of a pipeline, its steps in `show` and `watch`, and the model that it leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Shell

SIZE = "Standard_NC24ads_A100_v4"
FAILING = "chat_completion_finetune"


@pytest.fixture
def file(maas: Shell, tmp_path: Path, train: str) -> str:
    """A job file of a pipeline, for a user with the quota that it needs."""
    maas.server.set_quota({"gpu": 1000})
    written: dict[str, Any] = {
        "kind": "pipeline",
        "model": "Phi-3-mini-4k-instruct",
        "training_data": train,
        "name": "pipe-1",
        "instance_types": [SIZE],
        "epochs": 2,
        "inputs": {"apply_lora": True},
        "output_name": "shop",
    }
    path = tmp_path / "pipeline.json"
    path.write_text(json.dumps(written), "utf-8")
    return str(path)


def test_a_job_file_creates_a_pipeline_and_its_model(maas: Shell, file: str) -> None:
    created = json.loads(maas.done("jobs", "create", "-f", file, "--wait", "--output", "json"))
    assert (created["output_model"], created["hyperparameters"]["num_train_epochs"]) == ("shop:1", "2")
    name = created["name"]
    again = maas("jobs", "create", "-f", file)
    assert f"job '{name}' exists already" in again.stderr
    assert maas.done("jobs", "list", "--quiet") == ""
    assert maas.done("jobs", "list", "--kind", "pipeline", "--quiet") == f"{name}\n"
    shown = maas.done("jobs", "show", name)
    assert "chat_completion_pipeline:0.0.82" in shown
    assert len([line for line in shown.splitlines() if line.startswith("step_")]) == 5
    steps = json.loads(maas.done("jobs", "show", name, "--output", "json"))["steps"]
    assert {step["status"] for step in steps} == {"Completed"}
    assert "EVAL_LOSS" in maas.done("jobs", "metrics", name)


def test_the_steps_are_watched_and_the_failing_one_is_named(maas: Shell, file: str) -> None:
    maas.server.fault(operation="jobs.create", job="fail", reason="CUDA out of memory", child=FAILING)
    name = json.loads(maas.done("jobs", "create", "-f", file, "--output", "json"))["name"]
    watched = maas("jobs", "watch", name)
    assert watched.exit_code == 5
    assert f"step {FAILING} Failed" in watched.stdout
    assert f"failed in step {FAILING}" in watched.stderr
    assert "CUDA out of memory" in watched.stderr
    shown = maas.done("jobs", "show", name)
    assert "CUDA out of memory" in shown
    assert f"step_{FAILING}" in shown


def test_a_written_job_file_creates_the_same_pipeline(maas: Shell, file: str, tmp_path: Path) -> None:
    name = json.loads(maas.done("jobs", "create", "-f", file, "--output", "json"))["name"]
    written = tmp_path / "written.yaml"
    written.write_text(maas.done("jobs", "show", name, "--output", "yaml"), "utf-8")
    assert 'kind: "pipeline"' in written.read_text("utf-8")
    again = maas("jobs", "create", "-f", str(written))
    assert (again.exit_code, "exists already" in again.stderr) == (0, True), again.stderr


def test_a_wrong_input_of_a_job_file_is_reported(maas: Shell, file: str) -> None:
    refused = maas("jobs", "create", "-f", file, "--set", "inputs.optim=sgd", "--dry-run")
    assert refused.exit_code == 2
    assert "optim must be adamw_torch or adafactor, not 'sgd'" in refused.stderr
    other = maas("jobs", "create", "-f", file, "--set", "kind=fine_tuning", "--dry-run")
    assert "only a pipeline has such keys" in other.stderr
    planned = json.loads(maas.done("jobs", "create", "-f", file, "--dry-run", "--output", "json"))
    assert planned["headers"]["x-azureml-token"] == "***"
    assert planned["body"]["properties"]["jobType"] == "Pipeline"


def test_models_are_registered_shown_and_archived(maas: Shell, completed: str) -> None:
    made = maas("models", "registered", "register", "shop:3", "--job", completed, "--tag", "a=b")
    assert "next: maas endpoints create --model shop:3" in made.stderr
    assert json.loads(maas.done("models", "registered", "show", "shop", "--output", "json"))["tags"] == {"a": "b"}
    assert maas.done("models", "registered", "shop", "--quiet") == "shop:3\n"
    maas.done("models", "registered", "archive", "shop:3")
    assert maas.done("models", "registered", "shop", "--quiet") == ""
    assert maas.done("models", "registered", "list", "shop", "--archived", "--quiet") == "shop:3\n"
    assert json.loads(maas.done("models", "registered", "restore", "shop:3", "-o", "json"))["is_archived"] is False


def test_a_job_that_no_machine_is_to_be_had_for_says_so(maas: Shell, file: str) -> None:
    maas.server.fault(compute="no_capacity")
    maas.done("computes", "create", "gpu", "--size", SIZE)
    assert maas("jobs", "create", "-f", file, "--set", "compute=gpu", "--set", "instance_types=[]").exit_code == 0
    maas.sleep(60)
    shown = maas("jobs", "show", "pipe-1")
    assert "cluster gpu: AllocationFailed: No machines of this size" in shown.stderr
