"""Every example runs as a user would run it: a process of its own, the environment, a server on the same machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from maas_client import MaasClient
from mock_server.server import Server, serve

EXAMPLES = Path(__file__).parents[2] / "examples"
TRAINING = EXAMPLES / "data" / "train.jsonl"
OPENING_HOURS = "We are open Tuesday to Friday from 10:00 to 18:30"
TUNE_UP = "A tune-up costs 38 euros."
INVENTED = re.compile(r"(?<=phi-4-mini-ins)\S*|(?<=e-ft-phi)\S*|(?<=last loss was )\S+")


@dataclass(frozen=True)
class Finished:
    """What a process left behind."""

    code: int
    out: str
    err: str


class Shell:
    """Runs examples against one server."""

    def __init__(self, server: Server, bytecode: Path) -> None:
        self.server, self._bytecode = server, bytecode
        self.workspace = {
            "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
            "AZURE_RESOURCE_GROUP": "rg-examples",
            "AZUREML_WORKSPACE_NAME": "ws-examples",
        }

    @property
    def _settings(self) -> dict[str, str]:
        """The server, and bytecode kept as an installed package has it: compiling costs half a second a process."""
        return {
            "MAAS_ENDPOINT": self.server.endpoint,
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self._bytecode),
            "PYTHONIOENCODING": "utf-8",
        }

    def run(self, example: str, *arguments: str, said: str = "") -> Finished:
        """Run an example, from a directory that is not its own, with warnings as errors."""
        done = subprocess.run(
            [sys.executable, "-W", "error", str(EXAMPLES / example), *arguments],
            input=said,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            cwd=self._bytecode,
            env=os.environ | self.workspace | self._settings,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def client(self) -> MaasClient:
        """Return a client for the same workspace."""
        subscription, group, workspace = self.workspace.values()
        return MaasClient(
            subscription_id=subscription, resource_group=group, workspace=workspace, endpoint=self.server.endpoint
        )


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every process of this module keeps its bytecode."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def quick(bytecode: Path) -> Iterator[Shell]:
    """A server whose jobs are over at the first look."""
    with serve(job_seconds=0.001) as server:
        yield Shell(server, bytecode)


@pytest.fixture
def slow(bytecode: Path) -> Iterator[Shell]:
    """A server whose jobs stay in the queue until the test moves the clock."""
    with serve(job_seconds=600, clock="virtual") as server:
        yield Shell(server, bytecode)


def endpoint_of_a_tuned_model(shell: Shell) -> str:
    with shell.client() as maas:
        job = maas.jobs.create(model="Phi-4-mini-instruct", training_data=TRAINING, name="examples")
        done = maas.jobs.wait(job.name)
        assert done.output_model is not None
        endpoint = maas.endpoints.create(model=done.output_model, name="examples")
        return maas.endpoints.wait(endpoint.name).name


def test_the_quickstart_does_the_whole_job_and_leaves_no_endpoint_behind(quick: Shell) -> None:
    done = quick.run("quickstart.py")
    assert (done.code, done.err) == (0, "")
    assert "52 of 52 rows kept for chat training; the service would accept it" in done.out
    assert "uploaded train:" in done.out
    assert ": Completed" in done.out
    assert "the last loss was " in done.out
    assert TUNE_UP in done.out
    with quick.client() as maas:
        assert list(maas.endpoints.list()) == []


def test_the_asynchronous_quickstart_prints_what_the_plain_one_does_but_for_invented_names(quick: Shell) -> None:
    plain, concurrent = quick.run("quickstart.py"), quick.run("quickstart_async.py")
    assert (concurrent.code, concurrent.err) == (0, "")
    assert INVENTED.sub("", concurrent.out) == INVENTED.sub("", plain.out)


def test_a_job_is_started_by_one_process_and_awaited_by_another(slow: Shell) -> None:
    started = slow.run("resume_by_name.py", "start")
    assert (started.code, started.err) == (0, "")
    name = started.out.strip()
    slow.server.advance(3600)
    resumed = slow.run("resume_by_name.py", name)
    assert (resumed.code, resumed.err) == (0, "")
    assert resumed.out.splitlines() == [f"{name}: Completed", f"Phi-4-mini-instruct became {name}-model:1"]


def test_a_wait_that_runs_out_of_time_says_how_to_go_on_and_leaves_the_job_alone(slow: Shell) -> None:
    name = slow.run("resume_by_name.py", "start").out.strip()
    given_up = slow.run("resume_by_name.py", name, "0")
    assert given_up.code == 1
    assert given_up.out == f"{name}: NotStarted\n"
    assert f"job '{name}' is NotStarted" in given_up.err
    assert f"jobs.wait('{name}')" in given_up.err
    with slow.client() as maas:
        assert not maas.jobs.get(name).status.is_final


def test_without_arguments_the_resuming_example_says_how_to_use_it(quick: Shell) -> None:
    done = quick.run("resume_by_name.py")
    assert done.code == 1
    assert "python examples/resume_by_name.py start" in done.err


def test_many_jobs_train_side_by_side_and_the_best_loss_is_named(quick: Shell) -> None:
    done = quick.run("many_jobs.py")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    losses = [line.rpartition(" ")[2] for line in lines if ": evaluation loss " in line]
    assert len(losses) == 6
    assert len([line for line in lines if line.endswith(": Completed")]) == 6
    assert lines[-1].startswith(f"best evaluation loss {min(losses)}: ft-phi-4-mini-instruct-")
    with quick.client() as maas:
        assert {job.experiment for job in maas.jobs.list()} == {"many-jobs"}


def test_a_streamed_conversation_answers_from_the_training_data(quick: Shell) -> None:
    endpoint = endpoint_of_a_tuned_model(quick)
    done = quick.run("streaming_chat.py", endpoint, said="When are you open?\nHow much is a tune-up?\n")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first.startswith(OPENING_HOURS)
    assert second.startswith(TUNE_UP)


def test_an_answer_that_breaks_off_is_told_and_the_conversation_goes_on(quick: Shell) -> None:
    endpoint = endpoint_of_a_tuned_model(quick)
    quick.server.fault(operation="chat.complete", truncate=400)
    done = quick.run("streaming_chat.py", endpoint, said="When are you open?\nHow much is a tune-up?\n")
    assert (done.code, done.err) == (0, "")
    assert "[the answer was cut before its end" in done.out
    assert done.out.splitlines()[-1].startswith(TUNE_UP)
