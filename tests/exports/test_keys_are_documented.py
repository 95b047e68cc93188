"""Every key that an export writes is one that the tool has, by lists of the keys in the versions that it was made for.

`documented_keys.json` was read from the packages: the fields of trl's, accelerate's, axolotl's and DeepSpeed's own
classes. axolotl ignores a key that it does not know, so that nothing else would tell.
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
