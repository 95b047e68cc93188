"""Shells complete commands, options, models and files without network access."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from maas_client.cli import maas as command_line
from maas_client.cli.app.known_names import BETWEEN_REFRESHES, FRESH, NameCache, cache_for, known_names
from maas_client.cli.app.refresh_names import refresh
from maas_client.cli.app.session import Session
from tests.cli.shell import MODEL, Shell, process

BIN = Path(sys.executable).parent


def completed(line: str) -> list[str]:
    """Return the completions of a line in bash."""
    words = line.split(" ")
    script = (
        'source <(maas completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _maas_completion maas; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    command = ["bash", "--norc", "-c", f"compopt() {{ :; }}; {script}", "bash", *words]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=True)
    assert done.stderr == ""
    return [word for word in done.stdout.split("\n") if word]


def test_commands_are_completed() -> None:
    assert completed("maas jo") == ["jobs"]
    assert completed("maas jobs wa") == ["watch"]
    assert set(completed("maas ")) >= set(command_line.table)


def test_options_and_their_values_are_completed() -> None:
    assert completed("maas jobs watch --stop") == ["--stop-on-alarm"]
    assert completed("maas models --output js") == ["json", "jsonl"]


def test_models_are_completed_from_the_catalogue() -> None:
    assert MODEL in completed("maas jobs create --model Phi-4")


@pytest.fixture
def cache(maas: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NameCache:
    """The names of a workspace whose service is never asked, for its address refuses connections."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MAAS_ENDPOINT", "http://127.0.0.1:9")
    found = cache_for(Session().workspace_options, os.environ, Path.cwd())
    found.write({"jobs": ["ft-1", "ft-2", "other"], "endpoints": ["shop", "base"]})
    return found


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("maas jobs show ft", ["ft-1", "ft-2"]),
        ("maas jobs watch ft-1 ft", ["ft-2"]),
        ("maas deploy o", ["other"]),
        ("maas jobs logs ", ["ft-1", "ft-2", "other"]),
        ("maas chat s", ["shop"]),
        ("maas eval base ", ["shop"]),
        ("maas endpoints show b", ["base"]),
    ],
)
def test_names_of_jobs_and_endpoints_are_completed(cache: NameCache, line: str, names: list[str]) -> None:
    assert completed(line) == names


def test_completion_opens_no_connection_when_names_are_old(cache: NameCache) -> None:
    os.utime(cache.path, (0, 0))
    environment = {"_MAAS_COMPLETE": "bash_complete", "COMP_WORDS": "maas jobs show ft", "COMP_CWORD": "3"}
    done = process(flags=("-X", "importtime"), environment=environment)
    assert done.stdout.split() == ["plain,ft-1", "plain,ft-2"]
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "maas_client.cli.app.known_names" in loaded
    assert not {name for name in loaded if name.startswith(("httpx", "httpcore", "maas_client.client", "ssl"))}
    assert cache.names("jobs") == ["ft-1", "ft-2", "other"]


def test_names_are_refreshed_once_they_are_old(cache: NameCache) -> None:
    refreshed: list[str] = []
    changed = cache.path.stat().st_mtime

    def names(seconds: float) -> list[str]:
        return known_names("endpoints", cache, now=changed + seconds, refresh=lambda: refreshed.append("now"))

    assert names(FRESH - 1) == ["shop", "base"]
    assert refreshed == []
    assert names(FRESH + 1) == ["shop", "base"]
    assert refreshed == ["now"]
    assert names(FRESH + 2) == ["shop", "base"]
    assert refreshed == ["now"]
    assert names(FRESH + 2 + BETWEEN_REFRESHES + 60) == ["shop", "base"]
    assert refreshed == ["now", "now"]


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"jobs": 1}', b'{"jobs": [1, {}]}', b"\xff"])
def test_a_missing_or_damaged_file_has_no_names(cache: NameCache, content: bytes | None) -> None:
    cache.path.unlink() if content is None else cache.path.write_bytes(content)
    assert cache.names("jobs") == []


def test_another_workspace_has_other_names(cache: NameCache, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed("maas jobs show --workspace other ft") == []
    monkeypatch.setenv("AZUREML_WORKSPACE_NAME", "another")
    assert completed("maas jobs show ft") == []


def test_a_background_process_writes_the_names(maas: Shell, endpoint: str, tmp_path: Path) -> None:
    cache = NameCache(tmp_path / "new" / "names.json")
    words = [sys.executable, "-m", "maas_client.cli.app.refresh_names", str(cache.path)]
    subprocess.run([*words, json.dumps(Session().workspace_options)], check=True, timeout=60)
    assert (cache.names("jobs"), cache.names("endpoints")) == (["ft-1"], [endpoint])
    assert cache.path.stat().st_mode & 0o077 == 0


def test_an_unreachable_service_leaves_the_names_as_they_were(cache: NameCache) -> None:
    refresh(cache, Session().workspace_options)
    assert cache.names("jobs") == ["ft-1", "ft-2", "other"]


@pytest.mark.parametrize(
    ("line", "word", "found"),
    [
        ("maas jo", "jo", ["jobs\tCreate, watch and inspect fine-tuning jobs."]),
        ("maas jobs show", "", ["ft-1", "ft-2", "other"]),
        ("maas jobs show ft-2", "ft-2", ["ft-2"]),
        ("maas check", "", []),
    ],
)
def test_powershell_completes_commands_and_names(cache: NameCache, line: str, word: str, found: list[str]) -> None:
    environment = {"_MAAS_COMPLETE": "powershell_complete", "_MAAS_COMPLETE_LINE": line, "_MAAS_COMPLETE_WORD": word}
    done = process(environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line] == found


def test_powershell_registers_a_completer() -> None:
    script = process("completion", "powershell").stdout
    assert script.startswith("Register-ArgumentCompleter -Native -CommandName maas -ScriptBlock {")
    assert "$env:_MAAS_COMPLETE = 'powershell_complete'" in script
    assert script.count("{") == script.count("}")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(shell: str, tmp_path: Path) -> None:
    done = process("completion", shell)
    assert done.returncode == 0
    assert "_MAAS_COMPLETE" in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its script was written, and not read")
    (tmp_path / "script").write_text(done.stdout, "utf-8")
    subprocess.run([shell, "-n", str(tmp_path / "script")], check=True, timeout=60)
