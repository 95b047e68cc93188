"""What values look like in a notebook, and what of them never does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from markup import drawn, harmless

from maas_client import (
    Completion,
    Dataset,
    Endpoint,
    EndpointKeys,
    Job,
    JobStatus,
    MetricPoint,
    RunDetails,
    Sweep,
    SweepOutcome,
    TokenUsage,
    check_file,
    estimate_cost,
    find_model,
)
from maas_client.jobs.view import JobView
from maas_client.notebook import Table
from maas_client.sweeps.grid import GridCell

NOW = datetime(2026, 1, 1, 2, tzinfo=UTC)
CANARY = "canary0canary0canary0canary0canary0canary0"
SIGNED = f"https://store.blob.core.windows.net/c/train.jsonl?sv=2024&sp=r&sig={CANARY}&se=2030"
ROW = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}


def file_of(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def words(value: object) -> str:
    return harmless(drawn(value)).text


def view_of(job: Job, **metrics: list[MetricPoint]) -> JobView:
    details = RunDetails("Running", "2026-01-01T01:00:00Z", "", "", "", (), {})
    return JobView(job, details, metrics, NOW)


def test_a_view_says_the_stage_that_a_job_is_in() -> None:
    view = view_of(Job(name="ft-1", status=JobStatus.RUNNING), loss=[MetricPoint(10, 1.5)])
    staged = replace(view, details=replace(view.details, stage="safety evaluation"))
    assert str(view) == "job ft-1: Running, step 10, loss 1.5"
    assert str(staged) == "job ft-1: Running (safety evaluation), step 10, loss 1.5"
    rewarded = view_of(view.job, reward=[MetricPoint(3, 0.5)])
    assert str(rewarded) == "job ft-1: Running, step 3, reward 0.5"
    assert "stage" not in words(view)
    assert "safety evaluation" in words(staged)


def test_a_report_shows_verdict_rows_findings_and_lengths(tmp_path: Path) -> None:
    html = drawn(check_file(file_of(tmp_path, *[ROW] * 3, {"messages": []})))
    shown = harmless(html).text
    for word in ("refused", "rows-too-few", "chat-too-short", "what to do", "row length in bytes", "below 128"):
        assert word in shown
    assert html.count("<rect") == 2


def test_each_rule_is_drawn_once_with_its_lines(tmp_path: Path) -> None:
    bad: list[object] = [*[{"messages": ()}] * 30, *[{"other": 1}] * 30]
    report = check_file(file_of(tmp_path, *bad))
    html = drawn(report)
    assert html.count("<tr>") < 12
    assert "1-30" in html
    assert "31-60" in html


def test_a_job_shows_its_fields_and_links_to_the_studio() -> None:
    url = "https://ml.azure.com/runs/ft-1"
    job = Job(name="ft-1", status=JobStatus.FAILED, studio_url=url, hyperparameters={"num_train_epochs": "3"})
    assert f'href="{url}"' in drawn(job)
    assert '<span class="bad">Failed</span>' in drawn(job)
    assert "num_train_epochs=3" in words(job)


def test_a_view_of_a_job_has_clocks_a_curve_and_what_it_warns_of() -> None:
    job = Job(name="ft-1", created_at="2026-01-01T00:30:00Z")
    view = view_of(job, loss=[MetricPoint(step, value) for step, value in enumerate([2.0, 1.0, float("nan")])])
    assert "queued0:30:00running1:00:00" in words(view)
    assert 'class="maas-curve"' in drawn(view)
    assert '<p class="bad">' in drawn(view)
    assert "<svg" not in drawn(view_of(job))


def test_a_view_of_a_failed_job_says_why() -> None:
    view = view_of(Job(name="ft-1", status=JobStatus.FAILED))
    failed = replace(view, details=replace(view.details, error_code="UserError", error_message="out of memory"))
    assert "UserError: out of memory" in words(failed)


def test_an_answer_keeps_its_lines_and_shows_that_it_was_cut() -> None:
    usage = TokenUsage(prompt_tokens=11, completion_tokens=22, total_tokens=33)
    html = drawn(Completion(text="one\n  two", finish_reason="length", usage=usage))
    assert "<pre>one\n  two</pre>" in html
    assert '<span class="so-so">length</span>' in html
    assert "11 + 22" in html


def test_an_estimate_shows_tokens_steps_and_what_is_unknown(tmp_path: Path) -> None:
    estimate = estimate_cost(file_of(tmp_path, *[ROW] * 12), model=find_model("Phi-4-mini-instruct"), epochs=3)
    shown = words(estimate)
    for word in (f"{estimate.training_tokens:,} tokens in 3 epochs", f"steps{estimate.steps}", "unknown", "within"):
        assert word in shown
    assert "12 of 12 kept" in words(estimate.training)


def test_a_sweep_shows_the_best_job_first_and_what_was_not_made() -> None:
    made = SweepOutcome(GridCell("s-1", {"learning_rate": "0.1"}), Job(name="s-1"), 0.5, 0.25, 12.5)
    shown = words(Sweep((made, SweepOutcome(GridCell("s-2", {"learning_rate": "0.2"}))), "EUR"))
    assert shown.index("learning_rate=0.1") < shown.index("not made") < shown.index("learning_rate=0.2")
    assert "12.50 EUR" in shown


def test_a_list_is_a_table_of_the_main_fields_and_marks_its_cut() -> None:
    jobs = (Job(name=f"ft-{number}", model="Phi-4") for number in range(200))
    table = Table(jobs, limit=3)
    assert len(table) == 3
    assert harmless(drawn(table)).text.startswith("the first 3 rowsnamestatusmodelcreatedoutput modelft-0")
    assert repr(table).splitlines() == ["job ft-0: Unknown", "job ft-1: Unknown", "job ft-2: Unknown", "…"]
    assert next(jobs).name == "ft-4"
    assert words(Table([Job(name="one"), "two"])) == "2 rowsjob one: Unknowntwo"
    assert words(Table([])).startswith("0 rows")


def test_no_signature_or_key_is_drawn_from_any_field() -> None:
    secret = {"note": f"Bearer {CANARY}", "link": SIGNED}
    job = Job(name="ft-1", training_data=SIGNED, validation_data=SIGNED, studio_url=SIGNED, hyperparameters=secret)
    endpoint = Endpoint(name="support", scoring_url=f"https://user:{CANARY}@support.example", raw={"key": CANARY})
    dataset = Dataset(name="train", uri=SIGNED, raw={"sas": SIGNED})
    view = view_of(job)
    failed = replace(view, details=replace(view.details, error_message=f"no such blob: {SIGNED}"))
    sweep = Sweep((SweepOutcome(GridCell("s", secret), job),))
    lists = [Table([dataset]), Table([endpoint]), Table([job]), Table([SIGNED]), Table([EndpointKeys(CANARY, CANARY)])]
    for value in (job, failed, endpoint, dataset, sweep, *lists):
        assert CANARY not in drawn(value)
    assert not [table for table in lists if CANARY in repr(table)]
    assert "store.blob.core.windows.net/c/train.jsonl" in drawn(job)
    torn = f"https://store.example/c?si\x00g={CANARY}"
    assert CANARY not in drawn(Table([torn])) + repr(Table([torn])) + drawn(Job(name="ft-1", training_data=torn))


def test_keys_have_no_picture() -> None:
    assert not hasattr(EndpointKeys(CANARY, CANARY), "_repr_html_")


def test_a_secret_in_a_dataset_is_reported_and_not_drawn(tmp_path: Path) -> None:
    key = "AKIA" + "QX7RT2M9ZK4LP8VB"
    row = {"messages": [{"role": "user", "content": f"my key is {key}"}, {"role": "assistant", "content": "a"}]}
    report = check_file(file_of(tmp_path, *[row] * 12))
    assert "secret" in drawn(report)
    assert key not in drawn(report)


def test_importing_the_package_does_not_import_the_pictures() -> None:
    code = "import sys, maas_client; maas_client.Job; print([m for m in sys.modules if 'notebook' in m])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
