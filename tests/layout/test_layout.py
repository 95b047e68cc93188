"""The layout of the packages and of the tests: what contracts on imports do not hold."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from targets import LEFT_OUT, TESTS, is_left_out

ROOT = TESTS.parent
TABLES = {"maas_client/__init__.py", "maas_client/datasets/check/rules.py"}
"""Modules that are a table, which may be longer."""

NOT_RUN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
"""Statements whose bodies do not run when a module is loaded."""

LONGEST = 430
"""Lines of the longest module today; the aim is 350."""

LONGEST_TEST_NAME = 60
"""Characters of the longest name of a test, with its `test_`."""


@pytest.mark.parametrize("package", ["maas_client", "mock_server"])
def test_the_root_of_a_package_has_at_most_ten_modules(package: str) -> None:
    assert 0 < len(list((ROOT / package).glob("*.py"))) <= 10


@pytest.mark.parametrize("package", ["maas_client", "mock_server"])
def test_every_folder_is_a_package_that_says_what_it_is(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}
    faces = {folder: folder / "__init__.py" for folder in folders}
    assert [str(folder) for folder, face in faces.items() if not face.read_text("utf-8").startswith('"""')] == []


def test_no_module_grows_longer() -> None:
    modules = [path for package in ("maas_client", "mock_server") for path in (ROOT / package).rglob("*.py")]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in modules}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST and name not in TABLES} == {}


def test_every_path_in_the_map_of_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text))
    places = ("", "maas_client", "maas_client/datasets", "mock_server/journal")
    assert len(named) > 20
    assert [path for path in sorted(named) if not any((ROOT / place / path).exists() for place in places)] == []


def test_the_name_of_a_test_has_at_most_60_characters() -> None:
    names = [(path, node.name) for path in TESTS.rglob("*.py") for node in functions(path)]
    tests = [(path, name) for path, name in names if name.startswith("test_")]
    too_long = [
        f"{path.relative_to(ROOT)}::{name} ({len(name)})" for path, name in tests if len(name) > LONGEST_TEST_NAME
    ]
    assert len(tests) > 1000
    assert not too_long, "shorten:\n" + "\n".join(sorted(too_long))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods that a file defines."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_make_test_leaves_out_only_what_exists() -> None:
    assert [entry for entry in LEFT_OUT if not (TESTS / entry).exists()] == []


def test_what_make_test_runs_needs_no_library_of_test_all() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    listed = [entry for name in ("test-all", "judges", "docs") for entry in groups[name] if isinstance(entry, str)]
    heavy = {re.split(r"[\[><=]", entry)[0].replace("-", "_") for entry in listed} | {
        "azure.ai.inference",
        "azure.storage",
        "nbformat",
    }
    needing = {
        f"{path.relative_to(TESTS)}: {module}"
        for path in TESTS.rglob("test_*.py")
        if not is_left_out(path)
        for module in imported(path)
        if any(module == library or module.startswith(f"{library}.") for library in heavy)
    }
    assert needing == set()


def imported(path: Path) -> set[str]:
    """Return the modules that loading a file imports, itself or by one of the tests' helpers."""
    loaded = [node for node in ast.parse(path.read_text("utf-8")).body if not isinstance(node, NOT_RUN)]
    nodes = [node for statement in loaded for node in ast.walk(statement)]
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    found |= {name for node in nodes if isinstance(node, ast.Call) for name in named_in(node)}
    helpers = [TESTS / "helpers" / f"{name}.py" for name in found]
    return found.union(*(imported(helper) for helper in helpers if helper.exists()))


def named_in(call: ast.Call) -> list[str]:
    """Return the module that `import_module` is called with."""
    is_import = isinstance(call.func, ast.Name) and call.func.id == "import_module"
    return [
        each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ] * is_import


def test_each_target_runs_what_its_name_says() -> None:
    recipes = dict(
        re.findall(r"^(test[a-z-]*):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    assert "MAAS_TESTS=all" in recipes["test-all"]
    assert "MAAS_TESTS" not in recipes["test"]
    assert "tests.loaded" in recipes["test-loaded"]
