"""mlflow reads the curve of a job: over plain HTTPS, and through Microsoft's plugin for `azureml://`."""

import base64
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from tests.judges.sdk import WORKSPACE, Microsoft

ROOT = Path(__file__).parents[2]
# {"alg":"none"}.{"exp": in the year 2100}.sig: the plugin reads when its token ends.
CLAIMS = base64.urlsafe_b64encode(b'{"exp":4102444800}').decode().rstrip("=")
TOKEN = f"eyJhbGciOiJub25lIn0.{CLAIMS}.c2ln"


@pytest.fixture
def run(microsoft: Microsoft, train: Path) -> str:
    """Give the name of a completed job."""
    microsoft.submit(str(microsoft.upload(train).id))
    microsoft.server.advance(3600)
    return "job"


@pytest.fixture
def client(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give mlflow's client at the server's MLflow routes; `Any`, for its entities are not annotated."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "static")
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(microsoft.server.ca))
    uri = str(microsoft.ml.workspaces.get(WORKSPACE).mlflow_tracking_uri)
    return MlflowClient(tracking_uri=uri.replace("azureml://", "https://"))


def test_the_loss_falls_step_by_step(client: Any, run: str) -> None:
    history = client.get_metric_history(run, "loss")
    assert [point.step for point in history] == [10, 20, 30, 40]
    assert history[0].value > history[-1].value > 0
    assert [point.timestamp for point in history] == sorted(point.timestamp for point in history)


def test_a_run_has_its_state_last_metrics_parameters_and_tags(client: Any, run: str) -> None:
    found = client.get_run(run)
    assert (found.info.run_id, found.info.status, found.info.run_name) == (run, "FINISHED", "job to show")
    assert found.info.end_time > found.info.start_time
    assert found.data.metrics["loss"] == client.get_metric_history(run, "loss")[-1].value
    assert found.data.params["num_train_epochs"] == "1"
    assert found.data.tags["team"] == "bench"


def test_a_nan_loss_is_nan_to_mlflow(microsoft: Microsoft, client: Any, train: Path) -> None:
    microsoft.server.fault(job="nan", step=20)
    microsoft.submit(str(microsoft.upload(train).id))
    microsoft.server.advance(3600)
    assert [math.isnan(point.value) for point in client.get_metric_history("job", "loss")] == [False, True, True, True]


def test_a_missing_run_is_mlflow_s_own_exception(client: Any) -> None:
    with pytest.raises(MlflowException, match="Run absent was not found"):
        client.get_run("absent")


def test_the_plugin_reads_the_curve_at_the_workspace_s_own_uri(microsoft: Microsoft, run: str) -> None:
    uri = str(microsoft.ml.workspaces.get(WORKSPACE).mlflow_tracking_uri)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AZUREML")},
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_TRACKING_TOKEN": TOKEN,
        "MLFLOW_RUN_ID": run,
        "MLFLOW_EXPERIMENT_NAME": "trial",
        "REQUESTS_CA_BUNDLE": str(microsoft.server.ca),
    }
    command = [sys.executable, "-m", "tests.judges.mlflow_by_workspace", uri, run]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    curve = json.loads(ended.stdout.splitlines()[-1])
    assert [step for step, _ in curve] == [10, 20, 30, 40]
