"""The fixture `maas_env`: an app's own client, in any process, waits for hours on the mock server in no time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from maas_client import AsyncMaasClient, ConnectionFailed, MaasClient, WaitTimeout
from mock_server.fixture_handles import ServerFaults, ServerVerdict
from mock_server.server import Server, serve

MODEL = "Phi-4-mini-instruct"
HOURS = 2 * 3600.0


@pytest.fixture
def queue_of_hours(maas_env: Mapping[str, str], maas_faults: ServerFaults) -> None:
    """Let the job of the test, which takes maas_env, wait in the queue for hours."""
    maas_faults.add(job="queue", seconds=HOURS)


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """Return a file with training rows."""
    file = tmp_path / "train.jsonl"
    turns = '{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Good day."}'
    file.write_text(f'{{"messages": [{turns}]}}\n' * 12, "utf-8")
    return file


def created(train: Path) -> str:
    """Create a job as an app would, and return its name."""
    with MaasClient.from_env() as maas:
        return maas.jobs.create(model=MODEL, training_data=train).name


def run_maas(*args: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in another process, as a worker of an app would."""
    command = [sys.executable, "-m", "maas_client", *args]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environ)


@pytest.mark.usefixtures("queue_of_hours")
def test_an_apps_client_waits_for_hours_without_sleeping(
    maas_server: Server, maas_verdict: ServerVerdict, train: Path
) -> None:
    began = maas_server.now()
    with MaasClient.from_env() as maas:
        job = maas.jobs.wait(created(train), timeout=2 * HOURS)
    assert job.status == "Completed"
    assert maas_server.now() - began > HOURS
    assert not maas_verdict.charges


@pytest.mark.usefixtures("queue_of_hours")
def test_an_apps_async_client_waits_for_hours(maas_server: Server, train: Path) -> None:
    began = maas_server.now()

    async def main() -> str:
        async with AsyncMaasClient.from_env() as maas:
            job = await maas.jobs.create(model=MODEL, training_data=train)
            return (await maas.jobs.wait(job.name)).status

    assert asyncio.run(main()) == "Completed"
    assert maas_server.now() - began > HOURS


@pytest.mark.usefixtures("queue_of_hours")
@pytest.mark.parametrize("command", [("jobs", "watch"), ("deploy",)], ids=["watch", "deploy"])
def test_a_command_in_another_process_waits_too(maas_server: Server, train: Path, command: tuple[str, ...]) -> None:
    name = created(train)
    if command == ("deploy",):
        with MaasClient.from_env() as maas:
            maas.jobs.wait(name)
    done = run_maas(*command, name)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("queue_of_hours")
def test_a_timeout_is_measured_on_the_servers_clock(maas_server: Server, train: Path) -> None:
    began = maas_server.now()
    with MaasClient.from_env() as maas, pytest.raises(WaitTimeout):
        maas.jobs.wait(created(train), timeout=HOURS / 2)
    assert HOURS / 2 <= maas_server.now() - began < HOURS


@pytest.mark.usefixtures("queue_of_hours")
def test_a_loop_of_an_apps_own_moves_the_clock(maas_server: Server, train: Path) -> None:
    name, began = created(train), maas_server.now()
    maas_server.advance_on_poll(600)
    with MaasClient.from_env() as maas:
        while not maas.jobs.get(name).status.is_final:
            pass
    assert maas_server.now() - began > HOURS


@pytest.mark.usefixtures("maas_env")
def test_an_apps_credential_is_not_used(train: Path) -> None:
    class Credential:
        def get_token(self, *_scopes: str, **_options: Any) -> Any:
            raise AssertionError("the mock server must never get a real token")

    with MaasClient(credential=Credential()) as maas:
        job = maas.jobs.create(model=MODEL, training_data=train)
        assert maas.jobs.wait(job.name).status == "Completed"


@pytest.mark.parametrize("name", ["AZURE_CLOUD", "AZUREML_ARM_SUBSCRIPTION", "MAAS_CA_BUNDLE"])
def test_the_developers_own_settings_are_removed(
    name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv(name, "no such thing")
    request.getfixturevalue("maas_env")
    assert name not in os.environ
    with MaasClient.from_env() as maas:
        assert maas.workspace.get().name == "test"


@pytest.mark.usefixtures("maas_env")
def test_a_server_without_a_clock_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, train: Path) -> None:
    with serve(clock="virtual") as server:
        monkeypatch.setenv("MAAS_ENDPOINT", server.endpoint)
        name = created(train)
        maas = MaasClient.from_env()
    with maas, pytest.raises(ConnectionFailed, match=r"unset MAAS_MOCK"):
        maas.jobs.wait(name)
