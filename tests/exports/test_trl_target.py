"""What the export for TRL writes of methods, several GPUs and rows, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import ExportJob, ExportOptions
from maas_client.exports.exporting import exported_by
from maas_client.exports.target import Exported
from maas_client.exports.targets import find_target
from maas_client.gpu_estimates.training_way import Method
from tests.exports.jobs import conversation, conversations, job


def exported(one: ExportJob) -> Exported:
    """Export a job for TRL."""
    return exported_by(find_target("trl"), one)


def document(files: Exported, path: str) -> dict[str, Any]:
    """Return the content of an exported YAML file."""
    content: dict[str, Any] = yaml.safe_load(b"".join(next(file for file in files.files if file.path == path).parts()))
    return content


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("lora", {"use_peft": True}),
        ("dora", {"use_peft": True, "use_dora": True}),
        ("qlora", {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "use_bnb_nested_quant": True}),
        ("qdora", {"load_in_4bit": True, "use_dora": True}),
    ],
)
def test_a_method_is_written_in_keys_of_peft(method: Method, keys: dict[str, Any], tmp_path: Path) -> None:
    config = document(exported(job(tmp_path, options=ExportOptions(method=method))), "trl.yaml")
    assert config | keys == config
    assert config["lora_target_modules"] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]


def test_full_fine_tuning_has_no_keys_of_adapters(tmp_path: Path) -> None:
    result = exported(job(tmp_path, hyperparameters={"apply_lora": False}))
    assert [key for key in document(result, "trl.yaml") if key.startswith(("lora", "use_"))] == []


def test_phi_3_medium_on_two_gpus_shares_by_fsdp(tmp_path: Path) -> None:
    options = ExportOptions(gpus=2, sharing="fsdp")
    result = exported(job(tmp_path, model="Phi-3-medium-4k-instruct", options=options))
    launch = document(result, "accelerate-fsdp.yaml")
    assert launch["num_processes"] == 2
    assert launch["fsdp_config"]["fsdp_transformer_layer_cls_to_wrap"] == "Phi3DecoderLayer"
    assert result.commands[1] == "accelerate launch --config_file accelerate-fsdp.yaml train.py --config trl.yaml"


def test_the_stage_of_a_job_is_used_with_several_gpus(tmp_path: Path) -> None:
    said = {"apply_deepspeed": True, "deepspeed_stage": 2}
    two = exported(job(tmp_path, options=ExportOptions(gpus=2), hyperparameters=said))
    assert document(two, "accelerate-zero2.yaml")["deepspeed_config"]["zero_stage"] == 2
    one = exported(job(tmp_path, hyperparameters=said))
    assert {each.kind for each in one.translations if "deepspeed" in each.key} == {"left out"}


def test_weights_of_4_bits_are_packed_where_they_are_shared(tmp_path: Path) -> None:
    options = ExportOptions(method="qlora", gpus=2, sharing="fsdp")
    result = exported(job(tmp_path, options=options))
    assert document(result, "trl.yaml")["bnb_4bit_quant_storage"] == "bfloat16"
    assert document(result, "accelerate-fsdp.yaml")["fsdp_config"]["fsdp_cpu_ram_efficient_loading"] is False


def test_a_model_folder_replaces_the_id_on_the_hub(tmp_path: Path) -> None:
    config = document(exported(job(tmp_path, options=ExportOptions(model_path="/models/phi"))), "trl.yaml")
    assert config["model_name_or_path"] == "/models/phi"


def test_text_rows_are_trained_on_their_completions(tmp_path: Path) -> None:
    rows = [{"text": f"{n} and one is", "ground_truth": f" {n + 1}"} for n in range(12)]
    result = exported(job(tmp_path, rows=rows))
    config = document(result, "trl.yaml")
    assert config["completion_only_loss"] is True
    assert "assistant_only_loss" not in config
    data = next(file for file in result.files if file.path == "data/train.jsonl")
    assert json.loads(next(data.parts())) == {"prompt": "0 and one is", "completion": " 1"}


def test_what_differs_in_the_rows_is_a_warning(tmp_path: Path) -> None:
    rows: list[Mapping[str, Any]] = [
        *conversations(9),
        conversation(("system", "Be brief."), ("user", "Hello"), ("assistant", "  Hi")),
        {"messages": []},
    ]
    result = exported(job(tmp_path, model="Phi-3-medium-4k-instruct", rows=rows, hyperparameters={"max_seq_length": 8}))
    whole = " ".join(result.warnings)
    for part in ("longer than 8 tokens", "1 of 11 lines are left out", "no system role", "white space at the start"):
        assert part in whole
    last = json.loads(list(next(file for file in result.files if file.path == "data/train.jsonl").parts())[-1])
    assert last["messages"][0] == {"role": "user", "content": "Be brief.\n\nHello"}
    assert last["messages"][1]["content"] == "Hi"


def test_full_fine_tuning_with_a_rate_of_adapters_is_a_warning(tmp_path: Path) -> None:
    full = ExportOptions(method="full")
    wrong = exported(job(tmp_path, options=full, hyperparameters={"learning_rate": 2e-4}))
    assert any("a rate for adapters" in warning for warning in wrong.warnings)
    low = exported(job(tmp_path, hyperparameters={"learning_rate": 1e-5}))
    assert any("a rate for full fine-tuning" in warning for warning in low.warnings)


def test_a_model_that_transformers_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="not in transformers 5"):
        exported(job(tmp_path, model="Phi-3-small-8k-instruct"))


def test_experts_are_not_trained_in_4_bits(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="choose --method lora"):
        exported(job(tmp_path, model="Phi-3.5-MoE-instruct", options=ExportOptions(method="qlora")))


def test_gpus_that_share_nothing_look_for_no_unused_adapters(tmp_path: Path) -> None:
    config = document(exported(job(tmp_path, options=ExportOptions(gpus=2))), "trl.yaml")
    assert config["ddp_find_unused_parameters"] is False


@pytest.mark.parametrize("target", ["trl", "axolotl", "olive"])
def test_experts_without_adapters_are_warned_of(target: str, tmp_path: Path) -> None:
    said = exported_by(find_target(target), job(tmp_path, target=target, model="Phi-3.5-MoE-instruct"))
    assert any("only the attention is trained" in warning for warning in said.warnings)
    assert said.expected is not None
    assert said.expected.trained == 13_631_488
