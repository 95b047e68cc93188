"""Listings of blobs: pages, names in every spelling that XML has, and answers that are no listing."""

from __future__ import annotations

import httpx
import pytest
from support import FakeService, collect

from maas_client import UnexpectedReply
from maas_client.azure.blob_container import BlobContainer, ListedBlob
from maas_client.http.auth import Unsigned
from maas_client.http.channel import Channel
from maas_client.http.trusted_hosts import Trust
from maas_client.wire import Wire


def listing(*blobs: str, marker: str = "") -> httpx.Response:
    """A page as the service writes it (learn.microsoft.com/rest/api/storageservices/list-blobs, its example)."""
    body = (
        '\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://a.example/" '
        f'ContainerName="c"><Prefix>p/</Prefix><Blobs>{"".join(blobs)}</Blobs>'
        f"{f'<NextMarker>{marker}</NextMarker>' if marker else '<NextMarker />'}</EnumerationResults>"
    )
    return httpx.Response(200, content=body.encode(), headers={"Content-Type": "application/xml"})


def blob(name: str, size: object = 1, encoded: str = "") -> str:
    """An entry of a page."""
    return (
        f"<Blob><Name{encoded}>{name}</Name><Properties><Creation-Time>Tue, 01 Sep 2026 10:00:00 GMT</Creation-Time>"
        f"<Etag>0x8CBFF45D8A29A19</Etag><Content-Length>{size}</Content-Length><Content-MD5 /></Properties>"
        "<Metadata><Name>another</Name></Metadata><OrMetadata /></Blob>"
    )


@pytest.fixture
def container(wire: Wire) -> BlobContainer:
    """A container of the fake service."""
    return BlobContainer(Channel(wire, Trust({}, {}, loopback="http://127.0.0.1")), "http://127.0.0.1/c", Unsigned())


async def test_pages_are_followed_to_the_last(container: BlobContainer, service: FakeService, wire: Wire) -> None:
    pages = [listing(blob("p/a", 3), blob("p/b"), marker="2!a&amp;b=="), listing(marker="3"), listing(blob("p/c", 0))]
    service.script(*pages)
    assert await collect(container.list("p/")) == [ListedBlob("p/a", 3), ListedBlob("p/b", 1), ListedBlob("p/c", 0)]
    asked = [dict(request.url.params) for request in service.asked]
    assert [query.get("marker") for query in asked] == [None, "2!a&b==", "3"]
    assert {query["prefix"] for query in asked} == {"p/"}
    assert {(query["restype"], query["comp"]) for query in asked} == {("container", "list")}


@pytest.mark.parametrize(
    ("written", "encoded", "name"),
    [
        ("p/a&amp;b&lt;c&gt;", "", "p/a&b<c>"),
        ("p/&quot;&apos;", "", "p/\"'"),
        ("p/a&#xD;&#10;b", "", "p/a\r\nb"),
        ("p/a&amp;#65;", "", "p/a&#65;"),
        ("p/a&nbsp;", "", "p/a&nbsp;"),
        ("p%2Fa%01b%25", ' Encoded="true"', "p/a\x01b%"),
        ("p/100%25", "", "p/100%25"),
    ],
)
async def test_a_name_is_read_in_every_spelling_that_xml_has(
    container: BlobContainer, service: FakeService, wire: Wire, written: str, encoded: str, name: str
) -> None:
    service.script(listing(blob(written, encoded=encoded)))
    assert await collect(container.list("p/")) == [ListedBlob(name, 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>Sign in</title></html>",
        listing(blob("p/a", "many")).content,
        listing(blob("", 1)).content,
    ],
)
async def test_a_response_that_is_not_a_listing_is_rejected(
    container: BlobContainer, service: FakeService, wire: Wire, body: bytes
) -> None:
    service.script(httpx.Response(200, content=body))
    with pytest.raises(UnexpectedReply, match=r"not a list of blobs|listing"):
        await collect(container.list("p/"))


async def test_a_listing_that_leads_back_ends(container: BlobContainer, service: FakeService, wire: Wire) -> None:
    service.answer = lambda request: listing(blob("p/a"), marker="2" if "marker=1" in str(request.url) else "1")
    with pytest.raises(UnexpectedReply, match="NextMarker repeats"):
        await collect(container.list("p/"))
    assert len(service.asked) == 3
