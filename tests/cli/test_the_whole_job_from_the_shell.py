"""A whole job on real data from the shell: separate processes and a server with persistent state."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from maas_client import AsyncMaasClient, MaasClient
from tests.cli.shell import process
from tests.test_main_job import MODEL, in_order, steps, whole_job, whole_job_on_a_loop


class ByEnvironment:
    """Clients configured by the environment, each with its own transport."""

    def blocking(self) -> MaasClient:
        return MaasClient()

    def on_a_loop(self) -> AsyncMaasClient:
        return AsyncMaasClient()


def start_server(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start `python -m mock_server --state DIR` and return it with its endpoint once it is ready."""
    url_file = folder / "server.json"
    url_file.unlink(missing_ok=True)
    options = ["--port", "0", "--url-file", str(url_file), "--state", str(folder / "state"), "--job-seconds", "2"]
    server = subprocess.Popen([sys.executable, "-m", "mock_server", *options], stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()  # printed once the port answers
    return server, json.loads(url_file.read_text())["endpoint"]


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop a server as Ctrl-C does."""
    server.send_signal(signal.SIGINT)
    assert server.wait(10) == 0
    assert server.stdout is not None
    server.stdout.close()


@pytest.fixture
def at_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A dedicated server, set in the environment."""
    server, endpoint = start_server(tmp_path)
    monkeypatch.setenv("MAAS_ENDPOINT", endpoint)
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "s")
    monkeypatch.setenv("AZURE_RESOURCE_GROUP", "g")
    monkeypatch.setenv("AZUREML_WORKSPACE_NAME", "w")
    yield endpoint
    stop(server)


def maas(*words: str) -> str:
    """Run a command that must succeed."""
    done = process(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def journal(endpoint: str) -> list[Any]:
    """Return the requests that a server received, and reset it."""
    with urllib.request.urlopen(f"{endpoint}/_mock/requests") as answer:
        requests: list[Any] = json.load(answer)["requests"]
    urllib.request.urlopen(f"{endpoint}/_mock/reset", data=b"").close()
    return requests


def as_json(*words: str) -> Any:
    """Run a command that must succeed, and parse its JSON output."""
    return json.loads(maas(*words, "--output", "json"))


def test_from_a_check_to_a_streamed_answer_taken_from_the_data(at_the_server: str, shared: Path) -> None:
    train, validation = (str(shared / "data" / f"gsm8k_chat_{part}.jsonl") for part in ("train", "validation"))
    report = as_json("check", train, "--model", MODEL)
    assert (report["rows"], report["kept"]) == (449, 449)

    asset = as_json("upload", train)
    data = f"{asset['name']}:{asset['version']}"
    created = ("jobs", "create", "--model", MODEL, "--training-data", data, "--validation-data", validation)
    job = as_json(*created, "--name", "gsm8k", "--epochs", "2", "--learning-rate", "2e-5", "--batch-size", "1")
    assert (job["name"], job["model"]) == ("gsm8k", MODEL)

    watched = maas("jobs", "watch", "gsm8k").splitlines()
    assert watched[-1].split()[-1] == "Completed"
    assert as_json("jobs", "show", "gsm8k")["output_model"] == "gsm8k-model:1"
    assert "LOSS" in maas("jobs", "metrics", "gsm8k")
    assert "gsm8k" in maas("jobs", "list")
    assert maas("jobs", "logs", "gsm8k")

    assert as_json("deploy", "gsm8k", "--name", "sums")["state"] == "Online"
    _, asked, answered = json.loads(Path(train).read_text("utf-8").splitlines()[1])["messages"]
    assert maas("chat", "sums", asked["content"]).strip() == answered["content"].strip()

    requests = journal(at_the_server)
    assert {"method", "url", "status", "request_bytes", "operation"} <= requests[0].keys()
    assert [entry for entry in requests if entry["status"] >= 500] == []


def test_both_clients_send_the_same_requests_for_the_same_data(
    at_the_server: str, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", min)  # without jitter both poll at the same times
    clients = ByEnvironment()
    train, validation = (shared / "data" / f"gsm8k_chat_{part}.jsonl" for part in ("train", "validation"))
    _, asked, answered = json.loads(train.read_text("utf-8").splitlines()[0])["messages"]
    answer = whole_job(clients, train, validation, asked["content"])
    assert answer.strip() == answered["content"].strip()
    first = steps(journal(at_the_server))
    assert asyncio.run(whole_job_on_a_loop(clients, train, validation, asked["content"])) == answer
    second = steps(journal(at_the_server))
    # In real time one of them may poll once more; the requests after a poll are the same.
    assert set(second) == set(first)
    assert [step for step, _ in groupby(in_order(second))] == [step for step, _ in groupby(in_order(first))]
    assert any(step.startswith("PUT") and "/jobs/the-job" in step for step in first)


def test_the_state_in_a_folder_is_there_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "s")
    monkeypatch.setenv("AZURE_RESOURCE_GROUP", "g")
    monkeypatch.setenv("AZUREML_WORKSPACE_NAME", "w")
    train = str(Path(__file__).parents[2] / "examples" / "data" / "train.jsonl")
    server, endpoint = start_server(tmp_path)
    monkeypatch.setenv("MAAS_ENDPOINT", endpoint)
    maas("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "kept")
    stop(server)
    server, endpoint = start_server(tmp_path)
    monkeypatch.setenv("MAAS_ENDPOINT", endpoint)
    assert re.search(r"\bkept\b", maas("jobs", "list"))
    stop(server)
