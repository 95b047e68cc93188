"""Values in a browser, light and dark, on a wide page and on a telephone: nothing is fetched, nothing goes wrong."""

from __future__ import annotations

from math import exp
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from maas_client import Endpoint, Job, JobStatus, MetricPoint, check_file
from maas_client.job_view import JobView
from maas_client.notebook import Table
from maas_client.notebook.tables import table_html
from maas_client.notebook.views import endpoint_html, job_view_html, report_html
from maas_client.runs import RunDetails
from maas_client.training_pace import moment
from tests.ui.conftest import browser as browser
from tests.ui.person import OUTPUT

Scheme = Literal["light", "dark"]


@pytest.fixture
def values(tmp_path: Path) -> str:
    """A page of one value of each kind, as a notebook would put them."""
    file = tmp_path / "train.jsonl"
    good = '{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'
    file.write_text(good * 12 + '{"messages": []}\n', "utf-8")
    loss = [MetricPoint(step, 2 * exp(-step / 300) + 0.5) for step in range(10, 1000, 10)]
    check = [MetricPoint(step, 2 * exp(-step / 300) + 0.7) for step in range(250, 1001, 250)]
    job = Job(
        name="ft-support", model="Phi-4-mini-instruct", status=JobStatus.RUNNING, created_at="2026-01-01T00:00:00Z"
    )
    details = RunDetails("Running", "2026-01-01T00:10:00Z", "", "", "", (), {})
    at = moment("2026-01-01T01:00:00Z")
    assert at is not None
    view = JobView(job, details, {"loss": loss, "eval_loss": check}, at)
    parts = [
        report_html(check_file(file)),
        job_view_html(view),
        endpoint_html(Endpoint(name="support", model="ft-support-model")),
        table_html(Table([job, job])),
    ]
    return "<!doctype html><meta charset=utf-8><style>:root{color-scheme:light dark}</style>" + "<hr>".join(parts)


@pytest.mark.parametrize("width", [1000, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_values_can_be_read(browser: Browser, values: str, scheme: Scheme, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, wrong = list[str](), list[str]()
    context.on("request", lambda sent: asked.append(sent.url))
    context.on("console", lambda message: wrong.append(message.text))
    page = context.new_page()
    page.set_content(values)
    assert page.locator("svg.maas-curve path").count() == 2
    assert page.get_by_text("job ft-support").first.is_visible()
    assert page.get_by_text("queued").is_visible()
    assert page.locator("svg").first.bounding_box() is not None
    assert int(page.evaluate("document.documentElement.scrollWidth")) <= max(width, 700)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUTPUT / f"notebook-{scheme}-{width}.png", full_page=True)
    context.close()
    assert asked == []
    assert wrong == []
