"""Values as HTML: nothing of the service's becomes markup, no secret is shown, and elsewhere there is text."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import HTMLFormatter

from maas_client import Dataset, Endpoint, Job, Keys, MetricPoint, Progress, RunDetails, check_file
from maas_client.evaluation import Answer, Answered, Evaluation
from maas_client.job_view import JobView
from maas_client.notebook import ProgressBar, Table
from maas_client.notebook.html import link, text
from maas_client.notebook.views import (
    dataset_html,
    endpoint_html,
    evaluation_html,
    job_html,
    job_view_html,
    report_html,
)

NOW = datetime(2026, 1, 1, 2, tzinfo=UTC)
TAGS = frozenset(
    {*("style", "div", "h4", "table", "thead", "tbody", "tr", "th", "td", "span", "p", "pre", "a")}
    | {*("svg", "title", "desc", "rect", "text", "line", "path", "g", "circle")}
)


class Reader(HTMLParser):
    """Reads what a browser would make of a page's markup."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(value: object) -> str:
    """Return what a notebook draws of a value."""
    formatter: Any = HTMLFormatter()
    html = formatter(value)
    assert isinstance(html, str)
    return html


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def harmless(html: str) -> Reader:
    """Hold markup against what we write: no other element, no handler, no address but one's own."""
    reader = read(html)
    assert {tag for tag, _ in reader.tags} <= TAGS
    for _, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        assert (attributes.get("href") or "https://").startswith(("https://", "http://127.0.0.1", "http://localhost"))
    return reader


hostile = st.text(max_size=30) | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td></table><b>", "javascript:alert(1)", "a&b;"]
)


@given(name=hostile, model=hostile, url=hostile, key=hostile, value=hostile)
def test_nothing_of_a_job_becomes_markup(name: str, model: str, url: str, key: str, value: str) -> None:
    job = Job(name=name, model=model, studio_url=url, hyperparameters={key: value}, output_model=value)
    details = RunDetails("Running", "2026-01-01T01:00:00Z", "", "", "", (), {})
    view = JobView(job, details, {"loss": [MetricPoint(1, 2.0), MetricPoint(2, float("nan"))]}, NOW)
    harmless(job_html(job))
    assert "<svg" in job_view_html(view)
    harmless(job_view_html(view))


@given(name=hostile, model=hostile, url=hostile)
def test_nothing_of_an_endpoint_a_data_set_or_a_list_becomes_markup(name: str, model: str, url: str) -> None:
    endpoint = Endpoint(name=name, model=model, scoring_url=url)
    harmless(endpoint_html(endpoint))
    harmless(dataset_html(Dataset(name=name, version=model, uri=url)))
    harmless(drawn(Table([endpoint, endpoint])))
    harmless(drawn(Table([name, url])))


@given(question=hostile, answer=hostile)
def test_nothing_of_an_evaluation_becomes_markup(question: str, answer: str) -> None:
    row = Answered(1, question, answer, [Answer("base", answer), Answer("tuned", error=question)])
    harmless(evaluation_html(Evaluation(["base", "tuned"], [row])))


@given(content=st.binary(max_size=200))
def test_nothing_of_a_data_set_becomes_markup(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes(content)
    harmless(report_html(check_file(file)))


@given(hostile)
def test_text_is_text(value: str) -> None:
    assert read(text(value)).tags == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//elsewhere", "file:///etc/passwd"])
def test_what_is_no_page_of_the_web_is_no_link(url: str) -> None:
    assert "<a" not in link(url, "open")


def test_a_notebook_draws_values_by_themselves() -> None:
    for value in (Job(name="ft-1"), Endpoint(name="support"), Dataset(name="train")):
        assert 'class="maas"' in drawn(value)


def test_keys_have_no_picture() -> None:
    keys = Keys("canary-primary", "canary-secondary")
    assert not hasattr(keys, "_repr_html_")
    assert "canary" not in repr(Table([keys])) + drawn(Table([keys]))


def test_a_report_tells_verdict_findings_and_lengths(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"messages": []}\n' * 3, "utf-8")
    shown = harmless(drawn(check_file(file))).text
    for word in ("refused", "rows", "what to do"):
        assert word in shown


def test_outside_a_notebook_progress_is_lines_far_apart(capsys: pytest.CaptureFixture[str]) -> None:
    tell = ProgressBar("train.jsonl")
    for second in range(13):
        tell(Progress(second * 10, 120, seconds=float(second)))
    tell(Progress(120, 120, seconds=12.1))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "train.jsonl: transferring, 0 of 120 bytes"
    assert lines[-1] == "train.jsonl: transferring, 120 of 120 bytes"
    assert 3 <= len(lines) <= 6


def test_importing_the_package_does_not_import_the_pictures() -> None:
    import subprocess

    code = "import sys, maas_client; maas_client.Job; print([m for m in sys.modules if 'notebook' in m])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
