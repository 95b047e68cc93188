"""`maas record`: a command's traffic in a file, its exit code and output as without it, and a list of what is in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from maas_client.recording.cassette import read_cassette
from mock_server.server import Server
from tests.cli.shell import MODEL, Shell, process


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded.jsonl"


@pytest.fixture
def here(server: Server) -> Mapping[str, str]:
    """The environment of a process that works with the mock server."""
    return {
        "MAAS_ENDPOINT": server.endpoint,
        "MAAS_MOCK": "1",
        "AZURE_SUBSCRIPTION_ID": "our-subscription",
        "AZURE_RESOURCE_GROUP": "our-group",
        "AZUREML_WORKSPACE_NAME": "work",
    }


def test_a_command_is_recorded_and_prints_as_before(here: Mapping[str, str], file: Path, train: str) -> None:
    data = str(file.with_name(train))
    create = ("maas", "jobs", "create", "--model", MODEL, "--training-data", data, "--name", "our-job", "--quiet")
    done = process("record", "--to", str(file), "--", *create, environment=here)
    assert done.returncode == 0, done.stderr
    assert "our-job" in done.stdout
    recorded = read_cassette(file)
    assert f"recorded {len(recorded)} exchanges in {file}" in done.stderr
    assert "jobs.create" in [exchange.operation for exchange in recorded]
    assert "our-" not in file.read_text("utf-8")


def test_the_exit_code_is_the_commands(here: Mapping[str, str], file: Path) -> None:
    done = process("record", "--to", str(file), "--", "maas", "jobs", "show", "absent", environment=here)
    assert done.returncode == 3
    assert 404 in [exchange.status for exchange in read_cassette(file)]


SCRIPT = """
import subprocess, sys
from maas_client import MaasClient
with MaasClient.from_env() as maas:
    list(maas.jobs.list())
sys.exit(subprocess.call([sys.executable, "-m", "maas_client", "jobs", "list"]))
"""


def test_processes_of_one_command_have_the_same_placeholders(here: Mapping[str, str], file: Path) -> None:
    done = process("record", "--to", str(file), "--", sys.executable, "-c", SCRIPT, environment=here)
    assert done.returncode == 0, done.stderr
    recorded = read_cassette(file)
    assert [exchange.n for exchange in recorded] == [0, 1]
    assert len({exchange.url.partition("?")[0] for exchange in recorded}) == 1


def test_with_json_stdout_is_the_summary_alone(here: Mapping[str, str], file: Path) -> None:
    words = ("record", "--to", str(file), "--output", "json", "--", "maas", "jobs", "list")
    done = process(*words, environment=here)
    assert json.loads(done.stdout) == {"file": str(file), "exchanges": 1, "exit_code": 0}


def test_a_program_that_sends_nothing_is_reported(here: Mapping[str, str], file: Path) -> None:
    done = process("record", "--to", str(file), "--", sys.executable, "-c", "", environment=here)
    assert "recorded nothing" in done.stderr


def test_a_program_that_is_absent_is_reported(maas: Shell, file: Path) -> None:
    result = maas("record", "--to", str(file), "--", "no-such-program")
    assert result.exit_code == 127
    assert "no-such-program" in result.stderr


def test_a_recording_is_replaced_only_on_request(maas: Shell, file: Path) -> None:
    file.write_text("precious", "utf-8")
    result = maas("record", "--to", str(file), "--", "no-such-program")
    assert result.exit_code != 0
    assert "--overwrite" in result.stderr
    assert file.read_text("utf-8") == "precious"
    maas("record", "--to", str(file), "--overwrite", "--", "no-such-program")
    assert file.read_text("utf-8") == ""


@pytest.mark.parametrize(
    "words", [(), ("--to", "x.jsonl"), ("--", "maas", "jobs", "list"), ("--show", "{file}", "--to", "x.jsonl")]
)
def test_a_file_and_a_command_are_needed(maas: Shell, file: Path, words: tuple[str, ...]) -> None:
    file.touch()
    assert maas("record", *(word.replace("{file}", str(file)) for word in words)).exit_code == 2


def test_what_is_in_a_recording_is_listed(maas: Shell, file: Path) -> None:
    with maas.client() as client:
        list(client.record(file).jobs.list())
    listed = maas.done("record", "--show", str(file))
    assert "jobs.list" in listed
    assert "/jobs?listViewType=ActiveOnly" in listed
    (document,) = json.loads(maas.done("record", "--show", str(file), "--output", "json"))
    assert document["cassette"] == 1
