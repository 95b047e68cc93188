"""The wheel and the source distribution: complete, acceptable to an index, and working in a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
IN_THE_WHEEL = {
    "maas_client/py.typed",
    "maas_client/catalog/catalog.json",
    "maas_client/cli/data/train.jsonl",
    "maas_client/cli/data/validation.jsonl",
    "mock_server/py.typed",
    "mock_server/ui/static/index.html",
}
IN_THE_SOURCES = {"README.md", "LICENSE", "CHANGELOG.md", "Makefile", "constraints.txt", "pyproject.toml"}


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command without the network, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment | {"UV_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def uv(*arguments: str | Path) -> None:
    """Run uv with this Python."""
    run(sys.executable, "-m", "uv", "--quiet", *arguments)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both packages, built as `make dist` builds them."""
    for name in ("hatchling", "twine"):
        pytest.importorskip(name, reason="the group `dist` is not installed")
    folder = tmp_path_factory.mktemp("dist")
    run(
        sys.executable,
        "-m",
        "uv",
        "build",
        "--quiet",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
    )
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, installed by a requirements file of another project.

    The packages that it depends on are those of this environment, by a path: nothing is downloaded.
    """
    project = tmp_path_factory.mktemp("project")
    uv("venv", "--python", sys.executable, project / ".venv")
    programs = project / ".venv" / BIN
    requirements = project / "requirements.txt"
    requirements.write_text(f"maas-client[mock] @ {wheel.as_uri()}\n")
    run(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--python",
        programs / "python",
        "-r",
        requirements,
    )
    (site,) = (project / ".venv").rglob("site-packages")
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return programs


def test_an_index_would_accept_both_packages(built: Path) -> None:
    files = sorted(path for path in built.iterdir() if path.suffix in (".whl", ".gz"))
    assert [path.suffix for path in files] == [".whl", ".gz"]
    printed = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *files)
    assert printed.count("PASSED") == 2


def test_the_wheel_has_data_and_types_and_no_tests(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    assert names >= IN_THE_WHEEL
    assert {name.partition("/")[0] for name in names if "dist-info" not in name} == {"maas_client", "mock_server"}


def test_the_sources_have_what_make_needs(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert names >= IN_THE_SOURCES
    assert {"release/__main__.py", "tests/release/test_packages.py", "docs/build.py"} <= names
    assert [name for name in names if ".venv" in name or "__pycache__" in name] == []


def test_it_runs_from_where_it_was_installed(fresh: Path, tmp_path: Path) -> None:
    where = run(fresh / "python", "-c", "import maas_client, mock_server; print(maas_client.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(fresh.parent)


def test_the_installed_command_runs_the_demo(fresh: Path, tmp_path: Path) -> None:
    assert "maas" in run(fresh / "maas", "--version", cwd=tmp_path)
    printed = run(fresh / "maas", "--output", "json", "demo", cwd=tmp_path)
    assert printed.strip().startswith("{")


def test_the_installed_fixtures_are_found_by_pytest(fresh: Path, tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text("def test_app(maas):\n    assert list(maas.jobs.list()) == []\n")
    assert "1 passed" in run(fresh / "python", "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".", cwd=tmp_path)
