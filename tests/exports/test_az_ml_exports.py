"""Exports for az ml: the same job, or a pipeline of one's own, and what has no place there is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from maas_client import JobFile
from maas_client.exports.azure.az_data import az_reference
from maas_client.exports.azure.azureml_cli import AzureMlCli
from maas_client.exports.azure.azureml_pipeline import AzureMlPipeline
from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import ExportOptions, export_job_of
from maas_client.exports.target import Exported
from maas_client.jobs.hyperparameters import Hyperparameters
from tests.exports.jobs import EVERY_HYPERPARAMETER, job

A100 = "Standard_NC24ads_A100_v4"


def read(export: Exported, path: str) -> Mapping[str, Any]:
    [content] = [file.content for file in export.files if file.path == path]
    return yaml.safe_load(str(content))  # type: ignore[no-any-return]  # YAML has no types


def saved(export: Exported, folder: Path) -> Path:
    """Write an export's files."""
    for file in export.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(file.parts()))
    return folder


def inputs(export: Exported) -> Mapping[str, Any]:
    return read(export, "pipeline.yaml")["jobs"]["finetune"]["inputs"]  # type: ignore[no-any-return]  # as above


def kinds(export: Exported) -> Mapping[str, str]:
    return {each.key: each.kind for each in export.translations if each.key}


def test_az_reads_back_as_the_same_job(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "name": "shop-1",
        "task": "chat",
        "tags": {"team": "shop"},
        "properties": {"note": "kept"},
        "experiment": "shop",
        "display_name": "Shop",
        "instance_types": (A100,),
        "job_tier": "Spot",
        "output_name": "shop-model",
    }
    exported = job(tmp_path, hyperparameters=EVERY_HYPERPARAMETER, **keys)
    back = JobFile.read(saved(AzureMlCli().export(exported), tmp_path / "out") / "job.yaml")
    assert {name: getattr(back, name) for name in keys} == keys
    assert back.hyperparameters == Hyperparameters.parse(EVERY_HYPERPARAMETER).to_wire(serverless=False)
    assert (back.ignored, Path(str(back.training_data)).read_bytes()) == ((), (tmp_path / "train.jsonl").read_bytes())


def test_serverless_jobs_say_what_would_be_ignored(tmp_path: Path) -> None:
    export = AzureMlCli().export(job(tmp_path, hyperparameters=EVERY_HYPERPARAMETER))
    sent = {"num_train_epochs": "2", "per_device_train_batch_size": "4", "learning_rate": "0.0001"}
    assert read(export, "job.yaml")["hyperparameters"] == {**sent, "max_seq_length": "1024"}
    found = kinds(export)
    assert found["hyperparameters.lora_r"] == "left out"
    assert found["hyperparameters.num_train_epochs"] == "same"


def test_the_portals_names_become_the_pipelines(tmp_path: Path) -> None:
    export = AzureMlCli().export(job(tmp_path, hyperparameters={"n_epochs": 3, "learning_rate_multiplier": 2}))
    assert read(export, "job.yaml")["hyperparameters"] == {"num_train_epochs": "3", "learning_rate": "0.0006"}
    assert kinds(export)["hyperparameters.n_epochs"] == "changed"


@pytest.mark.parametrize("method", ["qlora", "dora"])
@pytest.mark.parametrize("target", [AzureMlCli(), AzureMlPipeline()])
def test_methods_that_azure_does_not_train_are_refused(tmp_path: Path, method: Any, target: Any) -> None:
    with pytest.raises(NotExportable, match=f"not {method}"):
        target.export(job(tmp_path, target=target.name, options=ExportOptions(method=method)))


@pytest.mark.parametrize(
    ("data", "reference"),
    [
        ("chats:3", "azureml:chats:3"),
        ("azureml:chats:3", "azureml:chats:3"),
        ("chats@latest", "azureml:chats@latest"),
        ("azureml://datastores/a/paths/b.jsonl", "azureml://datastores/a/paths/b.jsonl"),
        ("/subscriptions/s/data/train/versions/3", "azureml:/subscriptions/s/data/train/versions/3"),
    ],
)
def test_data_in_azure_keeps_its_name(data: str, reference: str) -> None:
    assert az_reference(data) == reference
    file = JobFile(model="Phi-4-mini-instruct", training_data=data, compute="gpus")
    for target, path in ((AzureMlCli(), "job.yaml"), (AzureMlPipeline(), "pipeline.yaml")):
        export = target.export(export_job_of(file, target=target.name))
        assert reference in str(read(export, path))
        assert not any(each.path.startswith("data/") for each in export.files)


