"""What comes with an installation: few packages, with permissive licences, and listed."""

from __future__ import annotations

from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.supply.__main__ import LICENCES, table
from tests.supply.packages import direct, needed

MOST = 9
PERMISSIVE = frozenset(
    {
        "Apache-2.0",
        "Apache-2.0 AND MIT",
        "Apache-2.0 OR BSD-3-Clause",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
    }
)
SERVER = frozenset({"mock"})


def test_the_core_needs_at_most_nine_packages() -> None:
    names = {requirement.name for requirement in direct()}
    assert len(names) <= MOST
    assert names >= {"httpx", "pydantic", "azure-identity", "tenacity", "rich"}


@pytest.mark.parametrize("extras", [frozenset[str](), SERVER], ids=["core", "mock"])
def test_every_package_has_a_permissive_licence(extras: frozenset[str]) -> None:
    found = needed(extras)
    strange = {name: licence for name, licence in found.items() if licence not in PERMISSIVE}
    assert strange == {}
    assert len(found) > len(direct(extras))


def test_the_list_of_licences_is_true() -> None:
    listed = set(LICENCES.read_text("utf-8").splitlines())
    assert set(table().splitlines()) <= listed  # other Pythons need fewer packages


def test_the_lock_pins_every_package_that_is_needed() -> None:
    lines = (Path(__file__).parents[2] / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {Requirement(line).name: Requirement(line).specifier for line in lines if not line.startswith("#")}
    for name in needed(SERVER):
        assert metadata(name)["Version"] in pinned[name], name
