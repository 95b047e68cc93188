"""The guards that are broken on purpose are still there to be broken."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from maas_client import __file__ as package
from tests.mutants.guards import GUARDS, Guard


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what)
def test_a_guard_stands_where_it_is_looked_for(guard: Guard) -> None:
    source = (Path(package).parents[1] / guard.package / guard.file).read_text("utf-8")
    assert source.count(guard.text) == 1
    assert guard.text != guard.broken


def test_no_guard_is_named_twice() -> None:
    assert max(Counter(guard.what for guard in GUARDS).values()) == 1
