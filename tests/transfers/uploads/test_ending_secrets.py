"""Secrets that end or are replaced in the middle of an upload: fetched anew, and what was sent stays sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import Clock, make_wire

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.transfers.uploads.options import PARALLEL
from maas_client.wire import Wire
from mock_server.server import Server, serve
from tests.mock_server.driver import Azure
from tests.transfers.uploads.conftest import BLOCK, BLOCKS, SIZE
from tests.transfers.uploads.seen import At, asked, blocks, pattern_of, received, stored

OVERHEAD = PARALLEL * BLOCK
"""What may be sent again when all that is under way is lost."""


async def test_a_sas_that_expires_midway_costs_at_most_its_blocks(
    maas: Resources, maas_server: Server, azure: Azure, file: Path
) -> None:
    """Only the blocks in flight when the signature expires are sent again."""
    dataset = await maas.datasets.upload(
        file, check=False, on_progress=At(6 * BLOCK, lambda: maas_server.advance(7200))
    )
    assert stored(azure, dataset) == file.read_bytes()
    statuses = [entry["status"] for entry in blocks(maas_server)]
    assert 1 <= statuses.count(403) <= PARALLEL
    assert received(maas_server) <= SIZE + OVERHEAD
    assert len(asked(maas_server, "datastores.list_secrets")) == 2


async def test_a_sas_is_renewed_shortly_before_it_expires(
    maas: Resources, maas_server: Server, file: Path, clock: Clock
) -> None:
    def time_passes() -> None:
        clock.time += 3300
        maas_server.advance(3300)

    await maas.datasets.upload(file, check=False, on_progress=At(6 * BLOCK, time_passes))
    assert {entry["status"] for entry in blocks(maas_server)} == {201}
    assert received(maas_server) == SIZE
    assert len(asked(maas_server, "datastores.list_secrets")) == 2


async def test_a_signature_that_ends_before_the_commit_is_renewed(
    maas: Resources, maas_server: Server, azure: Azure, file: Path
) -> None:
    dataset = await maas.datasets.upload(file, check=False, on_progress=At(SIZE, lambda: maas_server.advance(7200)))
    assert stored(azure, dataset) == file.read_bytes()
    assert [entry["status"] for entry in asked(maas_server, "blob.put_block_list")] == [403, 201]
    assert received(maas_server) == SIZE


async def test_a_client_with_an_expired_sas_uploads_nevertheless(
    maas: Resources, maas_server: Server, azure: Azure, file: Path
) -> None:
    small = file.with_name("small.jsonl")
    small.write_bytes(b"small")
    await maas.datasets.upload(small, check=False)
    maas_server.advance(7200)
    dataset = await maas.datasets.upload(file, check=False)
    assert stored(azure, dataset) == file.read_bytes()
    maas_server.advance(7200)
    small.write_bytes(b"other")
    assert stored(azure, await maas.datasets.upload(small, check=False)) == b"other"


@pytest.fixture(params=["key", "none"])
def other_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose datastore is reached with the account's key, and one that is with the identity itself."""
    with serve(clock="virtual", datastore_credentials=request.param) as server:
        yield server


@pytest.fixture
def other_wire(kind: str, clock: Clock) -> Wire:
    return make_wire(kind, clock)


async def test_uploads_with_keys_and_identities_survive_faults_too(
    other_wire: Wire, other_server: Server, settings: Settings, file: Path
) -> None:
    maas = Resources(other_wire, replace(settings, endpoint=other_server.endpoint), None)
    trouble: list[dict[str, Any]] = [{"status": 503}, {"drop": "after"}, {"flip": 3}, {"status": 403}]
    for number in range(BLOCKS):
        other_server.fault(path=pattern_of(file, number, BLOCK), **trouble[number % len(trouble)])
    dataset = await maas.datasets.upload(file, check=False)
    with closing(Azure(other_server)) as azure:
        assert stored(azure, dataset) == file.read_bytes()


async def test_an_account_key_replaced_midway_is_fetched_again(
    other_wire: Wire, settings: Settings, file: Path
) -> None:
    with serve(clock="virtual", datastore_credentials="key") as server, closing(Azure(server)) as azure:
        key = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="
        progress = At(6 * BLOCK, lambda: azure.http.post("/_mock/state", json={"account_key": key}))
        maas = Resources(other_wire, replace(settings, endpoint=server.endpoint), None)
        dataset = await maas.datasets.upload(file, check=False, on_progress=progress)
        assert stored(azure, dataset) == file.read_bytes()
        assert received(server) <= SIZE + OVERHEAD
