"""Blobs of one container: head, list, read ranges, write at once or in blocks, commit."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode
from xml.sax.saxutils import escape, unescape

from ..core.api_versions import BLOBS
from ..core.http_messages import Body, Reply, Request
from ..core.secret_text import SecretText
from ..core.url_paths import blob_path
from ..http.auth import Signer
from ..http.channel import Channel, OnAttempt
from ..http.error_responses import error_from, unexpected
from ..http.trusted_hosts import Audience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..wire import Incoming

_ALREADY_EXISTS = frozenset({"BlobAlreadyExists", "ConditionNotMet", "UnauthorizedBlobOverwrite"})

# The document is flat, so a pattern can read it, and no XML parser has to be protected from entity bombs.
_BLOCK = re.compile(r"<Block>\s*<Name>(?P<name>[^<]{1,100})</Name>\s*<Size>(?P<size>\d{1,13})</Size>\s*</Block>")
_BLOB_NAME = re.compile(r'\s*<Name(?P<encoded> Encoded="true")?>(?P<name>[^<]+)</Name>')
_BLOB_SIZE = re.compile(r"<Content-Length>(\d{1,19})</Content-Length>")
_NEXT_MARKER = re.compile(r"<NextMarker>([^<]+)</NextMarker>")
_ENTITY = re.compile(r"&(?:#x(?P<hex>[0-9A-Fa-f]{1,5})|#(?P<decimal>\d{1,6})|(?P<name>amp|lt|gt|quot|apos));")
_ENTITIES: Mapping[str, str] = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

MAX_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class ListedBlob:
    """A blob of a listing: its name, exactly as the service returns it, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class BlobContainer:
    """A blob container and the authorization for it. Paths are relative to the container."""

    channel: Channel
    url: str
    signer: Signer

    async def head(self, path: str) -> Mapping[str, str] | None:
        """Return a blob's headers, or None if there is no such blob."""
        reply = await self._send(Request("HEAD", self._blob(path), self._headers()), accept={404})
        return None if reply.status == 404 else reply.headers

    async def list(self, prefix: str) -> AsyncIterator[ListedBlob]:
        """Yield the blobs with a prefix (List Blobs); pages are fetched on demand.

        learn.microsoft.com/rest/api/storageservices/list-blobs, version 2023-11-03.
        """
        marker, seen = "", set[str]()
        while True:
            query = {"restype": "container", "comp": "list", "prefix": prefix} | ({"marker": marker} if marker else {})
            request = Request("GET", f"{self.url}?{urlencode(query, quote_via=quote)}", self._headers())
            reply = await self._send(request)
            page = reply.body.decode("utf-8", "replace")
            if "<EnumerationResults" not in page:
                raise unexpected(request, reply, "the response is not a list of blobs")
            for entry in _entries(page):
                name, size = _BLOB_NAME.match(entry), _BLOB_SIZE.search(entry)
                if name is None or size is None:
                    raise unexpected(request, reply, "the listing has a blob without a name or a size")
                plain = _without_entities(name["name"])
                yield ListedBlob(unquote(plain) if name["encoded"] else plain, int(size[1]))
            if (more := _NEXT_MARKER.search(page)) is None:
                return
            seen.add(marker)
            marker = _without_entities(more[1])
            if marker in seen or len(seen) > MAX_PAGES:
                raise unexpected(request, reply, "the listing never ends: its NextMarker repeats")

    @asynccontextmanager
    async def open(self, path: str, etag: str, *, offset: int, size: int) -> AsyncGenerator[Incoming]:
        """Request `size` bytes of the version `etag` of a blob, starting at `offset` (Get Blob).

        The response is streamed. An empty blob has no ranges, and is requested as a whole. Raises Conflict (412) if the
        blob has changed.
        """
        # Accept-Encoding: if a proxy compressed the blob, a range of the result would not be a range of the blob.
        own = {"If-Match": etag, "Accept-Encoding": "identity"}
        own |= {"Range": f"bytes={offset}-{offset + size - 1}"} if size else {}
        request = Request("GET", self._blob(path), self._headers(own))
        async with self.channel.open(request, audience=Audience.BLOB, signer=self.signer) as incoming:
            yield incoming

    async def put(
        self, path: str, body: bytes | Body, *, md5: str = "", metadata: Mapping[str, str], overwrite: bool = False
    ) -> bool:
        """Write a blob in one request (Put Blob); return False if another upload was faster.

        `md5` is the base64 Content-MD5, which the server checks if there is one. Metadata is part of the same request,
        so that the blob never exists without it.
        """
        headers = {
            "x-ms-blob-type": "BlockBlob",
            "Content-Type": "application/octet-stream",
            **({"Content-MD5": md5} if md5 else {}),
            **self._creation(metadata, overwrite),
        }
        return await self._written(Request("PUT", self._blob(path), self._headers(headers), body, timeout=300.0))

    async def put_block(
        self,
        path: str,
        block_id: str,
        body: bytes | Body,
        *,
        md5: str = "",
        timeout: float,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        """Stage a block (Put Block); `block_id` is base64 and has the same length for all blocks of a blob."""
        url = f"{self._blob(path)}?comp=block&blockid={quote(block_id, safe='')}"
        headers = {"Content-Type": "application/octet-stream"} | ({"Content-MD5": md5} if md5 else {})
        await self._send(Request("PUT", url, self._headers(headers), body, timeout=timeout), on_attempt=on_attempt)

    async def put_block_from(
        self,
        path: str,
        block_id: str,
        url: SecretText,
        *,
        offset: int,
        size: int,
        condition: Mapping[str, str],
        timeout: float,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        """Stage a block that the service fetches from a URL (Put Block From URL).

        `condition` are headers that the source must satisfy; otherwise the service responds with 412.
        """
        target = f"{self._blob(path)}?comp=block&blockid={quote(block_id, safe='')}"
        own = {
            "x-ms-source-range": f"bytes={offset}-{offset + size - 1}",
            "Content-Length": "0",
        }
        source = {"x-ms-copy-source": url}
        headers = self._headers({**own, **condition})
        await self._send(Request("PUT", target, headers, timeout=timeout, secret_headers=source), on_attempt=on_attempt)

    async def uncommitted(self, path: str) -> Mapping[str, int]:
        """Return the uncommitted blocks of a blob: size in bytes by block id."""
        return dict(await self._blocks(path, "uncommitted"))

    async def committed(self, path: str) -> Sequence[tuple[str, int]]:
        """Return the committed blocks of a blob in order: id and size in bytes."""
        return await self._blocks(path, "committed")

    async def _blocks(self, path: str, kind: str) -> Sequence[tuple[str, int]]:
        """List blocks of one kind (Get Block List); none if there is no such blob."""
        request = Request("GET", f"{self._blob(path)}?comp=blocklist&blocklisttype={kind}", self._headers())
        reply = await self._send(request, accept={404})
        listed = reply.body.decode("utf-8", "replace") if reply.is_success else ""
        return [(unescape(found["name"]), int(found["size"])) for found in _BLOCK.finditer(listed)]

    async def commit(
        self, path: str, block_ids: Sequence[str], *, metadata: Mapping[str, str], overwrite: bool = False
    ) -> bool:
        """Commit the staged blocks, in this order (Put Block List); return False if another upload was faster."""
        blocks = "".join(f"<Latest>{escape(block_id)}</Latest>" for block_id in block_ids)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{blocks}</BlockList>'.encode()
        headers = {"Content-Type": "application/xml", **self._creation(metadata, overwrite)}
        return await self._written(
            Request("PUT", f"{self._blob(path)}?comp=blocklist", self._headers(headers), body, timeout=300.0)
        )

    async def _written(self, request: Request) -> bool:
        """Send a conditional write; return False if the blob exists already."""
        reply = await self._send(request, accept={409, 412})
        if not reply.is_success and reply.headers.get("x-ms-error-code") not in _ALREADY_EXISTS:
            raise error_from(request, reply)
        return reply.is_success

    async def _send(
        self, request: Request, accept: set[int] | None = None, on_attempt: OnAttempt | None = None
    ) -> Reply:
        return await self.channel.send(
            request, audience=Audience.BLOB, signer=self.signer, accept=accept or frozenset(), on_attempt=on_attempt
        )

    def _blob(self, path: str) -> str:
        return f"{self.url}/{blob_path(path)}"

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {"Accept": "application/xml", "x-ms-version": BLOBS.value, **(more or {})}

    def _creation(self, metadata: Mapping[str, str], overwrite: bool) -> dict[str, str]:
        condition = {} if overwrite else {"If-None-Match": "*"}
        return condition | {f"x-ms-meta-{name}": value for name, value in metadata.items()}


def _entries(page: str) -> Iterator[str]:
    """Yield the content of each `<Blob>` of a listing, in a single pass, so that time grows linearly."""
    start = page.find("<Blob>")
    while start >= 0 and (end := page.find("</Blob>", start)) >= 0:
        yield page[start + len("<Blob>") : end]
        start = page.find("<Blob>", end)


def _without_entities(text: str) -> str:
    """Replace XML entities by their characters."""

    def character(found: re.Match[str]) -> str:
        if found["name"]:
            return _ENTITIES[found["name"]]
        return chr(int(found["hex"], 16) if found["hex"] else int(found["decimal"]))

    return _ENTITY.sub(character, text)
