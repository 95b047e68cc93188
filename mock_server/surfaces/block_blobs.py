"""Operations on block blobs."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping

from starlette.responses import Response, StreamingResponse

from mock_server.core.errors import ServiceError
from mock_server.core.ranges import ByteRange, parse_range
from mock_server.http.routing import Call, empty_response
from mock_server.state.blob_store import Blob, Part
from mock_server.storage import block_list, copy_from_url, copy_source, request_bodies
from mock_server.storage.blob_headers import check_conditions, metadata, property_headers, version_headers

KEPT_HEADERS = {
    "x-ms-blob-content-type": "Content-Type",
    "x-ms-blob-content-md5": "Content-MD5",
    "x-ms-blob-content-encoding": "Content-Encoding",
    "x-ms-blob-content-language": "Content-Language",
    "x-ms-blob-content-disposition": "Content-Disposition",
    "x-ms-blob-cache-control": "Cache-Control",
}
MD5_ON_REQUEST_VERSION = "2019-02-02"
OCTETS = "application/octet-stream"


async def put(call: Call) -> Response:
    """Put Blob: the whole body becomes the blob."""
    if call.headers.get("x-ms-blob-type", "BlockBlob") != "BlockBlob":
        raise ServiceError(
            400, "InvalidHeaderValue", "x-ms-blob-type must be BlockBlob: this server has no page or append blobs."
        )
    check_conditions(call, committed(call))
    part, digest = await request_bodies.receive(call, "")
    content_type = call.headers.get("content-type", OCTETS)
    blob = replace_blob(call, part, {"Content-Type": content_type, "Content-MD5": digest})
    return empty_response(
        201, {**version_headers(blob), "Content-MD5": digest, "x-ms-request-server-encrypted": "true"}
    )


async def put_block(call: Call) -> Response:
    """Put Block: stores the body under its id until a block list names it."""
    block = block_id(call)
    # Since this version the service returns an MD5 only if the client sent one.
    with_md5 = "content-md5" in call.headers or call.headers.get("x-ms-version", "") < MD5_ON_REQUEST_VERSION
    part, digest = await request_bodies.receive(call, block, with_md5=with_md5)
    stage(call, part)
    return empty_response(
        201, {**({"Content-MD5": digest} if with_md5 else {}), "x-ms-request-server-encrypted": "true"}
    )


async def put_block_list(call: Call) -> Response:
    """Put Block List: commits the named blocks as the blob, atomically."""
    body = await call.body()
    md5 = request_bodies.check_md5(call, hashlib.md5(body, usedforsecurity=False).digest())
    try:
        named = block_list.parse(body)
    except ValueError as error:
        raise ServiceError(400, "InvalidXmlDocument", f"XML specified is not syntactically valid: {error}") from error
    existing = committed(call)
    check_conditions(call, existing)
    staged = call.world.blobs.staged(call.params["container"], call.params["blob"])
    parts = block_list.select_parts(named, existing.parts if existing else (), staged)
    if parts is None:
        raise ServiceError(400, "InvalidBlockList", "The specified block list is invalid.")
    md5_header = {"Content-MD5": md5}  # of the list; the blob itself has no MD5
    return empty_response(
        201, {**version_headers(_commit(call, parts, {})), **md5_header, "x-ms-request-server-encrypted": "true"}
    )


async def put_block_from_url(call: Call) -> Response:
    """Put Block From URL: stores a source, or a range of it, under its id until a block list names it."""
    block = block_id(call)
    wanted = copy_source.parse_headers(call.headers)
    async with copy_from_url.open_source(call, wanted) as source:
        # Since 2019-02-02 the MD5 is returned only if the client sent one; this server computes no CRC64 instead.
        with_md5 = wanted.md5 is not None or call.headers.get("x-ms-version", "") < MD5_ON_REQUEST_VERSION
        part, digest = await copy_from_url.receive(call, wanted, source, block, with_md5=with_md5)
    stage(call, part)
    return empty_response(
        201, {**({"Content-MD5": digest} if with_md5 else {}), "x-ms-request-server-encrypted": "true"}
    )


async def put_blob_from_url(call: Call) -> Response:
    """Put Blob From URL: a whole source becomes the blob, by default with its properties."""
    if call.headers.get("x-ms-blob-type") != "BlockBlob":
        message = "This server copies only by Put Blob From URL and Put Block From URL: send x-ms-blob-type: BlockBlob."
        raise ServiceError(400, "UnsupportedHeader", message)
    if "x-ms-source-range" in call.headers:
        message = "Put Blob From URL copies a whole source: copy ranges with Put Block From URL."
        raise ServiceError(400, "UnsupportedHeader", message)
    wanted = copy_source.parse_headers(call.headers)
    check_conditions(call, committed(call))
    async with copy_from_url.open_source(call, wanted) as source:
        part, digest = await copy_from_url.receive(call, wanted, source, "", with_md5=True)
    with_properties = call.headers.get("x-ms-copy-source-blob-properties", "true").lower() != "false"
    properties = {**(source.properties if with_properties else {}), "Content-MD5": digest}
    blob = replace_blob(call, part, properties)
    return empty_response(
        201, {**version_headers(blob), "Content-MD5": digest, "x-ms-request-server-encrypted": "true"}
    )


async def get_block_list(call: Call) -> Response:
    """Get Block List."""
    list_type = call.query.get("blocklisttype", "committed").lower()
    if list_type not in ("committed", "uncommitted", "all"):
        raise ServiceError(400, "InvalidQueryParameterValue", "blocklisttype must be committed, uncommitted or all.")
    existing = committed(call)
    staged = call.world.blobs.staged(call.params["container"], call.params["blob"])
    if existing is None and not staged:
        raise _blob_not_found()
    body = block_list.render(
        (existing.parts if existing else ()) if list_type != "uncommitted" else None,
        staged if list_type != "committed" else None,
    )
    headers = {
        **(version_headers(existing) if existing else {}),
        "x-ms-blob-content-length": str(existing.size if existing else 0),
    }
    return Response(body, 200, headers, "application/xml")


async def set_metadata(call: Call) -> Response:
    """Set Blob Metadata: replaces all metadata."""
    blob = _existing_blob(call)
    check_conditions(call, blob)
    changed = call.world.blobs.set_metadata(blob, modified=call.world.wall(), metadata=metadata(call))
    return empty_response(200, {**version_headers(changed), "x-ms-request-server-encrypted": "true"})


async def head(call: Call) -> Response:
    """Get Blob Properties, including metadata."""
    blob = _existing_blob(call)
    check_conditions(call, blob)
    return empty_response(200, {**property_headers(blob), "Content-Length": str(blob.size)})


async def get(call: Call) -> Response:
    """Get Blob, whole or a range of it."""
    blob = _existing_blob(call)
    check_conditions(call, blob)
    try:
        part = parse_range(call.headers.get("x-ms-range") or call.headers.get("range"), blob.size)
    except ValueError as error:
        message = f"The range specified is invalid for the current size of the resource: {error}."
        raise ServiceError(416, "InvalidRange", message, {"Content-Range": f"bytes */{blob.size}"}) from error
    whole = ByteRange(0, blob.size)
    wanted = part or whole
    headers = {**property_headers(blob), "Content-Length": str(wanted.length)}
    if part:
        headers["Content-Range"] = part.header(blob.size)
        if "Content-MD5" in headers:
            headers["x-ms-blob-content-md5"] = headers.pop("Content-MD5")
    pieces = call.world.blobs.read(blob, wanted.start, wanted.length)
    return StreamingResponse(_as_async(pieces), 206 if part else 200, headers)


async def delete(call: Call) -> Response:
    """Delete Blob."""
    blob = _existing_blob(call)
    check_conditions(call, blob)
    call.world.blobs.delete(blob)
    return empty_response(202, {"x-ms-delete-type-permanent": "true"})


async def lease(call: Call) -> Response:
    """Reject leases, which this server does not support."""
    del call
    raise ServiceError(400, "FeatureNotSupported", "This server has no leases: use If-None-Match or If-Match instead.")


def block_id(call: Call) -> str:
    """Return the block id in a request; rejects one that is invalid, or of another length than the blob's other ids."""
    block = call.query.get("blockid", "")
    if not block_list.is_block_id(block):
        raise ServiceError(400, "InvalidQueryParameterValue", "blockid must be base64 of at most 64 bytes.")
    other = call.world.blobs.any_staged_id(call.params["container"], call.params["blob"])
    if other is not None and block_list.id_length(block) != block_list.id_length(other):
        message = "The specified blob or block content is invalid: a blob's block ids must have the same length."
        raise ServiceError(400, "InvalidBlobOrBlock", message)
    return block


