"""Every public operation, played against the mock server: each request is in the table, each answer is as it says."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from watched_wires import Exchange

from maas_client.contract.check import differences
from maas_client.contract.match import match
from maas_client.contract.table import OPERATIONS
from mock_server.app.dispatch import PREFIXES
from mock_server.surfaces import blob
from mock_server.surfaces.foundry import data_plane, project
from tests.surfaces.test_both_platforms import KINDS, SURFACES, played

EVERY = [(surface, kind) for surface in SURFACES for kind in KINDS]

NOT_SENT = {
    "blob": "create_container delete get_container get_metadata lease set_metadata",
    "chat": "info models",
    "computes": "restart start stop",
    "data": "delete",
    "datastores": "list",
    "environments": "create get get_container list list_versions",
    "foundry.accounts": "get list list_keys usages",
    "foundry.deployments": "patch skus",
    "foundry.graders": "run validate",
    "foundry.locations": "models usages",
    "foundry.models": "get list",
    "foundry.project_deployments": "get list",
    "foundry.responses": "create delete get",
    "foundry.webhooks": "change get rotate_secret",
    "history": "get run_data",
    "jobs": "delete",
    "marketplace": "create delete get list",
    "metrics": "sample",
    "mlflow": "history run",
    "models": "change change_container",
    "monitor": "online_deployment",
    "online_deployments": "skus",
    "quotas": "list update",
    "registry": "get_component_container get_container list_components list_models",
    "scoring": "health models swagger",
}
"""Operations of the mock server that other clients use, and this one does not."""


UNSENT = {f"{group}.{name}" for group, names in NOT_SENT.items() for name in names.split()}


UNPLAYED = {
    "data.list": "asked for where data is missing, to say what there is",
    "foundry.accounts.models": "asked for where a model's format is not known",
    "foundry.uploads.cancel": "large files only",
    "foundry.uploads.complete": "large files only",
    "foundry.uploads.create": "large files only",
    "foundry.uploads.part": "large files only",
    "monitor.online_endpoint": "online endpoints have tests of their own",
    "online_deployments.delete": "online endpoints have tests of their own",
    "online_endpoints.delete": "online endpoints have tests of their own",
    "online_endpoints.list_keys": "online endpoints have tests of their own",
    "online_endpoints.regenerate_keys": "online endpoints have tests of their own",
    "registry.get_component": "asked for where a version is chosen",
    "scoring.score": "for models that have no other route",
}
"""What no operation sends when it is called once; `tests/operations` and `tests/foundry` hold these to the table."""


def exchanges_of(surface: str, kind: str) -> Iterator[Exchange]:
    """Yield what one client sent to the mock server's Azure, with the answers."""
    done = played(surface, kind)
    for exchange in done.exchanges:
        if exchange.url.startswith(done.endpoint):
            yield exchange


def operations_served() -> set[str]:
    """Return the name of every operation of Azure that the mock server has."""
    foundry = (data_plane.V1_SURFACE, data_plane.DATED_SURFACE, project.SURFACE)
    return {name for surface in (*PREFIXES.values(), blob.SURFACE, *foundry) for name in surface.operations}


def test_the_mock_serves_what_the_table_has_and_no_more() -> None:
    assert operations_served() - UNSENT == OPERATIONS.keys()
    assert not OPERATIONS.keys() & UNSENT
    assert operations_served() >= UNSENT


@pytest.mark.parametrize(("surface", "kind"), EVERY)
def test_every_request_of_the_client_is_in_the_table(surface: str, kind: str) -> None:
    sent = {
        (one.method, urlsplit(one.url).path) for one in exchanges_of(surface, kind) if not match(one.method, one.url)
    }
    assert not sent


@pytest.mark.parametrize(("surface", "kind"), EVERY)
def test_every_request_has_the_tables_api_version(surface: str, kind: str) -> None:
    for one in exchanges_of(surface, kind):
        found = match(one.method, one.url)
        assert found is not None
        version = dict(parse_qsl(urlsplit(one.url).query)).get("api-version", "")
        assert version in found.operation.api_versions, found.operation.name


@pytest.mark.parametrize(("surface", "kind"), EVERY)
def test_every_answer_of_the_mock_is_as_the_table_says(surface: str, kind: str) -> None:
    found = {
        one.sentence
        for exchange in exchanges_of(surface, kind)
        if (asked := match(exchange.method, exchange.url)) is not None
        for one in differences(asked.operation, exchange.status, exchange.headers, exchange.body)
    }
    assert found == set()


def test_every_operation_of_the_table_is_played() -> None:
    asked = (match(one.method, one.url) for surface in SURFACES for one in exchanges_of(surface, "blocking"))
    assert {found.operation.name for found in asked if found is not None} | UNPLAYED.keys() == OPERATIONS.keys()
