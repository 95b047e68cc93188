"""The document of promises: each is there, and names tests that exist; tests/conftest.py sees to it that they ran."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from promised import DOCUMENT, promised, promises

ROOT = Path(__file__).parents[2]
ALL = range(1, 32)
MEASURED = {6, 31}
"""What `make bench` measures; tests are not timed."""


def test_every_promise_is_in_the_document_once_and_in_order() -> None:
    assert list(promises()) == list(ALL)


def test_every_promise_that_is_not_measured_has_a_test() -> None:
    assert {number for number, tests in promises().items() if not tests} == MEASURED


def test_what_an_attack_broke_is_in_the_document_and_held() -> None:
    lines = DOCUMENT.read_text("utf-8").splitlines()
    cases = [line for line in lines if line.startswith("| a")]
    assert [line.split(" | ")[0] for line in cases] == [f"| a{number}" for number in range(1, 22)]
    assert [line for line in cases if "`tests/" not in line and "`make " not in line] == []


@pytest.mark.parametrize("test", sorted(promised()))
def test_a_test_that_holds_a_promise_exists(test: str) -> None:
    path, _, name = test.partition("::")
    functions = ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
    assert name in {node.name for node in functions if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
