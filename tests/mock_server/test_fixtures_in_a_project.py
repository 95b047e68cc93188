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
