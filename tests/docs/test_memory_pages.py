"""The pages on GPU memory: their numbers are the estimate's, and every measured run is on the generated page."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from maas_client.planning import estimate_memory

ROOT = Path(__file__).parents[2]
GUIDE, COMPUTE = (ROOT / "docs" / "site" / f"{name}.md" for name in ("memory", "own-compute"))
LONG: dict[str, Any] = {"sequence_length": 8192}
WAYS: list[dict[str, Any]] = [
    {"method": "full", "weights": "mixed", "sharing": "zero3", "gpus": 8},
    {"method": "full"},
    {},
    {"method": "dora"},
    {"method": "qlora"},
    {"loss": "chunked"},
    LONG,
]
"""The columns of the guide's table."""

NAMES = {
    "Phi-3-mini, Phi-3.5-mini": "Phi-3-mini-4k-instruct",
    "Phi-4-mini": "Phi-4-mini-instruct",
    "Phi-3-small": "Phi-3-small-8k-instruct",
    "Phi-3-medium": "Phi-3-medium-4k-instruct",
    "Phi-4": "Phi-4",
    "Phi-3.5-MoE": "Phi-3.5-MoE-instruct",
}
"""Models of the page on own compute."""


def rows(page: Path) -> dict[str, list[str]]:
    """Return the cells of all tables by their first one."""
    lines = [line.strip("|").split("|") for line in page.read_text("utf-8").splitlines() if line.startswith("| ")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def to_have(model: str, way: dict[str, Any]) -> float:
    """Return the GiB that a GPU must have."""
    return estimate_memory(model=model, **way).card_gib


@pytest.mark.parametrize(
    "model", ["Phi-3-mini-4k-instruct", "Phi-4-mini-instruct", "Phi-3-medium-4k-instruct", "Phi-4"]
)
def test_the_guide_has_the_numbers_of_the_estimate(model: str) -> None:
    said = [float(cell) for cell in rows(GUIDE)[model]]
    assert said == [pytest.approx(to_have(model, way), abs=0.051) for way in WAYS]


@pytest.mark.parametrize(("said", "model"), NAMES.items())
def test_the_page_on_own_compute_has_them_too(said: str, model: str) -> None:
    ways: list[dict[str, Any]] = [{}, {"method": "full"}, {"method": "full", "weights": "float32"}]
    numbers = [int(cell) for cell in rows(COMPUTE)[said][1:4]]
    assert numbers == [pytest.approx(to_have(model, way), abs=0.51) for way in ways]


def test_the_guide_says_what_logits_take() -> None:
    parts = [estimate_memory(model=model).parts for model in ("Phi-4-mini-instruct", "Phi-3-mini-4k-instruct")]
    assert "Phi-4-mini's take 4.6 GiB at 2,048 tokens, Phi-3-mini's 0.8" in GUIDE.read_text("utf-8")
    assert [round(each["logits and loss"], 1) for each in parts] == [4.6, 0.8]


def test_every_part_has_its_row() -> None:
    table = rows(GUIDE)
    more: list[dict[str, Any]] = [{"method": "full", "weights": "float32"}, {"method": "qdora"}]
    for way in (*WAYS, *more):
        estimate = estimate_memory(model="Phi-4-mini-instruct", **way)
        assert {f"`{part}`" for part in estimate.parts} <= set(table)


def test_every_measured_run_is_on_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    generated: Any = importlib.import_module("generated.measured")  # Any: docs/ is no package
    text: str = generated.page()
    files = sorted((ROOT / "docs" / "measured").glob("*.json"))
    runs = [run for file in files for run in json.loads(file.read_text("utf-8"))["runs"]]
    assert sum(line.startswith("| Phi-") for line in text.splitlines()) == len(runs) == 70
    assert "| Phi-3-mini-4k-instruct | LoRA, rank 16, adapters to qkv_proj, o_proj | 2 × 2,048 tokens | 9.50 |" in text
    assert "| Phi-3-mini-4k-instruct | LoRA, rank 16, DDP | 1 × 2,048 tokens | 8.55 |" in text
