"""The example notebook, run by a kernel from its first cell to its last."""

from __future__ import annotations

import json
from typing import Any

from markup import harmless

from tests.notebook.conftest import EXAMPLE

Output = dict[str, Any]


def outputs(example: Any, having: str) -> list[Output]:
    """Return what the cell that has these words has shown."""
    (cell,) = [cell for cell in example.cells if cell.cell_type == "code" and having in cell.source]
    return [dict(each) for each in cell.outputs]


def page(output: Output) -> str:
    """Return the HTML of an output."""
    return str(output["data"]["text/html"])


def test_it_is_kept_without_outputs() -> None:
    cells = [cell for cell in json.loads(EXAMPLE.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells)


def test_no_cell_complains_or_fails(example: Any) -> None:
    shown = [output for cell in example.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in shown if output.get("name") == "stderr" or output.output_type == "error"] == []


def test_everything_that_is_drawn_is_markup_of_our_own(example: Any) -> None:
    shown = [output for cell in example.cells if cell.cell_type == "code" for output in cell.outputs]
    drawn = [page(output) for output in shown if "text/html" in output.get("data", {})]
    assert len(drawn) >= 12
    for html in drawn:
        harmless(html)


def test_a_report_and_an_estimate_are_drawn(example: Any) -> None:
    (report,) = outputs(example, "datasets.check")
    assert "40 of 40 rows kept" in page(report)
    assert 'class="maas-bars"' in page(report)
    (estimate,) = outputs(example, "datasets.estimate")
    assert "tokens in 4 epochs" in page(estimate)


def test_an_upload_is_one_bar_that_fills_and_then_an_asset(example: Any) -> None:
    bar, asset = outputs(example, "datasets.upload")
    assert 'aria-valuenow="100"' in page(bar)
    assert bar["data"]["text/plain"].startswith("train.jsonl: transferring, ")
    assert "dataset train:" in page(asset)


def test_a_job_is_redrawn_in_place_until_it_has_its_curve(example: Any) -> None:
    followed, tuned = outputs(example, "import follow")
    assert tuned["data"]["text/plain"].endswith("-model:1'")
    (viewed,) = outputs(example, "jobs.view(")
    for shown in (followed, viewed):
        assert '<span class="good">Completed</span>' in page(shown)
        assert 'class="maas-curve"' in page(shown)
        assert "eval loss" in page(shown)


def test_an_endpoint_is_redrawn_until_online_and_then_answers(example: Any) -> None:
    (endpoint,) = outputs(example, "endpoints.wait")
    assert '<span class="good">Online</span>' in page(endpoint)
    (reply,) = outputs(example, "chat.complete")
    assert "<pre>Hold the button of device 7 for 7 seconds.</pre>" in page(reply)


def test_an_evaluation_is_counted_and_drawn(example: Any) -> None:
    bar, evaluation = outputs(example, "evals.run")
    assert bar["data"]["text/plain"] == "validation.jsonl: done, 10 of 10"
    assert "ROUGE-L" in page(evaluation)


def test_a_list_is_a_table(example: Any) -> None:
    (jobs,) = outputs(example, "Table(")
    assert page(jobs).count("<tr>") == 2


def test_await_works_in_a_cell(example: Any) -> None:
    view, streamed = outputs(example, "AsyncMaasClient(")
    assert "Completed" in page(view)
    assert streamed["text"] == "Hold the button of device 21 for 21 seconds."


def test_a_plan_is_drawn_as_a_table(example: Any) -> None:
    (planned,) = outputs(example, "import plan")
    assert "RTX 4090" in page(planned)
    assert '<span class="good">yes</span>' in page(planned)
    assert "maas export job.yaml" in page(planned)
