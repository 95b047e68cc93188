"""Every key that an export writes is one that the tool has, by lists of the keys in the versions that it was made for.

`documented_keys.json` was read from the packages: the fields of trl's, accelerate's, axolotl's and DeepSpeed's own
classes. axolotl ignores a key that it does not know, so that no other test would notice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from maas_client.exports.export_job import ExportOptions
from maas_client.exports.exporting import exported_by
from maas_client.exports.targets import find_target
from maas_client.gpu_estimates.training_way import Method, Sharing
from tests.exports.jobs import EVERY_HYPERPARAMETER, conversations, job, written

KEYS: Mapping[str, Any] = json.loads((Path(__file__).parent / "documented_keys.json").read_text("utf-8"))

AZD: Mapping[str, set[str]] = {
    "job": {
        *("name", "model", "training_file", "validation_file", "suffix", "seed", "metadata", "method"),
        *("integrations", "extra_body"),
    },
    "hyperparameters": {
        *("epochs", "batch_size", "learning_rate_multiplier", "prompt_loss_weight", "beta", "compute_multiplier"),
        *("reasoning_effort", "eval_interval", "eval_samples"),
    },
}
"""azd's extension azure.ai.finetune 0.0.14-preview, `pkg/models/finetune.go`; `name` is in its own samples."""

PEFT = {"r", "lora_alpha", "lora_dropout", "target_modules", "use_dora"}
"""Fields of peft's LoraConfig from 0.9 on (KAITO's image has 0.11.1)."""

METHODS: tuple[Method, ...] = ("full", "lora", "qlora", "dora", "qdora")
SHARINGS: tuple[Sharing | None, ...] = (None, "ddp", "zero1", "zero2", "zero3", "fsdp")


def exported_files(target: str, folder: Path, options: ExportOptions) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of four exports, of chat and text, by their paths."""
    chat = conversations(12)
    nothing: Mapping[str, Any] = {}
    text = [{"prompt": f"{n} and one is", "completion": f" {n + 1}"} for n in range(12)]
    for rows in (chat, text):
        for hyperparameters in (nothing, EVERY_HYPERPARAMETER):
            validation = str(written(folder, rows, "validation.jsonl"))
            one = job(
                folder,
                rows=rows,
                target=target,
                options=options,
                hyperparameters=hyperparameters,
                validation_data=validation,
            )
            files = exported_by(find_target(target), one).files
            texts = {file.path: b"".join(file.parts()).decode() for file in files}
            yield {path: yaml.safe_load(text) for path, text in texts.items() if path.endswith((".yaml", ".json"))}


def each_option() -> Iterator[ExportOptions]:
    """Yield every method with every way to share."""
    for method in METHODS:
        for sharing in SHARINGS:
            gpus = 1 if sharing is None else 2
            yield ExportOptions(method=method, sharing=sharing, gpus=gpus, like_hosted=method == "lora")
    yield ExportOptions(method="full", sharing="zero3", gpus=2, offload=True)
    yield ExportOptions(method="full", sharing="zero2", offload=True)
    yield ExportOptions(method="lora", sharing="fsdp", gpus=2, offload=True)


@pytest.mark.parametrize("options", list(each_option()), ids=lambda each: f"{each.method}-{each.sharing}")
def test_trl_has_every_key_of_its_files(options: ExportOptions, tmp_path: Path) -> None:
    for files in exported_files("trl", tmp_path, options):
        assert {*files["trl.yaml"]} <= {*KEYS["trl"]["keys"]}
        launch = next((document for path, document in files.items() if path.startswith("accelerate")), None)
        assert (launch is None) == (options.sharing is None)
        if launch is not None:
            assert {*launch} <= {*KEYS["accelerate"]["keys"]}
            for part in ("fsdp_config", "deepspeed_config"):
                assert {*launch.get(part, {})} <= {*KEYS["accelerate"][part]}


@pytest.mark.parametrize("options", list(each_option()), ids=lambda each: f"{each.method}-{each.sharing}")
def test_axolotl_has_every_key_of_its_files(options: ExportOptions, tmp_path: Path) -> None:
    for files in exported_files("axolotl", tmp_path, options):
        config, known = files["axolotl.yaml"], KEYS["axolotl"]
        assert {*config} <= {*known["keys"]}
        assert {*config.get("fsdp_config", {})} <= {*known["fsdp_config"]}
        for data in [*config["datasets"], *config["test_datasets"]]:
            assert {*data} <= {*known["datasets"]}
            assert data["type"] == "chat_template" or {*data["type"]} <= {*known["type"]}
        for name in filter(None, [config.get("deepspeed")]):
            assert {*files[name]} <= {*KEYS["deepspeed"]["keys"]}
            zero = files[name]["zero_optimization"]
            assert {*zero} <= {*KEYS["deepspeed"]["zero_optimization"]}
            for part in (zero.get("offload_optimizer", {}), zero.get("offload_param", {})):
                assert {*part} <= {*KEYS["deepspeed"]["offload"]}


@pytest.mark.parametrize("method", ["lora", "qlora", "dora", "qdora"])
def test_kaito_has_every_key_of_its_settings(method: Method, tmp_path: Path) -> None:
    cases: tuple[Mapping[str, Any], ...] = ({}, EVERY_HYPERPARAMETER)
    for hyperparameters in cases:
        options = ExportOptions(method=method, like_hosted=method == "lora")
        one = job(tmp_path, target="kaito", name="shop", options=options, hyperparameters=hyperparameters)
        [content] = [file.content for file in find_target("kaito").export(one).files if file.path == "kaito.yaml"]
        settings = next(yaml.safe_load_all(str(content)))["data"]["training_config.yaml"]
        sections = yaml.safe_load(settings)["training_config"]
        assert {*sections["TrainingArguments"]} <= {*KEYS["trl"]["keys"]}
        assert {*sections["LoraConfig"]} <= PEFT


@pytest.mark.parametrize("method", ["supervised", "dpo", "reinforcement"])
def test_azd_has_every_key_of_its_file(method: Any, tmp_path: Path) -> None:
    chosen: dict[str, Any] = {"n_epochs": 2, "batch_size": 8, "learning_rate_multiplier": 0.5, "beta": 0.1}
    chosen |= {"compute_multiplier": 2, "eval_interval": 5, "eval_samples": 2, "reasoning_effort": "low"}
    grader = {"type": "string_check", "name": "same", "operation": "eq", "input": "a", "reference": "b"}
    one = job(
        tmp_path,
        model="gpt-4.1-mini",
        target="foundry",
        method=method,
        grader=grader if method == "reinforcement" else None,
        hyperparameters=chosen,
        tags={"team": "shop"},
        suffix="shop",
        seed=7,
        training_tier="Standard",
        integrations=({"type": "wandb", "wandb": {"project": "shop"}},),
    )
    document = yaml.safe_load(str(exported_by(find_target("foundry"), one).files[1].content))
    assert {*document} <= AZD["job"]
    assert document["method"].keys() == {"type", method}
    assert {*document["method"][method]["hyperparameters"]} <= AZD["hyperparameters"]
