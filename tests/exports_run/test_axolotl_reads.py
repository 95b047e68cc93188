"""Exports for axolotl pass the check that axolotl makes before a training."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHECK = Path(__file__).with_name("check_axolotl.py")

Exported = Callable[..., tuple[Path, Any]]
Run = Callable[..., str]


@pytest.mark.parametrize("method", ["lora", "dora", "qlora", "full"])
def test_axolotl_takes_every_key(exported: Exported, run: Run, method: str) -> None:
    folder, _ = exported("axolotl", method)
    found = json.loads(run(folder, f"python {CHECK} axolotl.yaml").splitlines()[-1])
    assert found["unknown"] == []
    assert found["valid"].get("adapter") == {"full": None, "dora": "lora"}.get(method, method)
    assert bool(found["valid"].get("peft_use_dora")) is (method == "dora")
