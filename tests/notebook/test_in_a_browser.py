"""Values in a browser, light and dark, on a wide page and on a telephone."""

from __future__ import annotations

import json
from itertools import product
from math import exp
from pathlib import Path
from typing import get_args

import pytest
from markup import drawn
from playwright.sync_api import Browser

from maas_client import Completion, Dataset, Endpoint, Job, JobStatus, MetricPoint, RunDetails, check_file
from maas_client.core.timestamps import parse_timestamp
from maas_client.endpoints.endpoint import EndpointState
from maas_client.inference.evaluation_result import Answer, EndpointAnswers, Evaluation
from maas_client.inference.text_scores import score
from maas_client.jobs.view import JobView
from maas_client.notebook import Table
from maas_client.notebook.progress import ProgressBar
from tests.notebook.looking import CONTRAST, LINES, Scheme, keep, looking
from tests.ui.conftest import browser as browser

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
NOW = parse_timestamp("2026-01-01T01:00:00Z")


def view_of(job: Job, details: RunDetails | None = None) -> JobView:
    loss = [MetricPoint(step, 2 * exp(-step / 300) + 0.5) for step in range(10, 1000, 10)]
    check = [MetricPoint(step, 2 * exp(-step / 300) + 0.7) for step in range(250, 1001, 250)]
    assert NOW is not None
    ran = details or RunDetails("Running", "2026-01-01T00:10:00Z", "", "", "", (), {})
    return JobView(job, ran, {"loss": loss, "eval_loss": check}, NOW)


@pytest.fixture
def values(tmp_path: Path) -> list[str]:
    """One value of each kind, as a notebook would put it; names are as long as the service takes them."""
    file = tmp_path / "train.jsonl"
    good = '{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'
    file.write_text(good * 12 + '{"messages": []}\n' + "not json\n", "utf-8")
    long = "ft-support-" + "x" * 80
    data = "azureml://subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/g/workspaces/w/datastores/d"
    parameters = {"num_train_epochs": "3", "learning_rate": "0.0002", "per_device_train_batch_size": "1"}
    job = Job(
        name="ft-support",
        model="Phi-4-mini-instruct",
        status=JobStatus.COMPLETED,
        created_at="2026-01-01T00:00:00Z",
        studio_url="https://ml.azure.com/runs/ft-support",
        training_data=f"{data}/paths/LocalUpload/{'0' * 64}/train.jsonl",
        hyperparameters=parameters,
    )
    out_of_memory = RunDetails("Failed", "2026-01-01T00:10:00Z", "", "UserError", "CUDA out of memory", (), {})
    failed = Job(name=long, status=JobStatus.FAILED, created_at="2026-01-01T00:00:00Z")
    answers = [Answer("base", "no idea " * 20, score("yes", "no")), Answer("tuned", "yes", score("yes", "yes"))]
    endpoint = Endpoint(name="support", model="ft-support-model", state=EndpointState.ONLINE)
    shown = (
        check_file(file),
        view_of(job),
        view_of(failed, out_of_memory),
        endpoint,
        Dataset(name="train", version="1" * 16, uri=job.training_data, bytes_sent=12_345),
        Completion(text="Hold the button.\n\n  for 7 seconds", finish_reason="length"),
        Evaluation(["base", "tuned"], [EndpointAnswers(1, "may I?", "yes", answers)]),
        Table([job, failed]),
    )
    return [drawn(value) for value in shown]


@pytest.mark.parametrize(("width", "scheme"), list(product((1000, 375), SCHEMES)))
def test_values_can_be_read(browser: Browser, values: list[str], scheme: Scheme, width: int) -> None:
    with looking(browser, values, theme=scheme, system=scheme, width=width) as page:
        keep(page, f"values-{scheme}-{width}")
        assert page.locator("svg.maas-curve path").count() == 4
        assert page.get_by_text("job ft-support", exact=True).is_visible()
        assert page.get_by_text("queued").first.is_visible()
        assert page.get_by_text("UserError: CUDA out of memory").is_visible()
        boxes = [each.bounding_box() for each in page.locator("svg, .maas h4, .maas pre").all()]
        assert [box for box in boxes if box is None or box["x"] + box["width"] > width] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert set(page.locator("th, .maas span").evaluate_all(LINES)) == {1}


