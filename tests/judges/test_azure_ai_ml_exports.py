"""azure-ai-ml: it loads what is exported for az ml, and the job that it creates of it trains to its end."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml import load_job  # pyright: ignore[reportUnknownVariableType] -- its types are open

from maas_client import JobFile, MaasClient
from maas_client.exports.azure.azureml_cli import AzureMlCli
from maas_client.exports.azure.azureml_pipeline import AzureMlPipeline
from maas_client.exports.export_job import export_job_of
from maas_client.exports.target import Target
from tests.judges.sdk import MODEL, Microsoft
from tests.mock_server.driver import rows
from tests.own_compute_judges.pipelines import with_user_token

# azure-ai-ml reads jobs and components with schemas in marshmallow's old manner.
pytestmark = [
    pytest.mark.filterwarnings("ignore::marshmallow.warnings.RemovedInMarshmallow4Warning"),
    pytest.mark.filterwarnings("ignore::marshmallow.warnings.ChangedInMarshmallow4Warning"),
]
HOUR = 3600.0
CHOSEN: Mapping[str, Any] = {
    "num_train_epochs": 2,
    "learning_rate": 0.0002,
    "per_device_train_batch_size": 1,
    "max_seq_length": 1024,
}
OWN: Mapping[str, Any] = {"apply_lora": True, "lora_r": 16, "precision": 16, "lr_scheduler_type": "cosine", "seed": 7}
A100 = "Standard_NC24ads_A100_v4"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, as a user is who runs the commands of an export."""
    path = tmp_path / "exported"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def exported(target: Target, folder: Path, train: Path, **keys: Any) -> None:
    """Write a job of some rows as a target has it."""
    validation = train.with_name("validation.jsonl")
    validation.write_bytes(rows(9))
    file = JobFile(model=MODEL, training_data=str(train), validation_data=str(validation), name="shop", **keys)
    for each in target.export(export_job_of(file, target=target.name)).files:
        path = folder / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(each.parts()))


def loaded(path: Path) -> Any:  # Any: azure-ai-ml's jobs have open types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "experimental"
        return load_job(path)


@pytest.mark.parametrize("own", [{}, {"instance_types": (A100,), "job_tier": "Spot"}])
def test_an_exported_job_is_created_and_trains(
    microsoft: Microsoft, folder: Path, train: Path, own: Mapping[str, Any]
) -> None:
    microsoft.server.set_quota({"gpu": 1000})
    chosen = {**CHOSEN, **(OWN if own else {})}
    exported(AzureMlCli(), folder, train, hyperparameters=chosen, tags={"team": "shop"}, **own)
    job = microsoft.ml.jobs.create_or_update(loaded(folder / "job.yaml"))
    assert (job.name, job.tags["team"]) == ("shop", "shop")
    assert job.hyperparameters.keys() == chosen.keys()
    microsoft.server.advance(HOUR)
    assert str(microsoft.ml.jobs.get("shop").status) == "JobStatus.COMPLETED"
    assert microsoft.ml.models.get("shop-model", version="1").job_name == "shop"


def test_an_exported_pipeline_is_created_and_trains(microsoft: Microsoft, folder: Path, train: Path) -> None:
    microsoft.server.set_quota({"gpu": 1000})
    exported(AzureMlPipeline(), folder, train, hyperparameters={**CHOSEN, **OWN}, instance_types=(A100,))
    ml = with_user_token(microsoft.server)
    ml.jobs.create_or_update(loaded(folder / "pipeline.yaml"))
    microsoft.server.advance(HOUR)
    assert str(ml.jobs.get("shop").status) == "JobStatus.COMPLETED"


def test_az_and_maas_create_the_same_pipeline(microsoft: Microsoft, folder: Path, train: Path) -> None:
    microsoft.server.set_quota({"gpu": 1000})
    exported(AzureMlPipeline(), folder, train, hyperparameters={**CHOSEN, **OWN}, instance_types=(A100,))
    theirs: Any = loaded(folder / "pipeline.yaml")._to_rest_object().as_dict()["properties"]["jobs"]["finetune"]
    endpoint = microsoft.server.endpoint
    with MaasClient(
        subscription_id="s", resource_group="g", workspace="w", endpoint=endpoint, cloud="AzureCloud"
    ) as maas:
        ours = maas.jobs.preview(JobFile.read(folder / "job.yaml").spec()).body["properties"]["jobs"]["finetune"]
    assert literals(ours) == literals(theirs)
    assert ours["componentId"].partition("/versions/")[0] == theirs["componentId"].partition("/labels/")[0]


def literals(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs of a step that are values, as numbers where they are numbers."""
    found = {name: each["value"] for name, each in step["inputs"].items() if "value" in each}
    return {name: json.loads(value) if value[:1].isdigit() else value for name, value in found.items()}
