"""`maas jobs compare`: differences and ranking, as a table, as data and as an image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest

from maas_client import Job, MetricPoint
from maas_client.cli.commands.compare import ComparedJob, differences, ranking
from tests.cli.shell import MODEL, Shell, process
from tests.cli.test_bad_input_ends_with_its_code import refused


@pytest.fixture
def two(maas: Shell, train: str) -> list[str]:
    """Two completed jobs; the first has a much higher loss."""
    names = ["ft-a", "ft-b"]
    for name, rate in zip(names, ("1e-9", "1e-3"), strict=True):
        words = ["--learning-rate", rate, "--epochs", "3", "--name", name]
        maas.done("jobs", "create", "--model", MODEL, "--training-data", train, *words)
    maas.server.advance(601)
    return names


def test_off_a_terminal_the_table_is_all(maas: Shell, two: list[str]) -> None:
    lines = [line.split() for line in maas.done("jobs", "compare", *two).splitlines()]
    assert lines[0] == ["JOB", "STATUS", "LEARNING_RATE", "RAN", "BEST_LOSS", "BEST_EVAL_LOSS"]
    assert [line[:4] for line in lines[1:]] == [
        ["B", "ft-b", "Completed", "0.001"],
        ["A", "ft-a", "Completed", "0.000000001"],
    ]


def test_as_data_a_job_has_what_it_was_given_and_what_it_reached(maas: Shell, two: list[str]) -> None:
    best, other = json.loads(maas.done("jobs", "compare", *two, "--output", "json"))
    assert (best["name"], other["name"]) == ("ft-b", "ft-a")
    assert best["hyperparameters"]["learning_rate"] == "0.001"
    assert best["best"]["loss"]["value"] < other["best"]["loss"]["value"]
    assert best["seconds"] > 0
    assert best["alarms"] == []
    lines = maas.done("jobs", "compare", *two, "--output", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == [best, other]


def test_svg_overlays_the_curves(maas: Shell, two: list[str]) -> None:
    root = ET.fromstring(maas.done("jobs", "compare", *two, "--output", "svg"))
    paths = [path.get("class") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    assert paths == ["line c0", "line c1"]
    written = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"A  ft-a", "B  ft-b"} <= set(written)


def test_an_image_imports_no_terminal_drawing(two: list[str]) -> None:
    done = process("jobs", "compare", *two, "--output", "svg", flags=("-X", "importtime"))
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "maas_client.rendering.curve_overlay_svg" in imported
    assert not {name for name in imported if name.startswith(("matplotlib", "numpy", "rich", "yaml"))}


def test_jobs_without_a_loss_have_no_image(maas: Shell, two: list[str], train: str) -> None:
    for name in ("ft-c", "ft-d"):
        maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", name)
    refused(maas("jobs", "compare", "ft-c", "ft-d", "--output", "svg"), 1, "no loss reported by any of the jobs yet")


@pytest.mark.parametrize("names", [["ft-a"], ["ft-a", "ft-a"], [f"ft-{number}" for number in range(27)]])
def test_too_few_and_too_many_are_a_usage_error(maas: Shell, names: list[str]) -> None:
    refused(maas("jobs", "compare", *names), 2, "compare takes 2 to 26 jobs")


def test_an_unknown_job_is_named(maas: Shell, two: list[str]) -> None:
    refused(maas("jobs", "compare", *two, "nothing"), 3, "nothing")


def compared(letter: str, **metrics: Sequence[float]) -> ComparedJob:
    points = {name: [MetricPoint(step, value) for step, value in enumerate(values)] for name, values in metrics.items()}
    return ComparedJob(letter, Job(name=letter), points, None)


def test_the_validation_loss_decides_where_there_is_one() -> None:
    jobs = [compared("A", loss=[0.1], eval_loss=[2.0]), compared("B", loss=[1.0], eval_loss=[1.0]), compared("C")]
    assert [each.letter for each in ranking(jobs)] == ["B", "A", "C"]
    assert [each.letter for each in ranking([compared("A", loss=[2.0]), compared("B", loss=[1.0])])] == ["B", "A"]


def test_a_nan_loss_is_never_the_best() -> None:
    best = compared("A", loss=[float("nan"), 2.0, float("-inf")]).best("loss")
    assert best == MetricPoint(1, 2.0)
    assert compared("A", loss=[float("nan")]).best("loss") is None


def test_only_differences_are_shown() -> None:
    data = "/subscriptions/s/workspaces/w/data/{}/versions/1"
    first = Job(model="Phi-4", training_data=data.format("a"), hyperparameters={"learning_rate": "1", "seed": "7"})
    second = Job(model="Phi-4", training_data=data.format("b"), hyperparameters={"learning_rate": "2", "seed": "7"})
    third = second.model_copy(update={"hyperparameters": {"seed": "7"}})
    expected = {"training data": ["a:1", "b:1", "b:1"], "learning_rate": ["1", "2", "-"]}
    assert differences([first, second, third]) == expected
    assert differences([first, first]) == {}
