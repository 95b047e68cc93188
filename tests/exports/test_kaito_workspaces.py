"""Exports for KAITO: its objects are valid, its settings are whole, and its sizes have the memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from maas_client import export_job
from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import ExportOptions
from maas_client.exports.hub_models import hub_models
from maas_client.exports.kaito.config import SECTIONS
from maas_client.exports.kaito.kaito_target import Kaito
from maas_client.exports.kaito.sizes import SIZES, smallest_size, tuning_sizes
from maas_client.exports.target import Exported
from tests.exports.jobs import EXAMPLE, conversations, job

SCHEMA = Path(__file__).with_name("kaito_workspace.schema.json")
TUNED = [name for name, model in hub_models().items() if model.preset]


def mistakes(workspace: object) -> list[str]:
    """Return how a Workspace differs from what KAITO takes."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    validator: Any = pytest.importorskip("jsonschema").Draft202012Validator(schema)  # Any: it has no types
    return [error.message for error in validator.iter_errors(workspace)]


def exported(folder: Path, *, name: str = "shop", options: ExportOptions | None = None, **keys: Any) -> Exported:
    return Kaito().export(job(folder, target="kaito", name=name, options=options, **keys))


def documents(export: Exported, path: str = "kaito.yaml") -> Mapping[str, Any]:
    """Return the objects of a file by their kind."""
    [content] = [file.content for file in export.files if file.path == path]
    return {each["kind"]: each for each in yaml.safe_load_all(str(content))}


def settings(export: Exported) -> Mapping[str, Any]:
    """Return the sections of the training's settings."""
    text = documents(export)["ConfigMap"]["data"]["training_config.yaml"]
    return yaml.safe_load(text)["training_config"]  # type: ignore[no-any-return]  # YAML has no types


@pytest.mark.parametrize("model", TUNED)
@pytest.mark.parametrize("method", ["lora", "qlora", "dora"])
def test_every_preset_makes_valid_workspaces(tmp_path: Path, model: str, method: Any) -> None:
    export = exported(tmp_path, model=model, options=ExportOptions(method=method))
    train, serve = documents(export)["Workspace"], documents(export, "kaito-inference.yaml")["Workspace"]
    assert mistakes(train) == [] == mistakes(serve)
    assert train["tuning"]["method"] == ("qlora" if method == "qlora" else "lora")
    assert train["tuning"]["config"] == documents(export)["ConfigMap"]["metadata"]["name"]


def test_the_schema_refuses_wrong_workspaces(tmp_path: Path) -> None:
    right = documents(exported(tmp_path))["Workspace"]
    tuning = right["tuning"]
    wrong: list[Mapping[str, Any]] = [
        {**right, "spec": {}},
        {**right, "apiVersion": "kaito.sh/v1alpha1"},
        {**right, "metadata": {"name": "Shop_1"}},
        {**right, "resource": {"instanceType": "Standard_NC24ads_A100_v4"}},
        {**right, "inference": {"preset": {"name": "phi-4"}}},
        {**right, "tuning": {**tuning, "method": "full"}},
        {**right, "tuning": {**tuning, "preset": {"name": "phi-3-small-8k-instruct"}}},
        {**right, "tuning": {**tuning, "input": {"volume": {"emptyDir": {}}}}},
        {**right, "tuning": {**tuning, "input": {"urls": ["http://localhost/train.jsonl"]}}},
        {**right, "tuning": {**tuning, "input": {**tuning["input"], "image": "data:1"}}},
        {**right, "tuning": {**tuning, "output": {"image": "adapter:1"}}},
    ]
    assert [each for each in wrong if not mistakes(each)] == []


def test_a_workspace_that_kaito_takes_is_valid(shared: Path) -> None:
    samples = shared / "planning" / "samples"
    for name in ("kaito.yaml", "kaito-inference.yaml"):
        text = (samples / name).read_text("utf-8").replace("REGISTRY-SECRET", "registry")
        found = yaml.safe_load_all(text)
        assert [mistakes(each) for each in found if each["kind"] == "Workspace"] == [[]]


def test_every_section_is_written_and_no_row_is_withheld(tmp_path: Path) -> None:
    sections = settings(exported(tmp_path, options=ExportOptions(method="qlora")))
    assert tuple(sections) == SECTIONS
    assert sections["DatasetConfig"]["train_test_split"] == 1
    assert sections["QuantizationConfig"]["load_in_4bit"] is True
    assert sections["TrainingArguments"]["save_strategy"] == "no"
    assert sections["LoraConfig"]["target_modules"] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]


