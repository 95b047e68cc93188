"""What stdout and stderr cannot hold or take never decides the exit code, and never shows a traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from maas_client.cli.output.streams import prepare_streams
from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.terminal import on_a_terminal, plain

ENCODINGS = ["ascii", "latin-1", "cp1252", "cp437"]
NAME = "Geschäft 日本語 “quoted” — 😀"

full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")


@pytest.fixture
def named(maas: Shell, server: Server, train: str) -> str:
    """A completed job whose display name has characters that few encodings have."""
    create = ["jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-1"]
    maas.done(*create, "--display-name", NAME)
    server.advance(601)
    return "ft-1"


def run(*words: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line whose streams have an encoding."""
    command = [sys.executable, "-m", "maas_client", *words]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_keeps_every_character_in_every_encoding(named: str, encoding: str) -> None:
    for words in (["jobs", "show", named, "--output", "json"], ["jobs", "list", "--output", "jsonl"]):
        done = run(*words, encoding=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        assert json.loads(done.stdout.decode(encoding))["display_name"] == NAME


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_is_replaced_where_an_encoding_lacks_it(named: str, encoding: str) -> None:
    done = run("jobs", "list", "--fields", "display_name", encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode(encoding).splitlines()[1]
    assert shown.startswith("Gesch")
    assert shown.endswith("?")
    assert "???" in shown
    assert encoding not in {"ascii", "latin-1"} or '"quoted" -' in shown


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_error_is_printed_in_every_encoding(maas: Shell, encoding: str) -> None:
    done = run("check", "日本語….jsonl", encoding=encoding)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr
    assert done.stderr.decode(encoding).startswith("error: ")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_terminal_without_unicode_gets_ascii_drawings(maas: Shell, train: str, encoding: str) -> None:
    code, drawn = on_a_terminal("upload", train, PYTHONIOENCODING=encoding)
    assert code == 0
    assert plain(drawn).isascii()
    assert "train.jsonl ---" in plain(drawn)
    code, drawn = on_a_terminal("models", PYTHONIOENCODING=encoding)
    assert code == 0
    assert "-----" in drawn
    assert drawn.isascii()


@full_disk
@pytest.mark.parametrize(
    "words", [["models"], ["models", "--output", "table"], ["models", "--output", "json"], ["--help"], ["--version"]]
)
def test_a_full_disk_is_an_error_that_says_so(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "maas_client", *words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: cannot write the output: No space left on device",
        "try: the same command after freeing disk space",
    ]


@full_disk
@pytest.mark.parametrize(("words", "code"), [(["jobs", "show", "ft-1"], 0), (["jobs", "show", "nobody"], 3)])
def test_notes_that_cannot_be_written_change_no_exit_code(named: str, words: list[str], code: int) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "maas_client", *words, "--debug"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, check=False, timeout=60)
    assert done.returncode == code


def test_a_drawing_keeps_its_width_in_ascii() -> None:
    drawn = "─│╭╮▁▂▃▄▅▆▇█▌✓✗▸·•…×“”日"
    held = io.BytesIO()
    prepared = io.TextIOWrapper(held, encoding="ascii")
    with redirect_stdout(prepared), redirect_stderr(io.StringIO()):
        prepare_streams()
    prepared.write(drawn)
    prepared.flush()
    written = held.getvalue().decode("ascii")
    assert written == '-|++_.,-=+*##vx>.*~x""?'
    assert len(written) == len(drawn)
