"""Promise 18: Ctrl-C in a wait leaves the work alone and says how to take the wait up again."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Clock, make_wire

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.wire import AsyncWire, BlockingWire
from mock_server.server import Server
from tests.cli.shell import MODEL, Shell, chat_row


def press(at: int, clock: Clock) -> None:
    """Press Ctrl-C in the pause of this number."""

    def interrupt(_: float) -> None:
        {at: interrupted}.get(len(clock.naps), lambda: None)()

    clock.listeners.append(interrupt)


def interrupted() -> None:
    raise KeyboardInterrupt


def canceled(server: Server) -> list[object]:
    """What would have stopped or removed something."""
    return [entry for entry in server.requests() if entry["method"] == "DELETE" or "cancel" in entry["operation"]]


@pytest.fixture
def blocking(maas_server: Server, settings: Settings, clock: Clock) -> Iterator[Resources]:
    clock.time = maas_server.now()
    clock.listeners.append(maas_server.advance)
    wire = make_wire("blocking", clock)
    assert isinstance(wire, BlockingWire)
    yield Resources(wire, settings, None)
    wire.close()


def test_ctrl_c_in_a_wait_keeps_the_job_and_says_how_to_resume(
    blocking: Resources, maas_server: Server, rows: Path, clock: Clock
) -> None:
    job = run(blocking.jobs.create(model="Phi-4-mini-instruct", training_data=rows))
    press(len(clock.naps) + 2, clock)
    with pytest.raises(KeyboardInterrupt) as caught:
        run(blocking.jobs.wait(job.name))
    printed = "".join(traceback.format_exception(caught.value))
    assert f"job '{job.name}' continues; resume with `maas jobs watch {job.name}` or jobs.wait('{job.name}')" in printed
    assert canceled(maas_server) == []
    assert run(blocking.jobs.wait(job.name)).status == "Completed"


def test_ctrl_c_in_the_wait_for_an_endpoint_leaves_it_alone(
    blocking: Resources, maas_server: Server, clock: Clock
) -> None:
    endpoint = run(blocking.endpoints.create(model="Phi-4"))
    press(len(clock.naps) + 2, clock)
    with pytest.raises(KeyboardInterrupt) as caught:
        run(blocking.endpoints.wait(endpoint))
    assert f"resume with endpoints.wait('{endpoint.name}')" in caught.value.__notes__[0]
    assert canceled(maas_server) == []
    assert run(blocking.endpoints.wait(endpoint)).is_online


def test_a_task_that_is_canceled_in_a_wait_leaves_the_job_alone(
    maas_server: Server, settings: Settings, clock: Clock, rows: Path
) -> None:
    clock.time = maas_server.now()

    async def waiting() -> str:
        wire = make_wire("async", clock)
        assert isinstance(wire, AsyncWire)
        maas = Resources(wire, settings, None)
        job = await maas.jobs.create(model="Phi-4-mini-instruct", training_data=rows)
        task = asyncio.current_task()
        assert task is not None
        clock.listeners.append(lambda _: task.cancel())
        with pytest.raises(asyncio.CancelledError) as caught:
            await maas.jobs.wait(job.name)
        await wire.close()
        return caught.value.__notes__[0]

    assert "continues; resume with `maas jobs watch ft-phi-4-mini-instruct-" in asyncio.run(waiting())
    assert canceled(maas_server) == []


@pytest.fixture
def _log_as_before() -> Iterator[None]:
    """Leave the loggers as they were: a command sets them for its process."""
    loggers = [logging.getLogger(name) for name in ("maas_client", "httpx")]
    before = [(logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers = handlers


@pytest.fixture
def train(maas_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file to train on, in a shell with the workspace in the environment."""
    named = {
        "MAAS_ENDPOINT": maas_server.endpoint,
        "AZURE_SUBSCRIPTION_ID": "sub",
        "AZURE_RESOURCE_GROUP": "group",
        "AZUREML_WORKSPACE_NAME": "work",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "train.jsonl"
    file.write_text("".join(f"{chat_row(f'What is {n} + 1?', f'It is {n + 1}.')}\n" for n in range(12)), "utf-8")
    return str(file)


@pytest.mark.usefixtures("_log_as_before")
@pytest.mark.parametrize("output", [[], ["--output", "json"], ["--output", "jsonl"], ["--quiet"]])
def test_ctrl_c_in_watch_and_create_exits_130_with_a_command(
    maas_server: Server, train: str, output: list[str]
) -> None:
    shell = Shell(maas_server)
    create = ["jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-1", "--wait"]
    for words in (create, ["jobs", "watch", "ft-1"]):
        shell.interrupt_at = shell.time + 10
        result = shell(*words, *output)
        assert result.exit_code == 130
        assert "interrupted; the job keeps running" in result.stderr
        assert result.stderr.endswith("resume with: maas jobs watch ft-1\n")
    assert canceled(maas_server) == []
    shell.interrupt_at = float("inf")
    shell.done("jobs", "watch", "ft-1")
