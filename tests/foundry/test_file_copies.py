"""Imports from a URL on both wires: the service reads it, once per state of the source, and nobody sees the URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from maas_client import OperationFailed, TransferProgress
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import InvalidInput, NotFound
from maas_client.foundry.url_import import ImportBody
from mock_server.server import Server
from tests.mock_server.loopback_server import (
    LoopbackServer,
    allow_loopback_sources,
    file_server,
    loopback_server,
    status,
)

CONTENT = os.urandom(10_000)
SECRET = "c2VjcmV0LXNpZ25hdHVyZQ"
IMPORT = "foundry.files.import"


@pytest.fixture
def source(maas_server: Server) -> Iterator[LoopbackServer]:
    """A file on another server, which the mock server may read."""
    allow_loopback_sources(maas_server.endpoint)
    with loopback_server(file_server(CONTENT, ETag='"1"')) as source:
        source.url = source.url.replace("/data?v=1", f"/folder/train.jsonl?sig={SECRET}")
        yield source


def imports(server: Server) -> int:
    return sum(request["operation"] == IMPORT for request in server.requests())


async def test_a_file_is_imported_without_passing_through_here(
    files: AsyncDatasets, source: LoopbackServer, tmp_path: Path
) -> None:
    seen = list[TransferProgress]()
    dataset = await files.copy(source.url, name="copied", on_progress=seen.append)
    assert (dataset.name, dataset.status, dataset.size, dataset.bytes_sent) == ("copied", "processed", len(CONTENT), 0)
    assert dataset.version.startswith("url-")
    assert seen[-1].done == seen[-1].total == len(CONTENT)
    assert (await files.get("copied", dataset.version)).id == dataset.id
    await files.download(dataset, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT


async def test_an_unchanged_source_is_not_imported_again(
    files: AsyncDatasets, maas_server: Server, source: LoopbackServer
) -> None:
    first = await files.copy(source.url)
    again = await files.copy(source.url.replace(SECRET, "YW5vdGhlcg"))
    assert (again.id, imports(maas_server)) == (first.id, 1)
    source.answer = file_server(CONTENT, ETag='"2"')
    assert (await files.copy(source.url)).version != first.version


async def test_a_lost_reply_makes_no_second_import(
    files: AsyncDatasets, maas_server: Server, source: LoopbackServer
) -> None:
    maas_server.fault(operation=IMPORT, drop="after")
    dataset = await files.copy(source.url)
    assert [each.id async for each in files.list()] == [dataset.id]
    assert imports(maas_server) == 1


async def test_a_failed_import_is_an_error(files: AsyncDatasets, source: LoopbackServer) -> None:
    def fails_for_the_service(request: BaseHTTPRequestHandler) -> None:
        answer = file_server(CONTENT, ETag='"1"') if request.command == "HEAD" else status(403)
        answer(request)

    source.answer = fails_for_the_service
    with pytest.raises(OperationFailed, match="fileImportFailed") as failure:
        await files.copy(source.url)
    assert SECRET not in str(failure.value)


async def test_a_source_that_is_missing_is_not_imported(
    files: AsyncDatasets, maas_server: Server, source: LoopbackServer
) -> None:
    source.answer = status(404)
    with pytest.raises(NotFound):
        await files.copy(source.url)
    source.answer = file_server(CONTENT)
    with pytest.raises(InvalidInput, match="neither a strong ETag nor Last-Modified"):
        await files.copy(source.url)
    assert imports(maas_server) == 0


def test_the_body_of_an_import_hides_its_url() -> None:
    from maas_client.core.secret_text import SecretUrl

    body = ImportBody("a.jsonl", SecretUrl(f"https://a.test/b?sig={SECRET}"))
    assert SECRET not in repr(body)
    assert len(b"".join(body)) == body.size
    assert SECRET.encode() in b"".join(body)
