"""Every example runs as a user would run it: in its own process, with a mock server on the same machine."""

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
GENERATED = re.compile(r"(?<=phi-4-mini-ins)\S*|(?<=e-ft-phi)\S*|(?<=last loss was )\S+")


@dataclass(frozen=True)
class Finished:
    """The exit code and the output of a process."""

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
        """The server, and a bytecode cache as an installed package has: compiling takes half a second per process."""
        return {
            "MAAS_ENDPOINT": self.server.endpoint,
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self._bytecode),
            "PYTHONIOENCODING": "utf-8",
        }

    def run(self, example: str, *arguments: str, stdin: str = "") -> Finished:
        """Run an example from another directory, with warnings as errors and `stdin` as its input."""
        done = subprocess.run(
            [sys.executable, "-W", "error", str(EXAMPLES / example), *arguments],
            input=stdin,
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
    """The bytecode cache of every process of this module."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def quick(bytecode: Path) -> Iterator[Shell]:
    """A server whose jobs have ended at the first poll."""
    with serve(job_seconds=0.001) as server:
        yield Shell(server, bytecode)


@pytest.fixture
def slow(bytecode: Path) -> Iterator[Shell]:
    """A server whose jobs stay queued until the test moves the clock."""
    with serve(job_seconds=600, clock="virtual") as server:
        yield Shell(server, bytecode)


@pytest.fixture
def own(bytecode: Path) -> Iterator[Shell]:
    """A server with quota for machines with GPUs, on whose clock the examples wait."""
    with serve(clock="virtual", quota={"gpu": 1000}) as server:
        shell = Shell(server, bytecode)
        shell.workspace["MAAS_MOCK"] = "1"
        yield shell


def endpoint_of_a_tuned_model(shell: Shell) -> str:
    with shell.client() as maas:
        job = maas.jobs.create(model="Phi-4-mini-instruct", training_data=TRAINING, name="examples")
        done = maas.jobs.wait(job.name)
        assert done.output_model is not None
        endpoint = maas.endpoints.create(model=done.output_model, name="examples")
        return maas.endpoints.wait(endpoint.name).name


def test_the_quickstart_runs_and_deletes_its_endpoint(quick: Shell) -> None:
    done = quick.run("quickstart.py")
    assert (done.code, done.err) == (0, "")
    assert "52 of 52 rows kept for chat training; the service would accept it" in done.out
    assert "uploaded train:" in done.out
    assert ": Completed" in done.out
    assert "the last loss was " in done.out
    assert TUNE_UP in done.out
    with quick.client() as maas:
        assert list(maas.endpoints.list()) == []


@pytest.mark.parametrize("example", ["own_compute.py", "own_compute_async.py"])
def test_own_compute_runs_and_leaves_nothing_that_costs(own: Shell, example: str) -> None:
    done = own.run(example)
    assert (done.code, done.err) == (0, "")
    assert "Standard NCADSA100v4 Family: 0 of 1000 vCPUs used" in done.out
    assert ": Completed\n  ft_nlp_common_validation: Completed" in done.out
    assert "online deployment own-compute-chat/main: Succeeded, 3.70 USD/h" in done.out
    assert OPENING_HOURS in done.out
    assert_nothing_costs(own, done)


def test_own_compute_trains_on_real_rows(own: Shell, shared: Path) -> None:
    done = own.run("own_compute.py", str(shared / "data" / "gsm8k_chat_train.jsonl"))
    assert (done.code, done.err) == (0, "")
    assert "Natalia sold" in done.out
    assert_nothing_costs(own, done)


def assert_nothing_costs(shell: Shell, done: Finished) -> None:
    """Hold that everything was deleted, by the example's own list and by the server's."""
    assert "0 things left that cost money by the hour" in done.out
    verdict = shell.server.verdict()
    assert (verdict["verdict"], verdict["costs"]) == ("clean", [])


def test_foundrys_quickstart_runs_and_deletes_its_deployment(quick: Shell) -> None:
    quick.workspace = {"FOUNDRY_ENDPOINT": f"{quick.server.endpoint}/api/projects/examples"}
    done = quick.run("foundry_quickstart.py")
    assert (done.code, done.err) == (0, "")
    assert "52 of 52 rows valid for supervised fine-tuning; Azure AI Foundry would accept it" in done.out
    assert ": succeeded" in done.out
    assert re.search(r"trained gpt-oss-20b\.ft-[0-9a-f]{32}-shop; the last loss was \d", done.out)
    assert "checkpoint of step " in done.out
    assert TUNE_UP in done.out
    with MaasClient(foundry_endpoint=quick.workspace["FOUNDRY_ENDPOINT"]) as maas:
        assert list(maas.endpoints.list()) == []


def test_both_quickstarts_print_the_same_but_generated_names(quick: Shell) -> None:
    sync, concurrent = quick.run("quickstart.py"), quick.run("quickstart_async.py")
    assert (concurrent.code, concurrent.err) == (0, "")
    assert GENERATED.sub("", concurrent.out) == GENERATED.sub("", sync.out)


def test_one_process_starts_a_job_and_another_waits_for_it(slow: Shell) -> None:
    started = slow.run("resume_by_name.py", "start")
    assert (started.code, started.err) == (0, "")
    name = started.out.strip()
    slow.server.advance(3600)
    resumed = slow.run("resume_by_name.py", name)
    assert (resumed.code, resumed.err) == (0, "")
    assert resumed.out.splitlines() == [f"{name}: Completed", f"Phi-4-mini-instruct became {name}-model:1"]


def test_a_timed_out_wait_says_how_to_resume_and_keeps_the_job(slow: Shell) -> None:
    name = slow.run("resume_by_name.py", "start").out.strip()
    timed_out = slow.run("resume_by_name.py", name, "0")
    assert timed_out.code == 1
    assert timed_out.out == f"{name}: NotStarted\n"
    assert f"job '{name}' is NotStarted" in timed_out.err
    assert f"jobs.wait('{name}')" in timed_out.err
    with slow.client() as maas:
        assert not maas.jobs.get(name).status.is_final


def test_without_arguments_resume_by_name_prints_its_usage(quick: Shell) -> None:
    done = quick.run("resume_by_name.py")
    assert done.code == 1
    assert "python examples/resume_by_name.py start" in done.err


def test_many_jobs_train_in_parallel_and_the_best_is_printed(quick: Shell) -> None:
    done = quick.run("many_jobs.py")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    losses = [line.rpartition(" ")[2] for line in lines if ": evaluation loss " in line]
    assert len(losses) == 6
    assert len([line for line in lines if line.endswith(": Completed")]) == 6
    assert lines[-1].startswith(f"best evaluation loss {min(losses)}: ft-phi-4-mini-instruct-")
    with quick.client() as maas:
        assert {job.experiment for job in maas.jobs.list()} == {"many-jobs"}


def test_a_streamed_answer_comes_from_the_training_data(quick: Shell) -> None:
    endpoint = endpoint_of_a_tuned_model(quick)
    done = quick.run("streaming_chat.py", endpoint, stdin="When are you open?\nHow much is a tune-up?\n")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first.startswith(OPENING_HOURS)
    assert second.startswith(TUNE_UP)


def test_an_interrupted_answer_is_reported_and_chat_continues(quick: Shell) -> None:
    endpoint = endpoint_of_a_tuned_model(quick)
    quick.server.fault(operation="chat.complete", truncate=400)
    done = quick.run("streaming_chat.py", endpoint, stdin="When are you open?\nHow much is a tune-up?\n")
    assert (done.code, done.err) == (0, "")
    assert "[the answer ended early" in done.out
    assert done.out.splitlines()[-1].startswith(TUNE_UP)
