"""Whatever the service or a file says, a notebook shows it as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st
from markup import drawn, harmless, read

from maas_client import (
    Completion,
    Dataset,
    Endpoint,
    Job,
    MetricPoint,
    RunDetails,
    Sweep,
    SweepOutcome,
    TokenReport,
    WorkflowResult,
    check_file,
)
from maas_client.inference.evaluation_result import Answer, EndpointAnswers, Evaluation
from maas_client.jobs.view import JobView
from maas_client.notebook import Table
from maas_client.rendering.histogram_svg import histogram
from maas_client.rendering.html import escaped, link, redacted
from maas_client.sweeps.grid import GridCell

NOW = datetime(2026, 1, 1, 2, tzinfo=UTC)

SHAPES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</td></table></style><b>",
    "</title></desc></svg><style>*{display:none}</style>",
    "javascript:alert(1)",
    "https://x\" onclick='alert(1)",
    "<!--",
    "a&b;",
    "\u202eevil\x1b[31m",
)

hostile = st.text(max_size=30) | st.sampled_from(SHAPES)


@given(name=hostile, model=hostile, url=hostile, key=hostile, value=hostile)
def test_no_text_of_a_job_becomes_markup(name: str, model: str, url: str, key: str, value: str) -> None:
    job = Job(name=name, model=model, studio_url=url, hyperparameters={key: value}, output_model=value)
    details = RunDetails("Failed", "2026-01-01T01:00:00Z", "", key, value, (), {})
    view = JobView(job, details, {"loss": [MetricPoint(1, 2.0), MetricPoint(2, float("nan"))]}, NOW)
    harmless(drawn(job))
    assert "<svg" in drawn(view)
    harmless(drawn(view))


@given(name=hostile, model=hostile, url=hostile)
def test_no_text_of_an_endpoint_dataset_or_list_becomes_markup(name: str, model: str, url: str) -> None:
    endpoint = Endpoint(name=name, model=model, scoring_url=url, location=url, auth_mode=model)
    for value in (endpoint, Dataset(name=name, version=model, uri=url), Table([endpoint] * 2), Table([name, url])):
        harmless(drawn(value))


@given(question=hostile, answer=hostile)
def test_no_text_of_an_answer_or_evaluation_becomes_markup(question: str, answer: str) -> None:
    row = EndpointAnswers(1, question, answer, [Answer("base", answer), Answer(question, error=question)])
    harmless(drawn(Evaluation([answer, question], [row])))
    harmless(drawn(Completion(text=answer, finish_reason=question, model=answer)))


@given(name=hostile, value=hostile)
def test_no_text_of_a_sweep_or_workflow_becomes_markup(name: str, value: str) -> None:
    job = Job(name=name, model=value)
    harmless(drawn(Sweep((SweepOutcome(GridCell(name, {name: value}), job, 0.5, 0.25, 1.5),), value)))
    result = WorkflowResult(
        training_report=None,
        validation_report=None,
        training_data=value,
        validation_data=None,
        job=job,
        endpoint=Endpoint(name=name),
        prompt=value,
        reply=Completion(text=name),
    )
    harmless(drawn(result))


@given(content=st.binary(max_size=200))
def test_no_text_of_a_file_becomes_markup(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes(content)
    harmless(drawn(check_file(file)))


@given(shape=hostile)
def test_no_text_of_a_row_of_hostile_words_becomes_markup(shape: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    import json

    file = tmp_path_factory.getbasetemp() / "words.jsonl"
    file.write_text(json.dumps({"messages": [{"role": shape, "content": shape}], shape: shape}) + "\n", "utf-8")
    harmless(drawn(Table(check_file(file).findings)))
    harmless(drawn(check_file(file)))


@given(name=hostile)
def test_no_name_in_a_drawing_becomes_markup(name: str) -> None:
    harmless(histogram([(name, 3)], title=name))
    counted = {"rows": 3, "kept": 3, "total": 9, "learnt": 4, "max": 5, "truncated": 0, "without_answer": 0}
    harmless(drawn(TokenReport(model=name, source=name, exact=False, error_bound=0.1, max_seq_length=8192, **counted)))


@given(hostile)
def test_text_is_text(value: str) -> None:
    assert read(escaped(value)).tags == []
    assert read(redacted(value)).tags == []


NO_PAGES = (
    *("javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "//elsewhere", "file:///etc/passwd", ""),
    *("http://elsewhere.example", "http://localhost.evil.example", "http://127.0.0.1@evil.example", "https://[", "x"),
    *("https://user:word@ml.azure.com", "https://ml.azure.com\\@evil.example", "https:///nothing"),
)


@pytest.mark.parametrize("url", NO_PAGES)
def test_only_a_web_address_becomes_a_link(url: str) -> None:
    assert "<a" not in link(url, "open")


@pytest.mark.parametrize("url", ["https://ml.azure.com/runs/ft-1?wsid=/subscriptions/s", "http://127.0.0.1:8765/x"])
def test_a_link_to_a_page_reveals_nothing_of_the_notebook(url: str) -> None:
    (_, attributes) = next(tag for tag in harmless(link(url, "open")).tags if tag[0] == "a")
    assert attributes == {"href": url, "target": "_blank", "rel": "noreferrer noopener"}
