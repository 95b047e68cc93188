"""The README's code runs as written, and it is short; the tables and trees of the docs pages match the code."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import maas_client
from maas_client import errors
from maas_client.azure.settings import VARIABLES
from maas_client.azure.surface_choice import SURFACE_VARIABLE
from maas_client.cli.app.error_messages import CODES
from maas_client.cli.app.exit_codes import CONTRADICTED, INTERRUPTED
from maas_client.foundry.settings import ENDPOINT_VARIABLES, KEY_VARIABLES
from maas_client.wire.certificates import BUNDLES
from mock_server.server import Server, serve

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND_LINE = (ROOT / "docs" / "site" / "command-line.md").read_text("utf-8")
PYTHON_PAGE = (ROOT / "docs" / "site" / "python.md").read_text("utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROGRAMS = [block for block in PYTHON if "def test_" not in block]
TESTS = [block for block in PYTHON if "def test_" in block]
CONSOLE = re.findall(r"^<!-- runnable -->\n```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TREE = re.findall(r"^```text[^\n]*\n(MaasError\n.*?)^```$", PYTHON_PAGE, re.MULTILINE | re.DOTALL)
ANSWER = "We are open Tuesday to Friday from 10:00 to 18:30 and Saturday from 9:00 to 16:00. \
On Sundays and Mondays the workshop is closed."
QUOTED = re.compile(r"`([^`]+)`")


def table(title: str) -> list[list[str]]:
    """Return the rows of the first table under a title of the command line's page, without its head."""
    section = COMMAND_LINE.partition(f"{title}\n")[2]
    first = re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in first.splitlines()[2:]]


@pytest.fixture(autouse=True)
def train_jsonl_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with the file that the README uses."""
    shutil.copy(ROOT / "examples" / "data" / "train.jsonl", tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose jobs have ended at the first poll, and the environment that points to it."""
    with serve(job_seconds=0.001) as running:
        monkeypatch.setenv("MAAS_ENDPOINT", running.endpoint)
        monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "00000000-0000-0000-0000-000000000000")
        monkeypatch.setenv("AZURE_RESOURCE_GROUP", "rg-readme")
        monkeypatch.setenv("AZUREML_WORKSPACE_NAME", "ws-readme")
        yield running


def maas(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in the current folder, with a bytecode cache: compiling takes half a second per process."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path.cwd() / "bytecode")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "maas_client", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=os.environ | own | kept,
    )


def test_its_program_runs_the_whole_workflow(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(PROGRAMS[0], "README.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == f"{ANSWER}\n"
    operations = [entry["operation"] for entry in server.requests()]
    assert operations.index("blob.put") < operations.index("jobs.create") < operations.index("endpoints.create")
    assert operations[-1] == "chat.complete"


def test_its_tests_pass_as_a_new_user_would_run_them(tmp_path: Path) -> None:
    for number, block in enumerate(TESTS):
        (tmp_path / f"test_{number}.py").write_text(block, "utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", "."]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert f"{len(TESTS)} passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("console", CONSOLE)
def test_its_commands_run_in_order_and_print_what_it_shows(console: str, server: Server) -> None:
    del server
    printed = ""
    for command in re.findall(r"^\$ maas (.*)$", console, re.MULTILINE):
        done = maas(*shlex.split(command))
        assert done.returncode == 0, f"maas {command}\n{done.stderr}"
        printed += done.stdout
    shown = [line for line in console.splitlines() if not line.startswith("$ ")]
    assert [line for line in shown if line not in printed.splitlines()] == []


def test_there_is_code_to_run() -> None:
    assert (len(PROGRAMS), len(TESTS), len(CONSOLE), len(TREE)) == (1, 1, 2, 1)


def test_it_has_at_most_150_lines() -> None:
    assert len(README.splitlines()) <= 150


def test_exit_codes_are_those_that_the_command_line_prints() -> None:
    help_ = " ".join(maas("--help").stdout.split())
    listed = help_.partition("Exit codes: ")[2].rstrip(".").split(", ")
    assert listed == [f"{code} {meaning}" for code, meaning, _ in table("## Exit codes")]


def test_exit_codes_are_those_of_the_errors_they_name() -> None:
    named = {int(code): QUOTED.findall(kinds) for code, _, kinds in table("## Exit codes")}
    expected: dict[int, list[str]] = {0: [], CONTRADICTED: ["maas drift", "maas verify"], INTERRUPTED: []}
    for kind, code in CODES:
        expected.setdefault(code, []).append(kind.__name__)
    assert {code: sorted(kinds) for code, kinds in named.items()} == {
        code: sorted(kinds) for code, kinds in expected.items()
    }


def test_environment_variables_are_those_that_the_code_reads() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "maas_client").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"environ(?:\.get\(|\[)\"([A-Z][A-Z_]+)\"", source)}
    read = {name for name in read if not name.startswith("_")}  # set by completion scripts, and by nobody else
    read |= {name for names in VARIABLES.values() for name in names}
    read |= {*ENDPOINT_VARIABLES, *KEY_VARIABLES, SURFACE_VARIABLE}
    read |= {"NO_COLOR"}  # read by rich, and tested on a terminal
    read |= {*BUNDLES, "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    assert {name for names, _ in table("## Environment variables") for name in QUOTED.findall(names)} == read


def test_environment_variables_are_listed_by_precedence() -> None:
    lines = [tuple(QUOTED.findall(names)) for names, _ in table("## Environment variables")]
    assert [line for line in lines if line in VARIABLES.values()] == list(VARIABLES.values())


def test_the_error_tree_is_complete() -> None:
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value) and name[0].isupper()}
    assert set(re.findall(r"\b[A-Z]\w+[a-z]\b", TREE[0].replace("ValueError", ""))) == {
        name for name in classes if issubclass(getattr(errors, name), errors.MaasError)
    }


def test_the_error_tree_has_every_class_under_its_parent() -> None:
    parents: list[str] = ["Exception"]
    for line in TREE[0].splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        kinds = [getattr(errors, name) for name in re.findall(r"[A-Z]\w+", re.sub(r"\(.*\)", "", line))]
        assert {kind.__base__.__name__ for kind in kinds} <= {parents[depth], "MaasError"}
        parents[depth + 1 :] = [kinds[-1].__name__]


def test_the_files_it_links_to_exist() -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_its_licence_and_python_version_are_the_packages() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'license = "MIT"' in pyproject
    assert 'requires-python = ">=3.11"' in pyproject
    assert "Python 3.11 or newer" in README
    assert maas_client.__version__.startswith("0.1.0")


def test_every_extra_is_in_the_table_of_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {name for name, packages in project["optional-dependencies"].items() if packages}
    page = (ROOT / "docs" / "site" / "install.md").read_text("utf-8")
    rows = page.partition("| extra | adds |\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", rows, re.MULTILINE)) == extras
