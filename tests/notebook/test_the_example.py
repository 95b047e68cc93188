"""The example notebook, run by a kernel from its first cell to its last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "fine_tuning.ipynb"
PATIENCE = 120
"""Seconds for a cell; the job in it takes four."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What each cell has shown, by its first line of code."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook: Any = nbformat.reads(EXAMPLE.read_text("utf-8"), 4)
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    nbclient.NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3", resources=where).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {cell.source.splitlines()[0]: [dict(each.get("data", {})) for each in cell.outputs] for cell in code}


pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:zmq", "ignore::DeprecationWarning:jupyter_client", "ignore::DeprecationWarning:nbclient"
)


def cell(outputs: dict[str, list[dict[str, Any]]], begins: str) -> dict[str, Any]:
    """Return the last output of the cell that begins so."""
    (shown,) = [each for first, each in outputs.items() if first.startswith(begins)]
    return shown[-1]


def test_it_is_kept_without_outputs() -> None:
    cells = [cell for cell in json.loads(EXAMPLE.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells] == [[]] * len(cells)


def test_a_report_is_drawn(outputs: dict[str, list[dict[str, Any]]]) -> None:
    shown = cell(outputs, "import json")["text/html"]
    assert "40 rows" in shown
    assert "below" in shown


def test_a_transfer_is_drawn_and_an_asset_after_it(outputs: dict[str, list[dict[str, Any]]]) -> None:
    assert "data set train:" in cell(outputs, "from maas_client.notebook import ProgressBar")["text/html"]


def test_a_job_is_drawn_with_its_curve(outputs: dict[str, list[dict[str, Any]]]) -> None:
    for begins in ("from maas_client.notebook import follow", "maas.jobs.view"):
        shown = cell(outputs, begins)["text/html"]
        assert '<span class="good">Completed</span>' in shown
        assert '<svg xmlns="http://www.w3.org/2000/svg" class="maas-curve"' in shown
        assert "eval loss" in shown


def test_the_tuned_model_answers_from_its_training_data(outputs: dict[str, list[dict[str, Any]]]) -> None:
    assert "Online" in cell(outputs, "maas.endpoints.create")["text/html"]
    assert cell(outputs, "maas.chat.complete")["text/plain"] == "'Hold the button of device 7.'"


def test_a_list_is_a_table_and_await_works_in_a_cell(outputs: dict[str, list[dict[str, Any]]]) -> None:
    assert "<table>" in cell(outputs, "from maas_client.notebook import Table")["text/html"]
    assert cell(outputs, "from maas_client import AsyncMaasClient")["text/plain"] == "['devices']"
