"""The layout of the packages and of the tests: what contracts on imports do not hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from targets import LEFT_OUT, TESTS, is_left_out

ROOT = TESTS.parent
TABLES = {"maas_client/datasets/check/rules.py"}
"""Modules that are a table, which may be longer."""

LONGEST = 460
"""Lines of the longest module today; the aim is 350."""


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


def test_make_test_leaves_out_only_what_exists() -> None:
    assert [entry for entry in LEFT_OUT if not (TESTS / entry).exists()] == []


def test_every_test_file_is_run_by_make_test_or_listed_as_left_out() -> None:
    files = [path for path in TESTS.rglob("test_*.py") if "__pycache__" not in path.parts]
    left_out = [path for path in files if is_left_out(path)]
    assert 0 < len(left_out) < len(files)
    assert {path.relative_to(TESTS).parts[0] for path in left_out} <= {Path(entry).parts[0] for entry in LEFT_OUT}


def test_each_target_runs_what_its_name_says() -> None:
    recipes = dict(
        re.findall(r"^(test[a-z-]*):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    assert "MAAS_TESTS=all" in recipes["test-all"]
    assert "MAAS_TESTS" not in recipes["test"]
    assert "tests.loaded" in recipes["test-loaded"]