@pytest.mark.parametrize(("theme", "system"), list(product(SCHEMES, SCHEMES)))
def test_every_text_is_legible_in_any_notebook_theme(
    browser: Browser, values: list[str], theme: Scheme, system: Scheme
) -> None:
    with looking(browser, values, theme=theme, system=system, width=1000) as page:
        words = page.locator(".maas span, .maas p, .maas a, .maas td, .maas pre, .maas h4, .maas svg text").all()
        contrasts = {word.inner_html(): word.evaluate(CONTRAST) for word in words}
        assert len(contrasts) > 50
        assert {word: contrast for word, contrast in contrasts.items() if contrast < 4.5} == {}
        lines = page.locator(".maas-curve path.line").evaluate_all(
            "all => all.map(one => getComputedStyle(one).stroke)"
        )
        assert len(set(lines)) == 2
        keep(page, f"values-{theme}-theme-on-a-{system}-system")


def test_a_notebook_s_own_style_of_tables_is_not_ours(browser: Browser, values: list[str]) -> None:
    with looking(browser, values, theme="light", system="light", width=1000) as page:
        found = page.locator(".maas td, .maas th, .maas tr, .maas h4").evaluate_all(
            "all => all.map(one => [one.tagName, getComputedStyle(one)])"
            ".map(([tag, {textAlign, backgroundColor}]) => `${tag} ${textAlign} ${backgroundColor}`)"
        )
        assert {line for line in found if not line.startswith("TR")} == {
            f"{tag} rgba(0, 0, 0, 0)" for tag in ("TD left", "TH left", "H4 start")
        }
        assert {line.partition("rgb")[2] for line in found} == {"a(0, 0, 0, 0)"}


HOSTILE = (
    "<img src=https://elsewhere.example/x onerror=alert(1)>",
    "<script>alert(2)</script>",
    "</td></table></div></style></svg><style>*{display:none}</style><iframe src=//elsewhere.example>",
    "\"'><svg onload=alert(3)><a href='javascript:alert(4)'>x</a>",
    "</title></desc><foreignObject><body onload=alert(5)>",
)


@pytest.mark.parametrize("words", HOSTILE)
def test_a_browser_finds_nothing_in_hostile_words_but_words(browser: Browser, words: str, tmp_path: Path) -> None:
    file = tmp_path / "any.jsonl"
    file.write_text(json.dumps({"messages": [{"role": words, "content": words}], words: words}) + "\n", "utf-8")
    job = Job(name=words, model=words, studio_url=words, training_data=words, hyperparameters={words: words})
    endpoint = Endpoint(name=words, scoring_url=words, model=words)
    evaluation = Evaluation([words], [EndpointAnswers(1, words, words, [Answer(words, words)])])
    shown = (check_file(file), view_of(job), endpoint, evaluation, Completion(text=words), Table([job]), Table([words]))
    html = [drawn(value) for value in shown]
    with looking(browser, html, theme="light", system="light", width=1000) as page:
        foreign = "script, img, iframe, foreignObject, a, [onload], [onerror], .output :not(.maas *, .maas, style)"
        assert page.locator(foreign).count() == 0
        assert page.get_by_text(f"job {words}", exact=True).is_visible()
        assert page.locator(".maas pre").inner_text() == words


class Kept:
    """A place that keeps what it is shown."""

    every = 0.0

    def __init__(self) -> None:
        self.html: list[str] = []

    def show(self, html: str, line: str) -> None:
        del line
        self.html.append(html)


def test_a_bar_grows_from_nothing_to_all_of_it(browser: Browser) -> None:
    kept = Kept()
    bar = ProgressBar("train.jsonl", into=kept)
    for done in range(5):
        bar.count(done, 4)
    with looking(browser, kept.html, theme="light", system="light", width=375) as page:
        bars = page.get_by_role("progressbar").all()
        tracks, insides = ([each.bounding_box() for each in page.locator(css).all()] for css in (".track", ".done"))
        shares = [
            inside["width"] / (track["width"] - 2)
            for track, inside in zip(tracks, insides, strict=True)
            if track and inside
        ]
        assert shares == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=0.01)
        assert [each.get_attribute("aria-valuenow") for each in bars] == ["0", "25", "50", "75", "100"]
