"""Copies that the service makes by itself, on both wires: ranges of one state, taken up again, refused by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from maas_client import TransferProgress
from maas_client.client import Resources
from maas_client.errors import BadRequest, Conflict, InvalidInput, NotFound, UnexpectedReply, UntrustedHost
from maas_client.transfers.uploads import blocks as plan, url_copy as copying
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.mock_server.loopback_server import (
    Answer,
    LoopbackServer,
    allow_loopback_sources,
    file_server,
    loopback_server,
    status,
)
from tests.transfers.uploads.seen import asked, blocks, committed, received, staged, stored

RANGE = 1000
CONTENT = os.urandom(10 * RANGE + 5)
SECRET = "c2VjcmV0LXNpZ25hdHVyZQ"
NEW = os.urandom(len(CONTENT))


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy a thousand bytes at a time."""
    monkeypatch.setattr(copying, "RANGE", RANGE)
    monkeypatch.setattr(plan, "BLOCK", RANGE)


@pytest.fixture
def source(maas_server: Server) -> Iterator[LoopbackServer]:
    """A file on another server, which the mock server may copy from."""
    allow_loopback_sources(maas_server.endpoint)
    with loopback_server(file_server(CONTENT, ETag='"1"')) as source:
        source.url = source.url.replace("/data?v=1", f"/folder/train.jsonl?sig={SECRET}")
        yield source


def without_size(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()


async def test_a_file_is_copied_in_ranges_without_passing_through_here(
    maas: Resources, maas_server: Server, azure: Azure, source: LoopbackServer
) -> None:
    reported: list[TransferProgress] = []
    dataset = await maas.datasets.copy(source.url, name="copied", on_progress=reported.append)
    assert stored(azure, dataset) == CONTENT
    assert dataset.uri.endswith("/train.jsonl")
    assert (dataset.name, dataset.bytes_sent) == ("copied", 0)
    assert (len(blocks(maas_server)), received(maas_server)) == (11, 0)
    assert reported[-1].done == reported[-1].total == len(CONTENT)
    assert (await maas.datasets.get("copied", dataset.version)).id == dataset.id


async def test_an_unchanged_source_is_not_copied_again(
    maas: Resources, maas_server: Server, azure: Azure, source: LoopbackServer
) -> None:
    first = await maas.datasets.copy(source.url)
    again = await maas.datasets.copy(source.url.replace(SECRET, "YW5vdGhlcg"))
    assert (again.id, len(blocks(maas_server))) == (first.id, 11)
    source.answer = file_server(NEW, ETag='"2"')
    other = await maas.datasets.copy(source.url)
    assert other.version != first.version
    assert stored(azure, other) == NEW


async def test_an_interrupted_copy_is_resumed(
    maas: Resources, maas_server: Server, azure: Azure, source: LoopbackServer
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=5)
    with pytest.raises(BadRequest):
        await maas.datasets.copy(source.url, parallel=1)
    held = staged(azure)
    dataset = await maas.datasets.copy(source.url)
    assert dataset.bytes_resumed == held > 0
    assert stored(azure, dataset) == CONTENT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"ETag": '"1"'}, {"ETag": '"2"'}),
        ({"Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, {"Last_Modified": "Mon, 01 Jan 2024 00:00:01 GMT"}),
        (
            {"ETag": 'W/"1"', "Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"},
            {"ETag": 'W/"2"', "Last_Modified": "Mon, 01 Jan 2024 00:00:01 GMT"},
        ),
    ],
)
async def test_a_source_that_changes_midway_is_a_conflict_uncommitted(
    maas: Resources, azure: Azure, source: LoopbackServer, before: dict[str, str], after: dict[str, str]
) -> None:
    source.answer = file_server(CONTENT, **before)

    def change(progress: TransferProgress) -> None:
        source.answer = file_server(NEW, **after)

    with pytest.raises(Conflict, match="SourceConditionNotMet"):
        await maas.datasets.copy(source.url, parallel=1, on_progress=change)
    assert committed(azure) == {}


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (status(404), NotFound, "404"),
        (status(307, Location="https://elsewhere.test/"), UnexpectedReply, "redirects"),
        (file_server(CONTENT), InvalidInput, "neither a strong ETag nor Last-Modified"),
        (file_server(CONTENT, ETag='W/"1"'), InvalidInput, "neither a strong ETag"),
        (without_size, UnexpectedReply, "size"),
    ],
)
async def test_an_uncopyable_source_is_an_error_without_its_secret(
    maas: Resources,
    maas_server: Server,
    source: LoopbackServer,
    answer: Answer,
    error: type[Exception],
    words: str,
) -> None:
    source.answer = answer
    with pytest.raises(error, match=words) as caught:
        await maas.datasets.copy(source.url)
    assert SECRET not in f"{caught.value!r} {caught.value}"
    assert blocks(maas_server) == []


async def test_a_source_that_the_service_may_not_read_is_reported(
    maas: Resources, azure: Azure, source: LoopbackServer
) -> None:
    seen, hidden = source.answer, status(403)

    def only_seen(request: BaseHTTPRequestHandler) -> None:
        (seen if request.command == "HEAD" else hidden)(request)

    source.answer = only_seen
    with pytest.raises(Exception, match="CannotVerifyCopySource") as caught:
        await maas.datasets.copy(source.url)
    assert SECRET not in f"{caught.value!r} {caught.value}"
    assert committed(azure) == {}


@pytest.mark.parametrize(
    "url", ["https://elsewhere.test/train.jsonl", "ftp://127.0.0.1/train.jsonl", "train.jsonl", "http://[::1/train"]
)
async def test_with_a_local_service_no_other_host_is_contacted(maas: Resources, maas_server: Server, url: str) -> None:
    with pytest.raises(UntrustedHost):
        await maas.datasets.copy(url)
    assert maas_server.requests() == []


async def test_a_source_without_a_name_needs_one(maas: Resources, azure: Azure, source: LoopbackServer) -> None:
    nameless = source.url.replace("/folder/train.jsonl", "/")
    for filename in (None, "", "a/b"):
        with pytest.raises(InvalidInput, match="pass one"):
            await maas.datasets.copy(nameless, filename=filename)
    dataset = await maas.datasets.copy(nameless, filename="rows.jsonl")
    assert dataset.uri.endswith("/rows.jsonl")
    assert stored(azure, dataset) == CONTENT


async def test_an_empty_source_is_an_empty_file(
    maas: Resources, maas_server: Server, azure: Azure, source: LoopbackServer
) -> None:
    source.answer = file_server(b"", ETag='"1"')
    dataset = await maas.datasets.copy(source.url)
    assert stored(azure, dataset) == b""
    assert len(asked(maas_server, "blob.put_block_list")) == 1


async def test_a_blob_of_the_same_service_is_a_source_too(maas: Resources, azure: Azure) -> None:
    first = await maas.datasets.upload(CONTENT, filename="first.jsonl", check=False)
    url = azure.blob_url(first.uri.partition("/paths/")[2])
    copied = await maas.datasets.copy(url, filename="second.jsonl")
    assert stored(azure, copied) == CONTENT
