"""Shells complete commands, options, models and files without network access."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from maas_client.cli import maas as command_line
from tests.cli.shell import MODEL, process

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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(shell: str, tmp_path: Path) -> None:
    done = process("completion", shell)
    assert done.returncode == 0
    assert "_MAAS_COMPLETE" in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its script was written, and not read")
    (tmp_path / "script").write_text(done.stdout, "utf-8")
    subprocess.run([shell, "-n", str(tmp_path / "script")], check=True, timeout=60)
