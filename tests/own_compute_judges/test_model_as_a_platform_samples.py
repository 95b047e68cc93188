"""azure-ai-ml: the standalone samples of Model as a Platform, call by call: a notebook and the job files of the CLI.

`sdk/python/jobs/finetuning/standalone/model-as-a-platform` and `cli/jobs/finetuning/standalone/model-as-a-platform` of
Azure/azureml-examples. Llama's place is taken by a Phi model, because this registry has no other.
"""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml import finetuning, load_job  # pyright: ignore[reportUnknownVariableType] -- its types are open
from azure.ai.ml.entities import (
    AmlCompute,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    OnlineRequestSettings,
    ProbeSettings,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import MODEL, Microsoft
from tests.mock_server.driver import row, rows

JOB = """\
type: finetuning
name: {name}
experiment_name: phi-finetuning-experiment
display_name: phi-display-name
task: {task}
model_provider: custom
model:
  path: azureml://registries/azureml/models/Phi-3-mini-4k-instruct/versions/14
  type: mlflow_model
{place}
training_data: train.jsonl
validation_data:
  path: validation.jsonl
  type: uri_file
hyperparameters:
  num_train_epochs: "1"
  per_device_train_batch_size: "1"
  learning_rate: "0.00002"
properties:
  my_property: my_value
tags:
  foo_tag: bar
outputs:
  registered_model:
    name: phi-finetuned-model
    type: mlflow_model
"""
ON_A_CLUSTER = "compute: lowpri-a100"
ON_SIZES = "resources:\n  instance_types:\n    - Standard_NC96ads_A100_v4\n    - Standard_E4s_v3"
SIZES = ["Standard_ND96amsr_A100_v4", "Standard_E4s_v3"]


@pytest.fixture
def ml(microsoft: Microsoft) -> Any:  # Any: azure-ai-ml's client
    """Give a client whose user may train on the sizes that the samples ask for."""
    microsoft.server.set_quota({"gpu": 1000})
    return microsoft.ml


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the two data files of the samples into the folder that they are run in."""
    monkeypatch.chdir(tmp_path)
    for name in ("train.jsonl", "validation.jsonl"):
        (tmp_path / name).write_bytes(rows())
    return tmp_path


def ended(ml: Any, microsoft: Microsoft, name: str) -> Any:
    """Wait as the notebook does, and return the job's status."""
    for _ in range(20):
        if ml.jobs.get(name).status in ("Failed", "Completed", "Canceled"):
            break
        microsoft.server.advance(30)
    return ml.jobs.get(name).status


def test_the_notebook_runs_from_the_model_to_the_answer(microsoft: Microsoft, ml: Any, folder: Path) -> None:
    model = microsoft.registry.models.get(MODEL, label="latest")
    assert "Standard_ND96amsr_A100_v4" in model.properties["finetune-recommended-sku"]
    data: Any = [microsoft.upload(folder / f"{part}.jsonl", f"chat_{part}") for part in ("train", "validation")]
    notebook: Any = finetuning
    job = notebook.create_finetuning_job(
        task=notebook.FineTuningTaskType.CHAT_COMPLETION,
        training_data=data[0].id,
        validation_data=data[1].id,
        hyperparameters={"per_device_train_batch_size": "1", "learning_rate": "0.00002", "num_train_epochs": "1"},
        model=model.id,
        display_name="phi-display-name",
        name="finetuned-model-1",
        experiment_name="finetuning-llm",
        instance_types=SIZES,
        tags={"foo_tag": "bar"},
        properties={"my_property": "my_value"},
        output_model_name_prefix="finetuned-model-1",
    )
    created = ml.jobs.create_or_update(job)
    assert ended(ml, microsoft, created.name) == "Completed"
    registered = ml.models.get(name=created.outputs["registered_model"].name, version="1")
    try:
        assert "City number 7." in serve(ml, microsoft, registered.id, folder)
    finally:
        ml.online_endpoints.begin_delete("phi-3-mini-1").wait()
    with pytest.raises(ResourceNotFoundError):
        ml.online_endpoints.get("phi-3-mini-1")


def serve(ml: Any, microsoft: Microsoft, model: str, folder: Path) -> str:
    """Make the notebook's endpoint and deployment, and return the answer to a question of the data."""
    ml.begin_create_or_update(ManagedOnlineEndpoint(name="phi-3-mini-1", auth_mode="key")).wait()
    foundation = microsoft.registry.models.get(MODEL, label="latest")
    size = foundation.properties["inference-recommended-sku"].split(",")[-1].strip()
    deployment = ManagedOnlineDeployment(
        name="demo",
        endpoint_name="phi-3-mini-1",
        model=model,
        instance_type=size,
        instance_count=1,
        liveness_probe=ProbeSettings(initial_delay=600),
        request_settings=OnlineRequestSettings(request_timeout_ms=90000),
    )
    ml.online_deployments.begin_create_or_update(deployment).wait()
    endpoint = ml.online_endpoints.get("phi-3-mini-1")
    endpoint.traffic = {"demo": 100}
    ml.begin_create_or_update(endpoint).result()
    request = folder / "sample_score.json"
    messages = row("What is the capital of country 7?", "")["messages"][:1]
    inputs = {"input_string": messages, "parameters": {"max_new_tokens": 200}}
    request.write_text(json.dumps({"input_data": inputs}), "utf-8")
    return str(ml.online_endpoints.invoke("phi-3-mini-1", deployment_name="demo", request_file=str(request)))


@pytest.mark.parametrize("place", [ON_A_CLUSTER, ON_SIZES])
def test_the_job_files_of_the_cli_run_to_their_models(microsoft: Microsoft, ml: Any, folder: Path, place: str) -> None:
    size = "Standard_NC24ads_A100_v4"
    ml.compute.begin_create_or_update(AmlCompute(name="lowpri-a100", size=size, tier="low_priority")).wait()
    created = ml.jobs.create_or_update(loaded(folder, place=place, task="chat_completion"))
    assert ended(ml, microsoft, created.name) == "Completed"
    assert ml.models.get("phi-finetuned-model", version="1").job_name == created.name


def test_a_text_completion_file_trains_on_instance_types(microsoft: Microsoft, ml: Any, folder: Path) -> None:
    texts = "".join(json.dumps({"text": f"say {n}", "ground_truth": f"said {n}"}) + "\n" for n in range(30))
    for name in ("train.jsonl", "validation.jsonl"):
        (folder / name).write_text(texts, "utf-8")
    created = ml.jobs.create_or_update(loaded(folder, place=ON_SIZES, task="text_completion"))
    assert ended(ml, microsoft, created.name) == "Completed"


def test_a_job_file_with_an_absent_cluster_is_refused(ml: Any, folder: Path) -> None:
    with pytest.raises(HttpResponseError, match="Compute lowpri-a100 was not found"):
        ml.jobs.create_or_update(loaded(folder, place=ON_A_CLUSTER, task="chat_completion"))


def loaded(folder: Path, *, place: str, task: str) -> Any:
    """Load a job file as the CLI does."""
    file = folder / "job.yaml"
    file.write_text(JOB.format(name=f"phi-{task.replace('_', '-')}", task=task, place=place), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its schemas are in marshmallow's old manner
        return load_job(file)
