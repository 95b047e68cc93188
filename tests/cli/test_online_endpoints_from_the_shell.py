"""`maas endpoints` and `maas deploy` with machines of one's own."""

from __future__ import annotations

import json

import pytest

from mock_server.server import Server
from tests.cli.shell import ANSWER, MODEL, Shell

SIZE = "Standard_NC24ads_A100_v4"
OWN = ("endpoints", "create", "--model", MODEL, "--name", "own", "--instance-type", SIZE)


@pytest.fixture(autouse=True)
def plenty(server: Server) -> None:
    """Quota for every GPU size."""
    server.set_quota({"gpu": 1000})


def test_a_tuned_model_is_deployed_on_own_compute(maas: Shell, completed: str) -> None:
    result = maas("deploy", completed, "--name", "own", "--instance-type", SIZE, "--instance-count", "2")
    assert result.exit_code == 0, result.stderr
    assert "deployment main: Creating of endpoint own" in result.stderr
    assert "endpoint own: Succeeded, Online" in result.stderr
    assert f"endpoint own is paid for by the hour (2 x {SIZE})" in result.stderr
    assert f"main (2 x {SIZE}, Succeeded)" in result.stdout
    assert maas.done("chat", "own", "When do you open?") == f"{ANSWER}\n"
    assert maas.done("chat", completed, "When do you open?") == f"{ANSWER}\n"


def test_an_endpoint_is_scaled_divided_read_and_deleted(maas: Shell) -> None:
    maas.done(*OWN)
    scaled = json.loads(maas.done("endpoints", "scale", "own", "2", "--output", "json"))
    assert scaled["deployments"][0]["instance_count"] == 2
    assert json.loads(maas.done("endpoints", "traffic", "own", "main=100%", "--output", "json")) == {"main": 100}
    assert "main  100 %" in maas.done("endpoints", "traffic", "own")
    assert "Application startup complete" in maas.done("endpoints", "logs", "own", "--tail", "1")
    listed = maas.done("endpoints", "list").splitlines()
    assert listed[1].split()[:2] == ["own", "Online"]
    deleted = maas("endpoints", "delete", "own", "--yes")
    assert deleted.exit_code == 0
    assert json.loads(maas.done("endpoints", "list", "--output", "json")) == []


def test_one_deployment_is_deleted_and_the_endpoint_kept(maas: Shell) -> None:
    maas.done(*OWN)
    maas.done(*OWN, "--deployment", "green")
    result = maas("endpoints", "delete", "own", "--deployment", "green", "--yes", "--output", "json")
    assert json.loads(result.stdout) == {"name": "own", "deployment": "green", "deleted": True}
    shown = json.loads(maas.done("endpoints", "show", "own", "--output", "json"))
    assert [each["name"] for each in shown["deployments"]] == ["main"]
    assert maas("endpoints", "delete", "own", "other", "--deployment", "main", "--yes").exit_code == 2


def test_ctrl_c_prints_the_command_that_continues(maas: Shell) -> None:
    maas.interrupt_at = maas.time + 8.0
    result = maas(*OWN, "--auth-mode", "aml-token")
    assert result.exit_code == 130
    assert result.stderr.endswith(f"resume with: maas {' '.join(OWN)} --auth-mode aml-token\n")
    maas.interrupt_at = float("inf")
    maas.done(*OWN, "--auth-mode", "aml-token")
    token = json.loads(maas.done("endpoints", "keys", "own", "--output", "json"))
    assert token["token"]


def test_a_timeout_says_how_to_go_on(maas: Shell) -> None:
    result = maas(*OWN, "--timeout", "5s")
    assert result.exit_code == 124
    assert f"resume with: maas {' '.join(OWN)}\n" in result.stderr


def test_a_failed_deployment_shows_its_containers_last_lines(maas: Shell, server: Server) -> None:
    server.fault(operation="online_deployments.put", deployment="probe")
    result = maas(*OWN)
    assert result.exit_code == 1
    assert "deployment 'main' is Failed" in result.stderr
    shown = result.stderr.partition("the last lines of its container:")[2]
    assert "Liveness probe failed" in shown
    maas.done(*OWN, "--replace-failed")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--instance-count", "2"), "--instance-count requires --instance-type"),
        (("--deployment", "blue"), "--deployment requires --instance-type"),
        (("--instance-type", SIZE, "--no-wait"), "--no-wait cannot be combined with --instance-type"),
    ],
)
def test_options_that_do_not_fit_are_refused(maas: Shell, words: tuple[str, ...], why: str) -> None:
    result = maas("endpoints", "create", "--model", MODEL, *words)
    assert result.exit_code == 2
    assert why in result.stderr


def test_traffic_is_written_as_percentages(maas: Shell, endpoint: str) -> None:
    assert "'main' is not DEPLOYMENT=PERCENT" in maas("endpoints", "traffic", endpoint, "main").stderr
    assert "which has no deployments" in maas("endpoints", "traffic", endpoint).stderr
