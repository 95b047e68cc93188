"""`maas costs`: what costs money by the hour, and the deletion of what is idle."""

from __future__ import annotations

import json

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.terminal import on_a_terminal, plain


@pytest.fixture
def broken(maas: Shell, server: Server, completed: str) -> str:
    """The name of an endpoint of a tuned model that cannot answer."""
    server.fault(operation="endpoints.create", endpoint="fail", reason="no capacity")
    maas.done("deploy", completed, "--name", "broken", "--no-wait")
    server.advance(600)
    return "broken"


def test_nothing_running_prints_nothing(maas: Shell) -> None:
    result = maas("costs")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing runs that costs money by the hour\n"
    assert json.loads(maas.done("costs", "--output", "json")) == []


def test_an_endpoint_is_listed_until_it_is_deleted(maas: Shell, endpoint: str) -> None:
    result = maas("costs")
    assert result.stdout.splitlines()[0].split()[:3] == ["NAME", "KIND", "PER_HOUR"]
    assert result.stdout.splitlines()[1].split()[:5] == ["shop", "serverless", "endpoint", "-", "-"]
    assert "the service tells no price for 1 of 1" in result.stderr
    assert maas.done("costs", "--quiet") == f"{endpoint}\n"
    [document] = json.loads(maas.done("costs", "--output", "json"))
    assert document["delete_command"] == "maas endpoints delete shop"
    maas.done("endpoints", "delete", endpoint, "--yes")
    assert maas.done("costs") == ""


def test_idle_ones_are_marked_with_reason_and_command(maas: Shell, broken: str) -> None:
    result = maas("costs")
    assert result.stdout.splitlines()[1].split()[:5] == [broken, "serverless", "endpoint", "-", "yes"]
    assert "idle: broken: it cannot answer (Failed, CreationFailed); maas endpoints delete broken" in result.stderr


def test_idle_ones_are_deleted_and_others_kept(maas: Shell, broken: str) -> None:
    maas.done("deploy", "ft-1", "--name", "shop")
    result = maas("costs", "--delete-idle", "--yes", "--output", "json")
    assert {each["name"]: each["deleted"] for each in json.loads(result.stdout)} == {broken: True, "shop": False}
    assert "serverless endpoint broken deleted" in result.stderr
    assert maas.done("costs", "--quiet") == "shop\n"
    assert "nothing is known to be idle: nothing was deleted" in maas("costs", "--delete-idle", "--yes").stderr


def test_without_a_terminal_nothing_is_deleted(maas: Shell, broken: str) -> None:
    result = maas("costs", "--delete-idle")
    assert result.exit_code == 2
    assert "not a terminal: pass --yes to confirm" in result.stderr
    assert maas.done("costs", "--quiet") == f"{broken}\n"
    assert maas("costs", "--yes").exit_code == 2


@pytest.mark.parametrize(("answer", "left"), [(b"n\n", "broken\n"), (b"y\n", "")])
def test_each_is_asked_for(maas: Shell, broken: str, answer: bytes, left: str) -> None:
    code, drawn = on_a_terminal("costs", "--delete-idle", prompt=b"[y/N]", keys=answer, MAAS_MOCK="1")
    assert code == 0
    question = f"Delete serverless endpoint {broken}: it cannot answer (Failed, CreationFailed)? [y/N]"
    assert question in " ".join(plain(drawn).split())
    assert maas.done("costs", "--quiet") == left


def test_ctrl_c_says_that_the_deletion_continues(maas: Shell, broken: str) -> None:
    maas.interrupt_at = maas.time + 0.5
    result = maas("costs", "--delete-idle", "--yes")
    assert result.exit_code == 130
    assert f"the deletion of serverless endpoint {broken} continues" in result.stderr
    assert result.stderr.endswith("resume with: maas costs --delete-idle\n")


def test_base_models_cost_nothing_by_the_hour(maas: Shell) -> None:
    maas.done("endpoints", "create", "--model", MODEL, "--name", "base")
    assert maas.done("costs") == ""