def test_a_pipeline_writes_what_its_component_would_not_choose(tmp_path: Path) -> None:
    export = AzureMlPipeline().export(job(tmp_path, target="azureml-pipeline"))
    given = inputs(export)
    assert (given["apply_lora"], given["precision"], given["compute_finetune"]) == ("true", "16", "serverless")
    assert {each.target_key for each in export.translations if each.kind == "default"} >= {
        "jobs.finetune.inputs.apply_lora",
        "jobs.finetune.inputs.precision",
    }


def test_the_pipelines_job_file_is_read_as_a_pipeline(tmp_path: Path) -> None:
    exported = job(tmp_path, target="azureml-pipeline", name="shop", hyperparameters=EVERY_HYPERPARAMETER)
    export = AzureMlPipeline().export(exported)
    back = JobFile.read(saved(export, tmp_path / "out") / "job.yaml")
    spec = back.spec()
    assert back.is_pipeline
    assert back.hyperparameters["lora_r"] == EVERY_HYPERPARAMETER["lora_r"]
    assert spec.name == "shop"


def test_every_hyperparameter_is_an_input_of_the_component(tmp_path: Path) -> None:
    exported = job(tmp_path, target="azureml-pipeline", hyperparameters=EVERY_HYPERPARAMETER, compute="gpus")
    export = AzureMlPipeline().export(exported)
    given = inputs(export)
    assert given.keys() >= EVERY_HYPERPARAMETER.keys()
    assert (given["deepspeed_stage"], given["apply_deepspeed"]) == ("2", "true")
    assert (given["compute_finetune"], given["compute_preprocess"]) == ("gpus", "gpus")
    assert {kinds(export)[f"hyperparameters.{name}"] for name in EVERY_HYPERPARAMETER} == {"same"}


def test_a_pipelines_own_inputs_are_kept(tmp_path: Path) -> None:
    exported = job(
        tmp_path,
        target="azureml-pipeline",
        kind="pipeline",
        component="chat_completion_pipeline:0.0.82",
        inputs={"merge_lora_weights": "false", "deepspeed": "azureml:zero:2"},
        instance_types=("Standard_NC48ads_A100_v4",),
    )
    export = AzureMlPipeline().export(exported)
    node = read(export, "pipeline.yaml")["jobs"]["finetune"]
    assert node["component"].endswith("/chat_completion_pipeline/versions/0.0.82")
    assert node["inputs"]["deepspeed"] == {"type": "uri_file", "path": "azureml:zero:2"}
    assert (node["inputs"]["merge_lora_weights"], node["inputs"]["number_of_gpu_to_use_finetuning"]) == ("false", 2)
    assert "apply_lora" not in node["inputs"]


def test_the_pipelines_size_has_the_memory(tmp_path: Path) -> None:
    small = AzureMlPipeline().export(job(tmp_path, target="azureml-pipeline"))
    assert inputs(small)["instance_type_finetune"] == "Standard_NV36ads_A10_v5"
    whole = job(tmp_path, target="azureml-pipeline", options=ExportOptions(method="full", sharing="zero3"))
    export = AzureMlPipeline().export(whole)
    assert export.expected is not None
    assert inputs(export)["deepspeed_stage"] == "3"
    assert (inputs(export)["apply_lora"], "lora_r" in inputs(export)) == ("false", False)


def test_a_size_that_may_be_too_small_is_a_warning(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"model": "Phi-3-medium-4k-instruct", "instance_types": ("Standard_NV36ads_A10_v5",)}
    export = AzureMlPipeline().export(job(tmp_path, target="azureml-pipeline", **keys))
    assert "it may run out of memory" in export.warnings[0]


@pytest.mark.parametrize("options", [ExportOptions(sharing="fsdp"), ExportOptions(sharing="zero3", offload=True)])
def test_sharing_that_the_component_lacks_is_refused(tmp_path: Path, options: ExportOptions) -> None:
    with pytest.raises(NotExportable, match="stages 2 and 3"):
        AzureMlPipeline().export(job(tmp_path, target="azureml-pipeline", options=options))


def test_text_rows_say_what_their_columns_are_called(tmp_path: Path) -> None:
    rows = [{"ask": f"number {n}", "say": f"answer {n}"} for n in range(12)]
    export = AzureMlPipeline().export(job(tmp_path, target="azureml-pipeline", rows=rows, task="text"))
    given = inputs(export)
    assert (given["text_key"], given["ground_truth_key"]) == ("prompt", "completion")
    assert "text_generation_pipeline" in read(export, "pipeline.yaml")["jobs"]["finetune"]["component"]


def test_az_exports_a_pipeline_as_one(tmp_path: Path) -> None:
    export = AzureMlCli().export(job(tmp_path, target="azureml-cli", kind="pipeline", compute="gpus"))
    assert read(export, "pipeline.yaml")["type"] == "pipeline"
