"""Exports for Olive: they train on a CPU, and the ONNX model answers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Exported = Callable[..., tuple[Path, Any]]
Run = Callable[..., str]


def olive_run(run: Run, folder: Path, command: str) -> None:
    """Run Olive, which ends with 0 even if a pass has failed."""
    log = run(folder, command)
    assert "Saved output model to" in log, log[-4000:]
    assert "is not a field of transformers.TrainingArguments" not in log


def test_olive_trains_and_its_onnx_model_answers(exported: Exported, run: Run) -> None:
    folder, export = exported("olive")
    olive_run(run, folder, export.commands[1])
    assert _adapter(folder / "checkpoints")["r"] == 16
    assert math.isfinite(_losses(folder / "checkpoints")[-1])
    assert run(folder, "python answer.py --tokens 8 When are you open").strip()


@pytest.mark.parametrize("method", ["dora", "qlora"])
def test_olive_trains_with_other_adapters(exported: Exported, run: Run, method: str) -> None:
    folder, export = exported("olive", method)
    olive_run(run, folder, export.commands[1])
    adapter = _adapter(folder / "checkpoints")
    assert adapter["use_dora"] is (method == "dora")
    assert {name.rpartition(".")[2] for name in adapter["target_modules"]} == {
        "qkv_proj",
        "o_proj",
        "gate_up_proj",
        "down_proj",
    }
    assert math.isfinite(_losses(folder / "checkpoints")[-1])
    assert run(folder, "python answer.py --tokens 8 When are you open").strip()


def test_the_commands_of_olive_do_the_job_as_well(exported: Exported, run: Run) -> None:
    folder, _ = exported("olive")
    run(folder, "sh olive-commands.sh")
    assert (folder / "adapter-by-command" / "adapter" / "adapter_model.safetensors").exists()
    assert (folder / "onnx-by-command" / "genai_config.json").exists()


def test_the_toolkits_project_trains_and_answers(exported: Exported, run: Run) -> None:
    folder, export = exported("ai-toolkit")
    container: Mapping[str, Any] = json.loads((folder / "infra" / "finetuning.config.json").read_text("utf-8"))
    assert container["COMMANDS"] == ["cd /mount", *export.commands]
    olive_run(run, folder, container["COMMANDS"][-1])
    assert math.isfinite(_losses(folder / "models" / "checkpoints")[-1])
    assert run(folder, "python inference/answer.py --model models/onnx --tokens 8 When are you open").strip()


def _adapter(checkpoints: Path) -> Mapping[str, Any]:
    """Return the configuration of the last checkpoint's adapter, whose weights are there."""
    last = _last(checkpoints)
    assert (last / "adapter_model.safetensors").stat().st_size > 10_000
    found: Mapping[str, Any] = json.loads((last / "adapter_config.json").read_text("utf-8"))
    return found


def _losses(checkpoints: Path) -> list[float]:
    state = json.loads((_last(checkpoints) / "trainer_state.json").read_text("utf-8"))
    assert state["global_step"] == state["max_steps"]
    return [entry[name] for entry in state["log_history"] for name in ("loss", "eval_loss") if name in entry]


def _last(checkpoints: Path) -> Path:
    return max(checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
