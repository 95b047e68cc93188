"""The page on trainings that were measured on a GPU, beside what the estimates say of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maas_client.planning import estimate_memory, estimate_step_time

FOLDER = Path(__file__).parents[1] / "measured"
VERSIONS = ("torch", "transformers", "trl", "peft", "bitsandbytes")
SHARINGS = {"ddp": "DDP", "zero2": "FSDP2 as stage 2", "zero3": "FSDP2 as stage 3"}
HEADINGS = ("model", "method", "rows", "GiB measured", "estimated", "step measured", "estimated")
NOTES = {
    "rank": "rank {}",
    "accumulation": "{} passes",
    "targets": "adapters to {}",
    "adapter_weights": "adapters in {}",
    "adapter_dropout": "dropout {}",
    "loss": "{} loss",
    "weights": "weights in {}",
    "optimizer": "{}",
    "casts_to_float32": "the rest cast to float32",
    "sharing": "{}",
}


def page() -> str:
    """Return the page."""
    introduction = (
        "Trainings that were run on a GPU, beside what the estimates say of them. The peak is what PyTorch has "
        "allocated at most. How it is estimated: [GPU memory and time](memory.md)."
    )
    parts = [
        "# Measured beside estimated",
        introduction,
        "## Exports for TRL",
        *_part("trl-exports.json"),
        "## Shapes and switches",
        *_part("one-h200.json"),
        "## Two GPUs",
        *_part("two-h200.json"),
    ]
    return "\n\n".join(parts) + "\n"


def _part(name: str) -> Iterator[str]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text("utf-8"))
    versions = ", ".join(f"{key} {content[key]}" for key in VERSIONS if key in content)
    gpus = max(run["way"].get("gpus", 1) for run in content["runs"])
    on = f"one {content['gpu']}" if gpus == 1 else f"{gpus} {content['gpu']}, GiB of each,"
    yield f"Measured on {on} on {content['date']}, with {versions}. {content['about']}"
    yield "\n".join(_table(content["runs"], content["gpu"]))


def _table(runs: list[dict[str, Any]], gpu: str) -> Iterator[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"|{'---|' * len(HEADINGS)}"
    for run in runs:
        way: dict[str, Any] = dict(run["way"])
        memory = estimate_memory(model=run["model"], **way)
        step = estimate_step_time(model=run["model"], gpu=gpu, **way)
        cells = (
            run["model"],
            _method(way),
            _rows(way),
            f"{run['peak_gib']:.2f}",
            f"{memory.peak_gib:.2f}",
            f"{run['step_ms']:,.0f} ms",
            f"{1000 * step.seconds:,.0f} ms",
        )
        yield f"| {' | '.join(cells)} |"


def _method(way: Mapping[str, Any]) -> str:
    names = {"lora": "LoRA", "qlora": "QLoRA", "dora": "DoRA", "qdora": "QDoRA", "full": "full"}
    said = [names[way["method"]]]
    for key, note in NOTES.items():
        if key in way:
            value = ", ".join(way[key]) if key == "targets" else SHARINGS.get(way[key], way[key])
            said.append(note.format(value))
    return ", ".join(said)


def _rows(way: Mapping[str, Any]) -> str:
    kept = "" if way["gradient_checkpointing"] else ", all activations kept"
    return f"{way['batch_size']} × {way['sequence_length']:,} tokens{kept}"
