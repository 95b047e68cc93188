"""Uploads: recognised by their content, in one request or in blocks, with every kind of datastore."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Clock, collect, make_wire

from maas_client import DatasetRefused, InvalidInput, NotFound, ServiceError, TransferProgress
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.transfers.azureml_layout import SALT
from maas_client.transfers.uploads import blocks as plan
from maas_client.wire import Wire
from mock_server.server import Server, serve


def puts(server: Server) -> list[str]:
    """The operations that wrote something."""
    return [str(entry["operation"]) for entry in server.requests() if entry["method"] == "PUT"]


async def test_a_small_file_is_one_request_to_microsofts_sdk_path(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    dataset = await maas.datasets.upload(rows)
    digest = hashlib.sha256(SALT + rows.read_bytes()).hexdigest()
    assert dataset.uri == f"azureml://datastores/workspaceblobstore/paths/LocalUpload/{digest}/train.jsonl"
    assert (dataset.name, dataset.version, dataset.bytes_sent) == ("train", digest[:16], rows.stat().st_size)
    assert puts(maas_server) == ["blob.put", "data.create"]


async def test_the_same_content_again_sends_nothing(maas: Resources, maas_server: Server, rows: Path) -> None:
    first = await maas.datasets.upload(rows)
    before = len(puts(maas_server))
    second = await maas.datasets.upload(rows)
    assert (second.id, second.bytes_sent) == (first.id, 0)
    assert len(puts(maas_server)) == before


async def test_equal_content_of_another_name_is_registered_not_sent(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    await maas.datasets.upload(rows)
    other = await maas.datasets.upload(rows, name="other")
    assert (other.name, other.bytes_sent) == ("other", 0)
    assert puts(maas_server) == ["blob.put", "data.create", "data.create"]


async def test_changed_content_is_a_new_version(maas: Resources, rows: Path) -> None:
    first = await maas.datasets.upload(rows)
    rows.write_text(rows.read_text("utf-8").replace("answer 1", "another answer 1"), "utf-8")
    second = await maas.datasets.upload(rows)
    assert first.version != second.version
    assert {version.version for version in await collect(maas.datasets.list("train"))} == {
        first.version,
        second.version,
    }


async def test_a_large_file_goes_in_blocks_and_arrives_whole(
    maas: Resources, maas_server: Server, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BLOCK", 100)
    seen: list[TransferProgress] = []
    dataset = await maas.datasets.upload(rows, on_progress=seen.append)
    size = rows.stat().st_size
    assert dataset.bytes_sent == size
    assert max(progress.sent for progress in seen) == size
    assert puts(maas_server).count("blob.put_block") == -(-size // 100)
    assert puts(maas_server)[-2:] == ["blob.put_block_list", "data.create"]


async def test_a_broken_block_is_sent_again(
    maas: Resources, maas_server: Server, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BLOCK", 400)
    maas_server.fault(operation="blob.put_block", status=503, count=2)
    maas_server.fault(operation="blob.put_block", drop="after", count=1)
    assert (await maas.datasets.upload(rows)).bytes_sent == rows.stat().st_size


async def test_a_bit_that_flips_on_the_way_is_never_committed(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.fault(operation="blob.put", flip=10)
    with pytest.raises(ServiceError, match="Md5Mismatch"):
        await maas.datasets.upload(rows)
    assert "data.create" not in puts(maas_server)


async def test_one_failing_block_fails_the_upload_with_its_own_error(
    maas: Resources, maas_server: Server, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BLOCK", 100)
    maas_server.fault(operation="blob.put_block", status=400, skip=2, count=1, body={"error": {"code": "Odd"}})
    with pytest.raises(ServiceError, match="Odd"):
        await maas.datasets.upload(rows)
    assert "blob.put_block_list" not in puts(maas_server)


async def test_two_uploads_of_equal_content_do_not_conflict(maas: Resources, rows: Path, server_wire: Wire) -> None:
    datasets = await server_wire.gather([lambda: maas.datasets.upload(rows)] * 2, limit=2)
    assert datasets[0].id == datasets[1].id


async def test_a_file_that_the_service_would_refuse_is_not_sent(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    rows.write_text(rows.read_text("utf-8").split("\n")[0], "utf-8")
    with pytest.raises(DatasetRefused, match="maas check") as caught:
        await maas.datasets.upload(rows)
    assert caught.value.report.rows == 1
    assert maas_server.requests() == []


async def test_the_check_can_be_turned_off(maas: Resources, rows: Path) -> None:
    rows.write_text("{}\n", "utf-8")
    assert (await maas.datasets.upload(rows, check=False)).bytes_sent == 3


async def test_a_check_sends_no_request(maas: Resources, maas_server: Server, rows: Path) -> None:
    report = await maas.datasets.check(rows, model="Phi-3-mini-4k-instruct")
    assert (report.rows, report.kept, report.ok) == (12, 12, True)
    assert maas_server.requests() == []


async def test_a_file_that_is_not_there_is_named(maas: Resources, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no file"):
        await maas.datasets.upload(tmp_path / "nope.jsonl")


async def test_a_data_asset_is_found_by_name_and_version(maas: Resources, rows: Path) -> None:
    dataset = await maas.datasets.upload(rows)
    found = await maas.datasets.get(dataset.name, dataset.version)
    assert (found.id, found.uri) == (dataset.id, dataset.uri)
    with pytest.raises(NotFound):
        await maas.datasets.get(dataset.name, "7")


async def test_a_name_invalid_for_azure_is_rejected_before_any_request(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    with pytest.raises(InvalidInput, match="not a valid name for a data asset"):
        await maas.datasets.upload(rows, name="a/b")
    assert maas_server.requests() == []


@pytest.fixture(params=["sas", "key", "none"])
def other_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose datastore has each kind of credentials in turn."""
    with serve(clock="virtual", datastore_credentials=request.param) as server:
        yield server


@pytest.fixture
def other_wire(kind: str, clock: Clock) -> Wire:
    return make_wire(kind, clock)


async def test_every_kind_of_datastore_takes_an_upload(
    other_wire: Wire, other_server: Server, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BLOCK", 400)
    maas = Resources(other_wire, Settings("s", "g", "w", endpoint=other_server.endpoint), None)
    assert (await maas.datasets.upload(rows)).bytes_sent == rows.stat().st_size
    assert (await maas.datasets.upload(rows)).bytes_sent == 0


async def test_a_secret_is_fetched_once_and_again_before_it_expires(
    maas: Resources, maas_server: Server, rows: Path, clock: Clock
) -> None:
    async def secrets_asked_for() -> int:
        await maas.datasets.upload(rows)
        return sum(entry["operation"] == "datastores.list_secrets" for entry in maas_server.requests())

    assert [await secrets_asked_for(), await secrets_asked_for()] == [1, 1]
    clock.time += 3600
    assert await secrets_asked_for() == 2
