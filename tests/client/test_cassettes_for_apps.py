"""The fixture `maas_cassette`: an app is recorded with a service, and tested without it from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.server import Server, serve
from tests.mock_server.test_fixtures_in_a_project import counts, run_tests

APP = """
import asyncio
import subprocess
import sys

from maas_client import AsyncMaasClient, MaasClient

MODEL = "Phi-4-mini-instruct"

def train(name="my-job"):
    with MaasClient.from_env() as maas:
        job = maas.jobs.create(name=name, model=MODEL, training_data="train.jsonl")
        job = maas.jobs.wait(job.name)
        endpoint = maas.endpoints.create(name="mine", model=job.output_model)
        maas.endpoints.wait(endpoint.name)
        answer = maas.chat.complete(endpoint.name, "Hi").text
        maas.endpoints.delete(endpoint.name)
        return job.name, str(job.status), bool(answer)

async def train_async():
    async with AsyncMaasClient.from_env() as maas:
        job = await maas.jobs.create(name="my-job", model=MODEL, training_data="train.jsonl")
        return (await maas.jobs.wait(job.name)).status

def train_in_a_worker():
    program = "import app; print(app.train())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
"""

OTHERS = """
from maas_client import MaasClient

def test_others():
    with MaasClient.from_env() as maas:
        maas.computes.create("my-cluster", size="Standard_NC24ads_A100_v4")
        maas.jobs.create(name="my-other-job", model="Phi-4-mini-instruct", training_data="train.jsonl")
"""

NAMES = {
    "AZURE_SUBSCRIPTION_ID": "my-subscription",
    "AZURE_RESOURCE_GROUP": "my-group",
    "AZUREML_WORKSPACE_NAME": "my-workspace",
}

RECORDED = """
import app

def test_training(maas_cassette):
    maas_cassette("cassettes/training.jsonl", record="once")
    assert app.train() == ("my-job", "Completed", True)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of an app with a file of training rows."""
    turns = '{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Good day."}'
    (tmp_path / "train.jsonl").write_text(f'{{"messages": [{turns}]}}\n' * 12, "utf-8")
    (tmp_path / "app.py").write_text(APP, "utf-8")
    return tmp_path


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Return what stands for the real service, which the environment selects until it is gone."""
    with serve(clock="virtual", quota={"gpu": 1000}) as running, monkeypatch.context() as patched:
        for name, value in {"MAAS_ENDPOINT": running.endpoint, "MAAS_MOCK": "1", **NAMES}.items():
            patched.setenv(name, value)
        yield running