def test_rows_of_a_step_are_accumulated_one_by_one(tmp_path: Path) -> None:
    sections = settings(
        exported(tmp_path, hyperparameters={"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2})
    )
    arguments = sections["TrainingArguments"]
    assert (arguments["per_device_train_batch_size"], arguments["gradient_accumulation_steps"]) == (1, 8)


def test_dora_is_a_switch_of_lora(tmp_path: Path) -> None:
    assert settings(exported(tmp_path, options=ExportOptions(method="dora")))["LoraConfig"]["use_dora"] is True
    assert "use_dora" not in settings(exported(tmp_path))["LoraConfig"]


def test_small_data_is_a_config_map_and_large_data_a_claim(tmp_path: Path) -> None:
    small = exported(tmp_path)
    assert small.commands[0] == "kubectl create configmap shop-data --from-file=data/train.jsonl"
    large = exported(tmp_path, rows=conversations(40, "word " * 6000))
    claim = documents(large, "kaito-data.yaml")["PersistentVolumeClaim"]
    source = documents(large)["Workspace"]["tuning"]["input"]["volumeSource"]
    assert source == {"persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}}
    assert "kubectl cp data/train.jsonl shop-loader:/data/train.jsonl" in large.commands[0]
    assert mistakes(documents(large)["Workspace"]) == []


def test_an_adapter_is_kept_on_a_claim_or_pushed_as_an_image(tmp_path: Path) -> None:
    kept = documents(exported(tmp_path))
    claim = {"persistentVolumeClaim": {"claimName": kept["PersistentVolumeClaim"]["metadata"]["name"]}}
    assert kept["Workspace"]["tuning"]["output"] == {"volumeSource": claim}
    export = exported(tmp_path, options=ExportOptions(image="shop.azurecr.io/adapter:1"))
    pushed = documents(export)["Workspace"]
    assert pushed["tuning"]["output"] == {"image": "shop.azurecr.io/adapter:1", "imagePushSecret": "shop-registry"}
    served = documents(export, "kaito-inference.yaml")["Workspace"]
    assert mistakes(pushed) == [] == mistakes(served)
    assert any("kubectl create secret docker-registry shop-registry" in note for note in export.notes)


def test_the_smallest_size_with_the_memory_is_chosen(tmp_path: Path) -> None:
    mini = exported(tmp_path, options=ExportOptions(method="qlora"))
    assert documents(mini)["Workspace"]["resource"]["instanceType"] == "Standard_NV36ads_A10_v5"
    medium = exported(tmp_path, model="Phi-3-medium-4k-instruct")
    assert documents(medium)["Workspace"]["resource"]["instanceType"] == "Standard_NC24ads_A100_v4"
    assert mini.expected is not None
    assert mini.expected.fits(22)


def test_nodes_of_ones_own_need_no_size(tmp_path: Path) -> None:
    export = exported(tmp_path, options=ExportOptions(own_nodes=True))
    workspace = documents(export)["Workspace"]
    assert "instanceType" not in workspace["resource"]
    assert mistakes(workspace) == []
    assert any("kubectl label node NODE app=shop" in note for note in export.notes)


def test_the_options_of_kaito_reach_it(tmp_path: Path) -> None:
    export = export_job(EXAMPLE, "kaito", to=tmp_path / "out", own_nodes=True, image="shop.azurecr.io/adapter:1")
    documents_there = yaml.safe_load_all((tmp_path / "out" / "kaito.yaml").read_text("utf-8"))
    [workspace] = [each for each in documents_there if each["kind"] == "Workspace"]
    assert "instanceType" not in workspace["resource"]
    assert workspace["tuning"]["output"]["image"] == "shop.azurecr.io/adapter:1"
    assert export.commands[1] == "kubectl apply -f kaito.yaml"


def test_a_size_that_is_too_small_is_refused_with_one_that_fits(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="choose Standard_NC24ads_A100_v4"):
        exported(tmp_path, model="Phi-3-medium-4k-instruct", instance_types=("Standard_NV36ads_A10_v5",))


@pytest.mark.parametrize("size", ["Standard_NC4as_T4_v3", "Standard_NC6s_v3", "Standard_D2_v2"])
def test_a_size_that_kaito_does_not_tune_on_is_refused(tmp_path: Path, size: str) -> None:
    with pytest.raises(NotExportable, match=f"KAITO does not tune on {size}"):
        exported(tmp_path, instance_types=(size,))


@pytest.mark.parametrize("model", ["Phi-3-small-8k-instruct", "Phi-3.5-MoE-instruct"])
def test_a_model_without_a_preset_is_refused(tmp_path: Path, model: str) -> None:
    with pytest.raises(NotExportable, match="no preset"):
        exported(tmp_path, model=model)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (ExportOptions(method="full"), "adapters only"),
        (ExportOptions(sharing="zero3"), "not the model"),
        (ExportOptions(offload=True), "not the model"),
    ],
)
def test_what_kaito_cannot_do_is_refused(tmp_path: Path, options: ExportOptions, why: str) -> None:
    with pytest.raises(NotExportable, match=why):
        exported(tmp_path, options=options)


@pytest.mark.parametrize("name", ["Shop", "shop_1", "-shop", "s" * 58])
def test_a_name_that_kubernetes_does_not_take_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotExportable, match="--set name=NAME"):
        exported(tmp_path, name=name)


def test_several_gpus_say_how_many_rows_are_a_step(tmp_path: Path) -> None:
    export = exported(tmp_path, options=ExportOptions(gpus=2), hyperparameters={"per_device_train_batch_size": 3})
    assert documents(export)["Workspace"]["resource"]["instanceType"] == "Standard_NV72ads_A10_v5"
    assert "2 GPUs train 6 rows a step together, and 2 steps are an epoch" in export.warnings


def test_every_size_is_known_and_a_larger_one_comes_later() -> None:
    sizes = tuning_sizes()
    assert {size.name for size in sizes} == set(SIZES)
    assert [size.gpus for size in sizes] == sorted(size.gpus for size in sizes)
    assert smallest_size(22).name == "Standard_NV36ads_A10_v5"  # type: ignore[union-attr]  # there is one
    assert smallest_size(1000) is None
