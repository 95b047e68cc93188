"""`maas costs`: what costs money by the hour, and the deletion of what is idle."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from maas_client import EndpointFailed
from mock_server.server import Server
from tests.cli.shell import ANSWER, MODEL, Shell
from tests.cli.terminal import on_a_terminal, plain

SIZE = "Standard_NC24ads_A100_v4"
Write = Callable[[str, Sequence[str]], str]


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
    assert "the service has no price for 1 of 1" in result.stderr
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


def test_idle_machines_are_priced_and_deleted(maas: Shell, server: Server) -> None:
    server.set_quota({"gpu": 1000})
    server.fault(deployment="probe")
    with maas.client() as client:
        client.computes.create("gpu", size=SIZE, min_nodes=2, max_nodes=2)
        with pytest.raises(EndpointFailed):
            client.endpoints.create(model=MODEL, name="shop", instance_type=SIZE)
    server.advance(600)
    result = maas("costs", "--fields", "name,hourly_price,idle,delete_command")
    assert [line.split() for line in result.stdout.splitlines()[1:]] == [
        ["gpu", "7.4", "yes", "maas", "computes", "delete", "gpu"],
        ["shop/main", "3.7", "yes", "maas", "endpoints", "delete", "shop"],
    ]
    assert "together 11.10 USD per hour, by the service's prices" in result.stderr
    deleted = maas("costs", "--delete-idle", "--yes")
    assert deleted.exit_code == 0, deleted.output
    assert "cluster gpu deleted\nonline deployment shop/main deleted" in deleted.stderr
    assert maas.done("costs") == ""


def test_one_of_several_deployments_is_deleted_alone(maas: Shell, server: Server) -> None:
    server.set_quota({"gpu": 1000})
    with maas.client() as client:
        client.endpoints.create(model=MODEL, name="shop", instance_type=SIZE)
        server.fault(deployment="image")
        with pytest.raises(EndpointFailed):
            client.endpoints.create(model=MODEL, name="shop", instance_type=SIZE, deployment="other")
    maas.done("costs", "--delete-idle", "--yes")
    assert maas.done("costs", "--quiet") == "shop/main\n"


@pytest.mark.parametrize(("shell", "model"), [("maas", MODEL), ("foundry", "Ministral-3B")])
def test_a_whole_run_leaves_nothing(
    shell: str, model: str, write: Write, train: str, request: pytest.FixtureRequest
) -> None:
    run: Shell = request.getfixturevalue(shell)
    run.done("run", "-f", write("job.yaml", [f"model: {model}", f"training_data: {train}"]))
    assert len(run.done("costs", "--quiet").splitlines()) == 1
    run.done("run", "-f", "job.yaml", "--delete-endpoint")
    assert run.done("costs") == ""


def test_a_whole_job_on_own_compute_leaves_nothing(maas: Shell, server: Server, write: Write, train: str) -> None:
    server.set_quota({"gpu": 1000})
    with maas.client() as client:
        client.computes.create("gpu", size=SIZE)
    lines = ["kind: pipeline", "model: Phi-3-mini-4k-instruct", f"training_data: {train}", "compute: gpu", "name: own"]
    job = write("own.yaml", [*lines, "hyperparameters:", "  apply_lora: true"])
    maas.done("jobs", "create", "-f", job, "--wait")
    maas.done("endpoints", "create", "--model", "own-model:1", "--name", "shop", "--instance-type", SIZE)
    assert maas.done("chat", "shop", "When do you open?").strip() == ANSWER
    assert "shop/main" in maas.done("costs", "--quiet").splitlines()
    maas.done("endpoints", "delete", "shop", "--yes")
    server.advance(600)
    assert maas.done("costs") == ""
