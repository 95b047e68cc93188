"""Exports for TRL with PEFT: they train on a CPU."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Exported = Callable[..., tuple[Path, Any]]
Run = Callable[..., str]

ON_A_CPU = "--use_cpu true"
"""The setting that transformers' Trainer needs to train in bfloat16 on a CPU."""


@pytest.mark.parametrize("method", ["lora", "dora", "qlora"])
def test_trl_trains_an_adapter(exported: Exported, run: Run, method: str) -> None:
    folder, export = exported("trl", method)
    run(folder, f"{export.commands[1]} {ON_A_CPU}")
    figures = json.loads((folder / "out" / "figures.json").read_text("utf-8"))
    adapter = json.loads((folder / "out" / "adapter_config.json").read_text("utf-8"))
    assert math.isfinite(figures["loss"])
    assert figures["steps"] == 13
    assert adapter["use_dora"] is (method == "dora")
    assert set(adapter["target_modules"]) == {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}
    assert (folder / "out" / "adapter_model.safetensors").stat().st_size > 10_000


def test_trl_trains_all_parameters(exported: Exported, run: Run) -> None:
    folder, export = exported("trl", "full")
    run(folder, f"{export.commands[1]} {ON_A_CPU}")
    assert math.isfinite(json.loads((folder / "out" / "figures.json").read_text("utf-8"))["loss"])
    assert (folder / "out" / "model.safetensors").exists()


def test_trls_own_command_takes_the_configuration(exported: Exported, run: Run) -> None:
    folder, _ = exported("trl")
    run(folder, f"trl sft --config trl.yaml {ON_A_CPU} --max_steps 1")
    assert (folder / "out" / "adapter_config.json").exists()


READ_BY_ACCELERATE = """
import sys
from accelerate.commands.config.config_args import load_config_from_file
for path in sys.argv[1:]:
    found = load_config_from_file(path)
    print(path, found.distributed_type.value, found.num_processes)
"""


def test_accelerate_reads_how_gpus_share(exported: Exported, run: Run) -> None:
    for sharing in ("ddp", "zero2", "zero3", "fsdp"):
        folder, _ = exported("trl", gpus=2, sharing=sharing)
    (folder / "read.py").write_text(READ_BY_ACCELERATE, "utf-8")
    assert run(folder, "python read.py accelerate-*.yaml").splitlines()[-4:] == [
        "accelerate-ddp.yaml MULTI_GPU 2",
        "accelerate-fsdp.yaml FSDP 2",
        "accelerate-zero2.yaml DEEPSPEED 2",
        "accelerate-zero3.yaml DEEPSPEED 2",
    ]