def stage(call: Call, part: Part) -> None:
    """Store a body as an uncommitted block; discards it if another request has made its id invalid meanwhile."""
    try:
        block_id(call)
    except ServiceError:
        call.world.blobs.discard([part.part])
        raise
    call.world.blobs.stage(call.params["container"], call.params["blob"], part)


def replace_blob(call: Call, part: Part, properties: Mapping[str, str]) -> Blob:
    """Commit a body as the blob; discards it if another request was faster and the conditions no longer hold."""
    try:
        check_conditions(call, committed(call))
        return _commit(call, [part], properties)
    except ServiceError:
        call.world.blobs.discard([part.part])
        raise


def committed(call: Call) -> Blob | None:
    """Return the committed blob of a call, or None."""
    return call.world.blobs.get(call.params["container"], call.params["blob"])


def _commit(call: Call, parts: list[Part], properties: Mapping[str, str]) -> Blob:
    kept = {name: call.headers[source] for source, name in KEPT_HEADERS.items() if source in call.headers}
    return call.world.blobs.commit(
        call.params["container"],
        call.params["blob"],
        parts,
        modified=call.world.wall(),
        headers={"Content-Type": OCTETS, **properties, **kept},
        metadata=metadata(call),
    )


def _existing_blob(call: Call) -> Blob:
    blob = committed(call)
    if blob is None:
        raise _blob_not_found()
    return blob


async def _as_async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:  # read one at a time, at the client's pace
        yield piece


def _blob_not_found() -> ServiceError:
    return ServiceError(404, "BlobNotFound", "The specified blob does not exist.")
