"""The public names of the package: one table, what type checkers see of it, and former names that still work."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import maas_client
from maas_client import AsyncMaasClient, MaasClient
from maas_client.jobs.resource import RENAMED as RENAMED_METHODS

RENAMED: dict[str, str] = vars(maas_client)["_RENAMED"]


def seen_by_type_checkers() -> dict[str, str]:
    """Return the home of each name that the block under TYPE_CHECKING re-exports."""
    tree = ast.parse(Path(maas_client.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    assert all(alias.asname == alias.name for node in imports for alias in node.names)
    return {alias.name: node.module or "" for node in imports for alias in node.names}


def test_type_checkers_see_the_names_that_the_table_lists() -> None:
    assert seen_by_type_checkers() == vars(maas_client)["_HOME"]


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    assert sorted(maas_client.__all__) == dir(maas_client)
    for name in maas_client.__all__:
        assert getattr(maas_client, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(maas_client, "nonsense")  # noqa: B009 -- the lookup itself is what is tested


@pytest.mark.parametrize("former", RENAMED)
def test_a_former_name_warns_and_is_the_new_one(former: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"maas_client.{former} is now maas_client.{RENAMED[former]}"):
        found = getattr(maas_client, former)
    assert found is getattr(maas_client, RENAMED[former])


@pytest.mark.parametrize("client", [MaasClient, AsyncMaasClient])
def test_the_former_name_of_workflow_warns(client: type[MaasClient | AsyncMaasClient]) -> None:
    maas = client(subscription_id="s", resource_group="r", workspace="w", endpoint="http://127.0.0.1:9")
    with pytest.warns(DeprecationWarning, match="client.workflow"):
        former = maas.pipeline
    assert former is maas.workflow


@pytest.mark.parametrize("client", [MaasClient, AsyncMaasClient])
@pytest.mark.parametrize(("former", "name"), RENAMED_METHODS.items())
def test_the_former_name_of_a_method_warns(client: type[MaasClient | AsyncMaasClient], former: str, name: str) -> None:
    jobs = client(subscription_id="s", resource_group="r", workspace="w", endpoint="http://127.0.0.1:9").jobs
    with pytest.warns(DeprecationWarning, match=f"{former} is now called {name}"):
        assert getattr(jobs, former) == getattr(jobs, name)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(jobs, "nonsense")  # noqa: B009 -- the lookup itself is what is tested
