"""`maas jobs metrics`: metrics as data and as an image."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell, process
from tests.cli.test_bad_input_ends_with_its_code import refused


def test_csv_has_the_points_of_json_in_full_precision(maas: Shell, completed: str) -> None:
    points = json.loads(maas.done("jobs", "metrics", completed, "--output", "json"))
    points = [
        {"metric": metric, "step": str(point["step"]), "value": repr(float(point["value"])), "at": point["at"]}
        for metric, series in points.items()
        for point in series
    ]
    assert list(csv.DictReader(maas.done("jobs", "metrics", completed, "--output", "csv").splitlines())) == points
    assert len(points) > 5


def test_svg_is_an_image_of_the_job(maas: Shell, completed: str) -> None:
    root = ET.fromstring(maas.done("jobs", "metrics", completed, "--output", "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.findtext("{http://www.w3.org/2000/svg}title") == completed


def test_png_is_bytes_and_nothing_else(maas: Shell, completed: str) -> None:
    pytest.importorskip("matplotlib")
    result = maas("jobs", "metrics", completed, "--output", "png")
    assert result.exit_code == 0, result.stderr
    assert result.stdout_bytes.startswith(b"\x89PNG\r\n\x1a\n")
    assert result.stdout_bytes.endswith(b"IEND\xaeB`\x82")


def test_png_without_its_extra_says_how_to_install_it(
    maas: Shell, completed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    refused(maas("jobs", "metrics", completed, "--output", "png"), 2, 'pip install "matplotlib>=', "svg")


@pytest.mark.parametrize("output", ["svg", "png"])
def test_a_job_without_a_loss_has_no_image(maas: Shell, job: str, output: str) -> None:
    refused(maas("jobs", "metrics", job, "--output", output), 1, "has not reported a loss yet")


@pytest.mark.parametrize("quoted", [False, True])
def test_a_nan_loss_is_shown_and_reported(maas: Shell, server: Server, train: str, quoted: bool) -> None:
    server.fault(job="nan", step=20, quoted=quoted)
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-nan", "--epochs", "4")
    server.advance(601)
    result = maas("jobs", "metrics", "ft-nan")
    cells = {row.split()[0]: row.split()[2] for row in result.stdout.splitlines() if row.split()[0].isdigit()}
    assert (cells["10"] != "nan", cells["20"], cells["30"]) == (True, "nan", "nan")
    assert "warning: not-a-number: loss is nan at step 20" in result.stderr
    loss = json.loads(maas.done("jobs", "metrics", "ft-nan", "--output", "json"), parse_constant=pytest.fail)["loss"]
    assert [point["step"] for point in loss if point["value"] is None] == [20, 30, 40, 48]
    lines = csv.DictReader(maas.done("jobs", "metrics", "ft-nan", "--output", "csv").splitlines())
    assert [line["value"] for line in lines if (line["metric"], line["step"]) == ("loss", "20")] == ["nan"]
    ET.fromstring(maas.done("jobs", "metrics", "ft-nan", "--output", "svg"))


@pytest.mark.parametrize("output", ["svg", "png"])
def test_a_job_with_only_nan_losses_has_no_image(maas: Shell, server: Server, train: str, output: str) -> None:
    server.fault(job="nan", step=0)
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-nan")
    server.advance(601)
    refused(maas("jobs", "metrics", "ft-nan", "--output", output), 1, "has not reported a numeric loss")


def test_the_format_can_be_given_before_the_command(maas: Shell, completed: str) -> None:
    before = maas.done("--output", "json", "jobs", "metrics", completed)
    assert before == maas.done("jobs", "metrics", completed, "--output", "json")
    assert maas("--output", "csv", "jobs", "metrics", completed).exit_code == 2


def test_an_image_imports_only_its_own_module(maas: Shell, completed: str, tmp_path: Path) -> None:
    done = process("jobs", "metrics", completed, "--output", "svg", flags=("-X", "importtime"))
    assert done.returncode == 0
    (tmp_path / "loss.svg").write_text(done.stdout, "utf-8")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "maas_client.rendering.curve_svg" in imported
    assert not {name for name in imported if name.startswith(("matplotlib", "numpy", "rich", "yaml"))}
