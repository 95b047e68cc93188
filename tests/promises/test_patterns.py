"""Every regular expression of the product takes time that grows with the text, and not with its square or worse."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import pytest
from regex_steps import MOST, pumps, steps

import maas_client
import mock_server

FEW, MANY = 24, 48
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "finditer", "findall"}
ANCHORED = {"match", "fullmatch"}

Known = tuple[str | bytes, int, bool]
"""A pattern, its flags, and whether it is only ever tried at one place of a text."""


IN_LOOPS = frozenset({"_IN_REGISTRY", "_IN_WORKSPACE", "ASSET", "SHORT", "URL", "REGISTERED"})
"""Tried with `match` or `fullmatch` by loops over several of them, under the loop's own name."""


def uses() -> dict[str, set[str]]:
    """Give what is called on each name, in the whole product."""
    found: dict[str, set[str]] = {}
    for package in (maas_client, mock_server):
        for file in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
                    owner = node.value
                    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                    found.setdefault(name, set()).add(node.attr)
    return found


USES = uses()


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield import_module(found.name)


def flattened(value: Any) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """Yield the patterns in a value, and in tuples, lists, objects and mappings in it."""
    if isinstance(value, re.Pattern):
        yield value
        return
    inner: list[Any] = []
    if isinstance(value, tuple | list):
        inner = [*value]
    elif isinstance(value, dict):
        inner = [*value.values()]
    elif is_dataclass(value) and not isinstance(value, type):
        inner = [getattr(value, each.name) for each in fields(value)]
    for each in inner:
        yield from flattened(each)


def of_modules() -> Iterator[tuple[str, Known]]:
    """Yield each pattern that a module or a class holds."""
    for package in (maas_client, mock_server):
        for module in modules(package):
            holders = [vars(module), *(vars(each) for each in vars(module).values() if isinstance(each, type))]
            for name, value in [pair for holder in holders for pair in holder.items()]:
                anchored = USES.get(name, {"search"}) <= ANCHORED or name in IN_LOOPS
                for each in flattened(value):
                    yield module.__name__, (each.pattern, each.flags, anchored)


def of_calls() -> Iterator[tuple[str, Known]]:
    """Yield each pattern that is written where it is used."""
    for package in (maas_client, mock_server):
        for file in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS:
                    first = node.args[0] if node.args else None
                    is_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
                    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str | bytes)
                    if is_re and is_text and first is not None and node.func.attr != "compile":
                        yield file.name, (ast.literal_eval(first), 0, node.func.attr in ANCHORED)


PATTERNS: dict[Known, str] = {known: where for where, known in [*of_calls(), *of_modules()]}
"""Where each is; the ones that are compiled are found in the modules that hold them."""


def grows_too_fast(pattern: str | bytes, flags: int = 0, anchored: bool = False) -> str:
    """Give a text that makes the steps of a search grow faster than it does; nothing where there is none."""
    for before, pump in pumps(pattern, flags):
        for end in ("", "\0", "!\n"):
            few, many = (steps(pattern, flags, before + pump * count + end, anchored=anchored) for count in (FEW, MANY))
            if many > 2.5 * few + 300 or few > MOST:
                return f"{before!r} + {pump!r} * n + {end!r}: {few} steps, and {many} for twice as much"
    return ""


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", r"\s+$", r"(a|a)*b", ".*a.*b"])
def test_patterns_that_take_too_long_are_noticed(pattern: str) -> None:
    assert grows_too_fast(pattern)


@pytest.mark.parametrize(
    "pattern", [r"(?<![a-z])[a-z]++\d", "abc", r"^\s*x", r"<(?:Code|Message)>[^<]{1,5}", r"\bkey=[^&]"]
)
def test_fast_patterns_pass(pattern: str) -> None:
    assert not grows_too_fast(pattern)


def test_the_patterns_of_the_product_are_found() -> None:
    assert len(PATTERNS) > 80


@pytest.mark.parametrize(
    "pattern", sorted(PATTERNS, key=repr), ids=lambda known: f"{PATTERNS[known]}: {known[0]!r}"[:60]
)
def test_no_text_makes_a_search_quadratic(pattern: Known) -> None:
    assert not grows_too_fast(*pattern)