def without(service: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service be gone, with all that selects it."""
    service.close()
    for name in (
        "MAAS_ENDPOINT",
        "AZUREML_WORKSPACE_NAME",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_RESOURCE_GROUP",
        "MAAS_MOCK",
    ):
        monkeypatch.delenv(name)


def test_an_app_is_recorded_once_and_replayed_then(
    project: Path, service: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counts(run_tests(project, RECORDED)) == {"passed": 1}
    cassette = project / "cassettes" / "training.jsonl"
    recorded = cassette.read_bytes()
    assert b"my-" not in recorded
    asked = len(service.requests())
    assert asked == recorded.count(b"\n")
    assert counts(run_tests(project, RECORDED)) == {"passed": 1}
    assert len(service.requests()) == asked
    without(service, monkeypatch)
    assert counts(run_tests(project, RECORDED)) == {"passed": 1}
    assert cassette.read_bytes() == recorded


def test_other_processes_and_coroutines_replay_as_well(
    project: Path, service: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_tests(project, RECORDED)
    without(service, monkeypatch)
    test = """
import asyncio
import app

def test_a_worker(maas_cassette):
    maas_cassette("cassettes/training.jsonl")
    assert app.train_in_a_worker() == "('my-job', 'Completed', True)\\n"

def test_a_coroutine(maas_cassette):
    maas_cassette("cassettes/training.jsonl")
    assert asyncio.run(app.train_async()) == "Completed"

def test_another_name(maas_cassette):
    used = maas_cassette("cassettes/training.jsonl", record="none")
    assert (used.is_replayed, used.environ["AZUREML_WORKSPACE_NAME"]) == (True, "test")
    assert app.train("another") == ("another", "Completed", True)

def test_the_environment_is_as_before():
    import os
    assert not [name for name in os.environ if name.startswith("MAAS_")]
"""
    printed = run_tests(project, test)
    assert counts(printed) == {"passed": 4}, printed


def test_a_request_that_was_not_recorded_fails_the_test(
    project: Path, service: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_tests(project, RECORDED)
    without(service, monkeypatch)
    test = """
from maas_client import MaasClient, MaasError

def asks():
    with MaasClient.from_env() as maas:
        return list(maas.computes.list())

def test_it_raises(maas_cassette):
    maas_cassette("cassettes/training.jsonl")
    asks()

def test_it_is_caught(maas_cassette):
    maas_cassette("cassettes/training.jsonl")
    try:
        asks()
    except MaasError:
        return
"""
    printed = run_tests(project, test)
    assert counts(printed) == {"passed": 1, "failed": 1, "error": 1}
    assert printed.count("fits no exchange of the cassette. Nearest: exchange ") >= 2
    assert "/computes?api-version=" in printed


def test_what_is_new_is_asked_of_the_service_and_added(
    project: Path, service: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = """
import app
import pytest
from maas_client import MaasClient

def test_training(maas_cassette):
    assert maas_cassette("cassettes/training.jsonl", record=%r).is_replayed
    assert app.train() == ("my-job", "Completed", True)
    with MaasClient.from_env() as maas:
        assert [each.size.lower() for each in maas.computes.list()] == ["standard_nc24ads_a100_v4"]
        assert maas.jobs.get("my-other-job").status == "Completed"
"""
    run_tests(project, RECORDED)
    cassette = project / "cassettes" / "training.jsonl"
    recorded = cassette.read_bytes()
    run_tests(project, OTHERS)
    service.advance(7200)
    asked = len(service.requests())
    printed = run_tests(project, test % "new")
    assert counts(printed) == {"passed": 1}, printed
    assert cassette.read_bytes().startswith(recorded)
    added = cassette.read_bytes().removeprefix(recorded)
    assert added.count(b"\n") == len(service.requests()) - asked == 2
    assert b"my-" not in added
    without(service, monkeypatch)
    printed = run_tests(project, test % "none")
    assert counts(printed) == {"passed": 1}, printed


def test_a_test_that_fails_keeps_no_recording(project: Path, service: Server) -> None:
    failing = RECORDED.replace('"Completed"', '"Failed"')
    assert counts(run_tests(project, failing)) == {"failed": 1}
    assert not (project / "cassettes").exists()
    assert service.requests()


def test_a_test_that_sends_nothing_is_reported(project: Path) -> None:
    test = """
def test_nothing(maas_cassette):
    assert not maas_cassette("training.jsonl", record="once").is_replayed
"""
    printed = run_tests(project, test)
    assert counts(printed) == {"passed": 1, "error": 1}
    assert "nothing was recorded to" in printed


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ('"none.jsonl"', 'none.jsonl: record="once" records it with the real service'),
        ('"train.jsonl"', "train.jsonl, line 1 is damaged: it has no `cassette`"),
        ('"train.jsonl", record="all"', "record must be one of none, once, new"),
    ],
    ids=["missing", "damaged", "mode"],
)
def test_what_cannot_be_replayed_is_refused(project: Path, call: str, reason: str) -> None:
    printed = run_tests(project, f"def test_it(maas_cassette):\n    maas_cassette({call})\n")
    assert counts(printed) == {"failed": 1}
    assert reason in printed


def test_an_app_of_foundry_is_recorded_and_replayed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = """
from maas_client import MaasClient

def train():
    with MaasClient.from_env() as maas:
        job = maas.jobs.create(model="Ministral-3B", training_data="train.jsonl")
        job = maas.jobs.wait(job.name)
        deployment = maas.endpoints.create(name="mine", model=job.output_model)
        maas.endpoints.wait(deployment.name)
        return job.status, bool(maas.chat.complete(deployment.name, "Hi").text)

def test_training(maas_cassette):
    maas_cassette("foundry.jsonl", record="once")
    assert train() == ("succeeded", True)
"""
    with serve(clock="virtual") as service, monkeypatch.context() as patched:
        patched.setenv("FOUNDRY_ENDPOINT", f"{service.endpoint}/api/projects/mine")
        patched.setenv("MAAS_MOCK", "1")
        assert counts(run_tests(project, test)) == {"passed": 1}
    printed = run_tests(project, test)
    assert counts(printed) == {"passed": 1}, printed
