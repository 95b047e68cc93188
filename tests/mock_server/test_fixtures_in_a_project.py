"""The fixtures as another project meets them: its tests run by pytest in a folder of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project with a file of training rows."""
    turns = '{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Good day."}'
    (tmp_path / "train.jsonl").write_text(f'{{"messages": [{turns}]}}\n' * 12, "utf-8")
    return tmp_path


def run_tests(project: Path, test: str, *options: str, conftest: str = "") -> str:
    """Run a project's tests as its author would, and return what pytest prints."""
    (project / "test_app.py").write_text(test, "utf-8")
    (project / "conftest.py").write_text(conftest, "utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".", *options]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False, env=environ)
    return done.stdout + done.stderr


def counts(printed: str) -> dict[str, int]:
    """Return how many tests passed, failed or had an error."""
    return {kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|error)", printed)}


CLIENT = """
from maas_client import BlockingWire, MaasClient

def client(maas_server):
    place = dict(subscription_id="s", resource_group="g", workspace="w", endpoint=maas_server.endpoint)
    return MaasClient(**place, wire=BlockingWire(sleep=lambda _: None))  # its pauses move no clock, and take no time
"""


def test_a_wait_that_cannot_end_fails_its_test_with_the_reason(project: Path) -> None:
    test = f"""{CLIENT}
def test_a_job(maas_server):
    with client(maas_server) as maas:
        job = maas.jobs.create(model="Phi-4-mini-instruct", training_data="train.jsonl")
        maas.jobs.wait(job.name)
"""
    soon = "import mock_server.plugin\nmock_server.plugin.END_WAITS_AFTER = 0.01\n"
    printed = run_tests(project, test, conftest=soon)
    assert counts(printed) == {"failed": 1}
    assert "virtual clock stood still" in printed
    assert "Use the fixture maas_env" in printed


JOB = """
def train(maas):
    return maas.jobs.create(model="Phi-4-mini-instruct", training_data="train.jsonl").name
"""


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("path='/nope', status=503", "no request matched the fault (path='/nope', status=503)"),
        ("operation='chat.*', drop='after'", "no request matched the fault (operation='chat.*', drop='after')"),
        ("operation='jobs.get', skip=5, status=503", "1 requests matched the fault"),
    ],
    ids=["path", "operation", "skip"],
)
def test_a_fault_that_was_never_applied_fails_its_test(project: Path, rule: str, reason: str) -> None:
    test = f"""{JOB}
def test_a_job(maas, maas_faults):
    maas_faults.add({rule})
    maas.jobs.get(train(maas))
"""
    printed = run_tests(project, test)
    assert counts(printed) == {"passed": 1, "error": 1}
    assert reason in printed
    assert "optional=True" in printed


def test_a_fault_that_was_cleared_unused_fails_its_test(project: Path) -> None:
    test = f"""{JOB}
def test_a_job(maas, maas_faults):
    maas_faults.add(operation="jobs.cancel", status=503)
    train(maas)
    maas_faults.clear()
"""
    assert counts(run_tests(project, test)) == {"passed": 1, "error": 1}


def test_a_fault_that_was_applied_or_is_optional_passes(project: Path) -> None:
    test = f"""{JOB}
def test_a_job(maas, maas_faults):
    maas_faults.add(operation="jobs.get", status=503)
    maas_faults.add(operation="jobs.cancel", status=503, optional=True)
    maas.jobs.get(train(maas))
"""
    assert counts(run_tests(project, test)) == {"passed": 1}


def test_a_test_that_failed_gets_no_second_error(project: Path) -> None:
    test = """
def test_a_job(maas_faults):
    maas_faults.add(operation="jobs.cancel", status=503)
    raise AssertionError("the real reason")
"""
    printed = run_tests(project, test)
    assert counts(printed) == {"failed": 1}
    assert "the real reason" in printed


def test_a_misspelt_fault_is_refused_with_the_nearest_name(project: Path) -> None:
    test = """
def test_an_operation(maas_faults):
    maas_faults.add(operation="job.get", status=503)

def test_a_field(maas_faults):
    maas_faults.add(operation="jobs.get", statsu=503)
"""
    printed = run_tests(project, test)
    assert counts(printed) == {"failed": 2}
    assert "got 'job.get': did you mean 'jobs.get'" in printed
    assert "has no field 'statsu': did you mean 'status'?" in printed


def test_endpoints_side_by_side_are_no_charge(project: Path) -> None:
    test = """
def test_two_deployments(maas, maas_verdict):
    for name in ("blue", "green"):
        maas.endpoints.create(model="Phi-4-mini-instruct", name=name)
    assert not maas_verdict.charges
"""
    assert counts(run_tests(project, test)) == {"passed": 1}


def test_a_charge_that_is_meant_can_be_allowed(project: Path) -> None:
    test = """
import httpx
import pytest

@pytest.mark.parametrize("charge", ["retried-too-early", "retried too early"])
def test_an_impatient_client(maas_server, maas_faults, maas_verdict, charge):
    maas_faults.add(path="/nothing", status=503, retry_after=9)
    for _ in range(2):
        httpx.get(f"{maas_server.endpoint}/nothing", trust_env=False)
    assert maas_verdict.charges == ["retried too early: a request was repeated before its Retry-After had passed"]
    maas_verdict.allow(charge)
    assert not maas_verdict.charges

def test_another_charge(maas_verdict):
    with pytest.raises(ValueError, match="no charge 'retry-storms': use one of .*'retry storm'"):
        maas_verdict.allow("retry-storms")
"""
    assert counts(run_tests(project, test)) == {"passed": 3}


FOUNDRY = """
import asyncio

from maas_client import MaasClient

def train(maas):
    job = maas.jobs.create(model="Ministral-3B", training_data="train.jsonl")
    job = maas.jobs.wait(job.name)
    deployment = maas.endpoints.create(model=job.output_model)
    maas.endpoints.wait(deployment.name)
    return maas.chat.complete(deployment.name, "Hi").text

def test_a_function(maas_foundry, maas_verdict):
    assert train(maas_foundry) == "Good day."
    assert not maas_verdict.charges

def test_an_app(maas_foundry_env, maas_verdict):
    with MaasClient.from_env() as maas:
        assert train(maas) == "Good day."
    assert not maas_verdict.charges

def test_a_coroutine(async_maas_foundry):
    async def whole():
        job = await async_maas_foundry.jobs.create(model="Ministral-3B", training_data="train.jsonl")
        assert (await async_maas_foundry.jobs.wait(job.name)).status == "succeeded"
    asyncio.run(whole())

def test_a_workspace(maas_env):
    with MaasClient.from_env() as maas:
        assert list(maas.jobs.list()) == []
"""


def test_the_fixtures_of_foundry_train_deploy_and_chat(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDRY_ENDPOINT", "https://mine.services.ai.azure.com/api/projects/mine")
    assert counts(run_tests(project, FOUNDRY)) == {"passed": 4}
