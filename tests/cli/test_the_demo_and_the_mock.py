"""`maas demo` runs a whole job; `maas mock` takes the options of the server."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from maas_client.cli.app.session import Session
from maas_client.cli.commands import demo
from maas_client.cli.commands.mock import server_arguments, variables
from mock_server.server import Server
from tests.cli.shell import Shell


@pytest.mark.parametrize(("options", "done"), [([], "Completed"), (["--surface", "foundry"], "succeeded")])
def test_the_demo_runs_a_job_and_compares_tuned_with_base(maas: Shell, options: list[str], done: str) -> None:
    result = maas("demo", *options)
    assert result.exit_code == 0, result.output
    commands = re.findall(r"^\$ maas (\w+(?: (?:create|watch))?)", result.stdout, re.MULTILINE)
    assert commands == [
        *("check", "upload", "jobs create", "jobs watch", "deploy", "endpoints create", "chat", "chat"),
    ]
    assert f"ft-demo  {done}" in result.stdout
    assert "has not been fine-tuned" in result.stdout
    assert "We are open Tuesday to Friday" in result.stdout
    assert "Done: " in result.stderr


def test_the_demo_in_json_prints_one_document_per_command(maas: Shell) -> None:
    result = maas("demo", "--output", "json")
    assert result.exit_code == 0, result.output
    documents = json.loads(re.sub(r"^}\n{", "},{", f"[{result.stdout}]", flags=re.MULTILINE))
    checked, uploaded, created, watched, deployed, _, base, tuned = documents
    assert (checked["ok"], uploaded["name"], created["name"]) == (True, "train", "ft-demo")
    assert (watched["status"], deployed["state"]) == ("Completed", "Online")
    assert base["text"] != tuned["text"]
    assert len(re.findall(r"^\$ maas ", result.stderr, re.MULTILINE)) == len(documents)


def test_the_demo_in_jsonl_is_lines_of_json(maas: Shell) -> None:
    lines = [json.loads(line) for line in maas.done("demo", "--output", "jsonl").splitlines()]
    assert len(lines) > 8


def test_the_demo_needs_no_setting(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAAS_ENDPOINT")
    monkeypatch.delenv("AZUREML_WORKSPACE_NAME")
    assert maas("demo", "--quiet", "--surface", "foundry").exit_code == 0
    result = maas("demo", "--quiet", "--model", "Phi-3-medium-4k-instruct")
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_demo_takes_packaged_data_first(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path_factory.mktemp("package")
    (package / "data").mkdir()
    (package / "data" / "train.jsonl").write_text("{}")
    monkeypatch.setattr(demo, "__file__", str(package / "commands" / "demo.py"))
    assert demo.data_file("train.jsonl").samefile(package / "data" / "train.jsonl")


@pytest.mark.parametrize(("command", "module"), [("demo", "mock_server.server"), ("mock", "mock_server.__main__")])
def test_without_the_extra_there_is_a_pip_line(
    maas: Shell, monkeypatch: pytest.MonkeyPatch, command: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    result = maas(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search('pip install "httptools>=[0-9.]+" "starlette>=.*" "uvicorn>=', result.stderr)


def test_a_port_in_use_is_a_failure(maas: Shell, server: Server) -> None:
    result = maas("mock", "--port", server.endpoint.rpartition(":")[2])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Address already in use" in result.stderr


def test_mock_takes_every_option_of_the_server(maas: Shell) -> None:
    theirs = subprocess.run([sys.executable, "-m", "mock_server", "--help"], capture_output=True, text=True, check=True)
    options = set(re.findall(r"--[a-z-]+", theirs.stdout))
    assert options <= set(re.findall(r"--[a-z-]+", maas.done("mock", "--help")))


def test_options_are_passed_on_as_they_were_given() -> None:
    given = {"job_seconds": 2.0, "state": None, "workspace": ("a", "b")}
    assert server_arguments(given) == ["--job-seconds", "2.0", "--workspace", "a", "--workspace", "b"]


def test_mock_prints_the_variables_of_the_chosen_surface(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "http://127.0.0.1:8765"
    monkeypatch.delenv("MAAS_SURFACE", raising=False)
    assert variables(Session(), here, "ws")["AZUREML_WORKSPACE_NAME"] == "ws"
    assert variables(Session(surface="foundry"), here, "ws") == {"FOUNDRY_ENDPOINT": f"{here}/api/projects/demo"}
    monkeypatch.setenv("MAAS_SURFACE", "foundry")
    assert list(variables(Session(), here, "ws")) == ["FOUNDRY_ENDPOINT"]


def test_mock_for_other_machines_needs_tls_and_says_how(maas: Shell) -> None:
    result = maas("mock", "--host", "0.0.0.0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "\n  maas mock --host 0.0.0.0 --tls --tls-name NAME --ca-out ca.pem\n" in result.stderr
