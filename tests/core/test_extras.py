"""The command for a missing extra names packages that an index has, never the project itself."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from maas_client.core.extras import PROJECT, install_command, required_by

ROOT = Path(__file__).parents[2]
EXTRAS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
SOURCES = [
    *(ROOT / "maas_client").rglob("*.py"),
    *(ROOT / "mock_server").rglob("*.py"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").rglob("*.*"),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
]
FROM_AN_INDEX = re.compile(
    r"""(?:pip install|uv add|tool install|pipx install|uvx)\b[^\n`]*"""
    r"""[\s"']maas[-_]client(?:\[[\w,]*\])?(?=["'`\s]|$)(?! @)"""
)
"""A command with the project's bare name: no path, no wheel, no URL."""


def absent(error: Exception | None) -> Callable[[str], None]:
    def find(name: str) -> None:
        del name
        if error:
            raise error

    return find


@pytest.mark.parametrize("extra", [extra for extra, packages in EXTRAS.items() if packages])
def test_the_command_names_the_packages_of_the_extra(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [f"{text}; extra == '{name}'" for name, packages in EXTRAS.items() for text in packages if ";" not in text]
    monkeypatch.setattr(importlib.metadata, "requires", {PROJECT: ["click>=8", *listed]}.__getitem__)
    install = install_command(extra)
    named = [Requirement(word) for word in shlex.split(install)[install.split().index("install") + 1 :]]
    everywhere = [Requirement(text) for text in EXTRAS[extra] if ";" not in text]
    assert sorted(map(str, named)) == sorted(map(str, everywhere))


def test_the_installed_package_lists_its_extras_in_this_form() -> None:
    assert [name.partition(">")[0] for name in required_by("mock", importlib.metadata.requires(PROJECT) or ())] == [
        "httptools",
        "starlette",
        "uvicorn",
    ]


def test_without_pip_the_command_is_one_of_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", absent(None))
    assert install_command("parquet").startswith('uv pip install "pyarrow>=')


def test_with_pip_it_installs_into_the_same_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", ModuleType)
    assert install_command("parquet").startswith('python -m pip install "pyarrow>=')


def test_a_source_tree_on_the_path_is_installed_from(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = importlib.metadata.PackageNotFoundError(PROJECT)
    monkeypatch.setattr(importlib.metadata, "requires", absent(missing))
    assert install_command("mock").endswith('pip install ".[mock]"')


def test_an_accelerator_of_some_platforms_is_left_out() -> None:
    listed = ("uvicorn>=0.36; extra == 'mock'", "uvloop>=0.21; (sys_platform != 'win32') and extra == 'mock'")
    assert required_by("mock", [*listed, "click>=8.2.1", 'fsspec>=2024.6 ; extra == "fsspec"']) == ("uvicorn>=0.36",)


def test_nothing_installs_the_project_from_an_index() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_bytes().decode("utf-8", "replace") for path in SOURCES}
    found = {name: FROM_AN_INDEX.findall(text) for name, text in texts.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert "README.md" in texts


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("pip install 'maas-client[mock]'", True),
        ("uv add maas-client", True),
        ("pip install dist/maas_client-0.1.0-py3-none-any.whl", False),
        ("pip install 'maas-client[mock] @ git+https://example.com/maas_client@v0.1.0'", False),
        ("pip install './maas_client[mock]'", False),
    ],
)
def test_a_line_that_installs_from_an_index_is_found(line: str, is_found: bool) -> None:
    assert bool(FROM_AN_INDEX.search(line)) is is_found
