"""`maas verify`: what it prints, asks, writes and ends with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from changing_wire import Change, ChangingWire, changed_body
from click.testing import CliRunner, Result

from maas_client.cli import maas as command_line
from maas_client.cli.app.session import Session
from maas_client.wire import BlockingWire
from mock_server.server import Server
from tests.cli.shell import ENCODING, TLS, Shell

ADDED: dict[str, Change] = {"workspaces.get": changed_body(lambda body: body["properties"].update(news=1))}
WRONG: dict[str, Change] = {
    "usages.list": changed_body(lambda body: [one.update(limit="none") for one in body["value"]])
}


def refused(status: int) -> Change:
    """Return a change of every answer into an error as the service writes it."""
    body = json.dumps({"error": {"code": "Refused", "message": "not for you"}}).encode()
    return lambda reply: replace(reply, status=status, body=body)


def behind(maas: Shell, changes: dict[str, Change], *words: str) -> Result:
    """Run a command line whose answers are changed on their way."""

    def wire() -> BlockingWire:
        inner = BlockingWire(verify=TLS, sleep=maas.sleep, clock=lambda: maas.time)
        return ChangingWire(inner, changes)  # type: ignore[return-value] # it passes on what it does not change

    return CliRunner(charset=ENCODING).invoke(command_line, words, obj=Session(wire=wire))


def test_reading_is_free_and_not_asked_for(maas: Shell) -> None:
    result = maas("verify")
    assert result.exit_code == 0, result.output
    assert "at level read: 22 steps, free" in result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["STEP", "LEVEL", "STATE", "REQUESTS", "SECONDS"]
    assert lines[1].split() == ["workspace", "read", "done", "1", "0.0"]


def test_what_makes_something_is_asked_for(maas: Shell, server: Server) -> None:
    result = maas("verify", "--level", "data")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert server.requests() == []


@pytest.mark.parametrize("level", ["data", "job"])
def test_everything_is_removed(maas: Shell, server: Server, level: str) -> None:
    result = maas("verify", "--level", level, "--yes")
    assert result.exit_code == 0, result.output
    assert ("remove  data asset maas-verify-" in result.stderr) == (level == "job")  # else a step has removed it
    assert len(maas.done("datasets", "list").splitlines()) == 1  # only the titles


def test_foundry_is_verified_as_well(foundry: Shell) -> None:
    result = foundry("verify", "--level", "job", "--yes")
    assert result.exit_code == 0, result.output
    assert "delete tuning job" in result.stdout


def test_a_contradiction_has_an_exit_code_of_its_own(maas: Shell) -> None:
    result = behind(maas, WRONG, "verify")
    assert result.exit_code == 7, result.output
    assert "error: 1 contradiction; the first is usages.list: wrong type at /value/*/limit" in result.stderr
    assert "contradictions:" in result.stdout
    assert "/value/*/limit" in result.stdout


def test_an_addition_is_listed_and_fails_only_when_strict(maas: Shell) -> None:
    result = behind(maas, ADDED, "verify")
    assert result.exit_code == 0, result.output
    assert "/properties/news" in result.stdout
    assert behind(maas, ADDED, "verify", "--strict").exit_code == 7


def test_json_has_the_whole_report(maas: Shell) -> None:
    report = json.loads(behind(maas, ADDED, "verify", "--output", "json").stdout)
    assert (report["ok"], report["contradictions"], report["additions"]) == (True, 0, 1)
    assert report["findings"][0]["where"] == "/properties/news"
    assert report["times"]


def test_a_report_is_written_once(maas: Shell, tmp_path: Path) -> None:
    maas.done("verify", "--report", "report.md")
    text = (tmp_path / "report.md").read_text("utf-8")
    assert text.startswith("# Contract check of Azure Machine Learning and own compute, level read: 0 contradictions")
    again = maas("verify", "--report", "report.md")
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr
    maas.done("verify", "--report", "report.md", "--overwrite")


def test_the_preview_is_what_would_be_written(maas: Shell, tmp_path: Path) -> None:
    shown = maas.done("verify", "--preview", "--report", "report.md")
    assert shown == (tmp_path / "report.md").read_text("utf-8")
    assert "work" not in shown.replace("workspace", "").replace("network", "")


def test_a_preview_is_no_json(maas: Shell) -> None:
    assert maas("verify", "--preview", "--output", "json").exit_code == 2


def test_a_limit_needs_prices(maas: Shell) -> None:
    result = maas("verify", "--level", "job", "--yes", "--max-cost", "1")
    assert result.exit_code == 2
    assert "no price is known for the tokens of 1 x 20 rows" in result.stderr


def test_a_limit_holds(maas: Shell, write: Callable[[str, Sequence[str]], str]) -> None:
    prices = write(
        "prices.toml",
        ['[models."Phi-4-mini-instruct"]', "training_per_million_tokens = 1000.0", 'currency = "USD"'],
    )
    result = maas("verify", "--level", "job", "--yes", "--max-cost", "0.01", "--prices", prices)
    assert result.exit_code == 2
    assert "more than 0.01" in result.stderr


def test_ctrl_c_removes_what_was_made(maas: Shell) -> None:
    maas.interrupt_at, maas.interrupt_once = maas.time + 1.0, True
    result = maas("verify", "--level", "full", "--yes")
    assert result.exit_code == 130, result.output
    assert "error: interrupted" in result.stderr
    assert "begins  cancel job, which may take 15m" in result.stderr
    assert "remove  job maas-verify-" in result.stderr
    assert maas.done("costs") == ""


def test_the_time_limit_ends_the_steps(maas: Shell) -> None:
    result = maas("verify", "--level", "full", "--yes", "--timeout", "5s")
    assert result.exit_code == 124, result.output
    assert "the time limit had passed" in result.stderr
    assert maas.done("costs") == ""


def test_what_is_left_is_named_with_its_command(maas: Shell) -> None:
    changes = {"endpoints.delete": refused(403)}
    result = behind(maas, changes, "verify", "--level", "full", "--yes", "--timeout", "2h")
    assert result.exit_code == 1, result.output
    assert "still there: maas endpoints delete maas-verify-" in result.stderr


def test_a_failed_step_is_named(maas: Shell) -> None:
    result = behind(maas, {"registry.list_versions": refused(403)}, "verify")
    assert result.exit_code == 1
    assert "error: these steps failed: registry model" in result.stderr


def test_a_service_that_is_down_means_try_later(maas: Shell, server: Server) -> None:
    server.fault(operation="vm_sizes.list", status=503, count=None)
    result = maas("verify")
    assert result.exit_code == 75, result.output
    assert "outage: vm_sizes.list 503" in result.stderr
