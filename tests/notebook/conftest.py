"""A training file, and the example notebook as a kernel has left it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

MODEL = "Phi-4-mini-instruct"
EXAMPLE = Path(__file__).parents[2] / "examples" / "fine_tuning.ipynb"
PATIENCE = 240
"""Seconds for a cell; the job in it takes four."""


@pytest.fixture
def training(tmp_path: Path) -> str:
    """A training file of twelve rows."""
    file = tmp_path / "train.jsonl"
    turns = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(12))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return str(file)


def run(notebook: Any, folder: Path) -> Any:
    """Let a kernel run a notebook in a folder, with nothing of the developer's own around it; return it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE", "MAAS_"))}
    homes = ("XDG_STATE_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment |= {name: str(folder / name.lower()) for name in homes}
    client = NotebookClient(
        notebook, timeout=PATIENCE, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=environment)
    return notebook


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The example, run from its first cell to its last."""
    reader: Any = nbformat  # its functions have no types
    return run(reader.reads(EXAMPLE.read_text("utf-8"), 4), tmp_path_factory.mktemp("notebook"))
