"""azure-ai-ml: what it makes of its own job file, and what we make of it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml import load_job  # pyright: ignore[reportUnknownVariableType] -- its types are open

from maas_client import JobFile, MaasClient
from maas_client.jobs.request import FINGERPRINT

FILE = """\
$schema: https://azuremlschemas.azureedge.net/latest/finetuningJob.schema.json
type: finetuning
name: shop-1
experiment_name: shop
display_name: Shop 1
task: {task}
model_provider: custom
model:
  path: azureml://registries/azureml/models/Phi-4-mini-instruct/versions/1
  type: mlflow_model
training_data:
  path: {data}
  type: uri_file
validation_data:
  path: azureml://datastores/workspaceblobstore/paths/validation.jsonl
  type: uri_file
hyperparameters:
  num_train_epochs: "1"
  per_device_train_batch_size: "1"
  learning_rate: "0.00002"
properties:
  my_property: my_value
tags:
  foo_tag: bar
{more}outputs:
  registered_model:
    name: shop-model
    type: mlflow_model
"""
OWN = "resources:\n  instance_types: [Standard_NC24ads_A100_v4, Standard_E4s_v3]\nqueue_settings:\n  job_tier: spot\n"


DATA = "azureml://datastores/workspaceblobstore/paths/train.jsonl"
URIS = [
    "https://store.blob.core.windows.net/c/train.jsonl",
    "wasbs://c@store.blob.core.windows.net/a//train.jsonl",
    "abfss://c@store.dfs.core.windows.net/train.jsonl",
    "azureml://subscriptions/s/resourcegroups/g/workspaces/w/data/train/versions/3",
    "azureml:/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/data/t/versions/1",
]


@pytest.mark.parametrize(
    ("task", "more", "data"),
    [
        *((task, more, DATA) for task in ("chat_completion", "text_completion") for more in ("", OWN)),
        *(("chat_completion", "", uri) for uri in URIS),
    ],
)
def test_the_same_file_makes_the_same_request(tmp_path: Path, task: str, more: str, data: str) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(FILE.format(task=task, more=more, data=data), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its schemas are in marshmallow's old manner
        made: Any = load_job(file)
        theirs = made._to_rest_object().as_dict()
    job = JobFile.read(file)
    with MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint="http://127.0.0.1:9") as maas:
        ours = maas.jobs.preview(job.spec()).body["properties"]
    own = {key: value for key, value in ours["properties"].items() if key != FINGERPRINT}
    assert {**ours, "properties": own} == theirs["properties"]
    assert (job.name, job.ignored) == (theirs["name"], ())
