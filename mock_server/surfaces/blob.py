"""Azure Blob Storage: block blobs of the workspaces' datastores.

A blob is found at three addresses. By virtual host, `https://mockstore.blob.localhost:PORT/{container}/{blob}`; bare,
`/{container}/{blob}`; and path-style, with a first segment that ends where a host name would. The datastore document
makes every client arrive at the last one without name resolution: its `accountName` is `127.0.0.1:PORT/mockstore` and
its `endpoint` `127.0.0.1:PORT`, so `{protocol}://{accountName}.blob.{endpoint}/{container}/{blob}`, which clients form
from the documents and azure-ai-ml 1.35.2 forms in `_artifact_utilities.py`, is a path on this very server.
"""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from mock_server import blocklist, storage_access
from mock_server.blob_headers import check_conditions, described, metadata, stamps
from mock_server.blobstore import Blob, Part, new_part
from mock_server.call import Call, Found, Handler, Surface, nothing
from mock_server.errors import ServiceError, blob_body
from mock_server.ranges import Span, span
from mock_server.surfaces import containers
from mock_server.world import ACCOUNT

CHUNK = 512 * 1024
LARGEST_BODY = 4000 * 1024 * 1024  # a block, of today's service versions
VERSION = "2023-11-03"
LONGEST_NAME = 1024
CONTAINER = re.compile(r"(?:[a-z0-9]|-(?=[a-z0-9])){3,63}\Z|\$root\Z|\$web\Z")
KEPT_HEADERS = {
    "x-ms-blob-content-type": "Content-Type",
    "x-ms-blob-content-md5": "Content-MD5",
    "x-ms-blob-content-encoding": "Content-Encoding",
    "x-ms-blob-content-language": "Content-Language",
    "x-ms-blob-content-disposition": "Content-Disposition",
    "x-ms-blob-cache-control": "Cache-Control",
}


async def put(call: Call) -> Response:
    """Put Blob: the whole body becomes the blob."""
    if call.headers.get("x-ms-blob-type", "BlockBlob") != "BlockBlob":
        raise ServiceError(
            400, "InvalidHeaderValue", "x-ms-blob-type must be BlockBlob: this server has no page or append blobs."
        )
    if "x-ms-copy-source" in call.headers:
        raise ServiceError(400, "UnsupportedHeader", "This server does not copy blobs: send the bytes.")
    check_conditions(call, _existing(call))
    part, digest = await _receive(call, "")
    try:
        check_conditions(call, _existing(call))  # another request may have been faster
        blob = _commit(call, [part], digest)
    except ServiceError:
        call.world.blobs.discard([part.part])
        raise
    return nothing(201, {**stamps(blob), "Content-MD5": digest, "x-ms-request-server-encrypted": "true"})


async def put_block(call: Call) -> Response:
    """Put Block: the body waits under its id until a block list names it."""
    block = call.query.get("blockid", "")
    if not blocklist.is_block_id(block):
        raise ServiceError(400, "InvalidQueryParameterValue", "blockid must be base64 of at most 64 bytes.")
    part, digest = await _receive(call, block)
    call.world.blobs.stage(call.params["container"], call.params["blob"], part)
    return nothing(201, {"Content-MD5": digest, "x-ms-request-server-encrypted": "true"})


async def put_block_list(call: Call) -> Response:
    """Put Block List: the named blocks become the blob, all at once."""
    body = await call.body()
    sent = call.headers.get("content-md5")
    if sent is not None and sent != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode():
        raise _md5_mismatch()
    try:
        named = blocklist.parse(body)
    except ValueError as error:
        raise ServiceError(400, "InvalidXmlDocument", f"XML specified is not syntactically valid: {error}") from error
    existing = _existing(call)
    check_conditions(call, existing)
    staged = call.world.blobs.staged(call.params["container"], call.params["blob"])
    parts = blocklist.choose(named, existing.parts if existing else (), staged)
    if parts is None:
        raise ServiceError(400, "InvalidBlockList", "The specified block list is invalid.")
    return nothing(201, {**stamps(_commit(call, parts, "")), "x-ms-request-server-encrypted": "true"})


async def get_block_list(call: Call) -> Response:
    """Get Block List."""
    which = call.query.get("blocklisttype", "committed").lower()
    if which not in ("committed", "uncommitted", "all"):
        raise ServiceError(400, "InvalidQueryParameterValue", "blocklisttype must be committed, uncommitted or all.")
    existing = _existing(call)
    staged = call.world.blobs.staged(call.params["container"], call.params["blob"])
    if existing is None and not staged:
        raise _no_blob()
    body = blocklist.render(
        (existing.parts if existing else ()) if which != "uncommitted" else None,
        staged if which != "committed" else None,
    )
    headers = {**stamps(existing), "x-ms-blob-content-length": str(existing.size)} if existing else {}
    return Response(body, 200, headers, "application/xml")


async def set_metadata(call: Call) -> Response:
    """Set Blob Metadata: the new replace the old."""
    blob = _found(call)
    check_conditions(call, blob)
    changed = call.world.blobs.annotate(blob, modified=call.world.wall(), metadata=metadata(call))
    return nothing(200, {**stamps(changed), "x-ms-request-server-encrypted": "true"})


async def head(call: Call) -> Response:
    """Get Blob Properties, and its metadata."""
    blob = _found(call)
    check_conditions(call, blob)
    return nothing(200, {**described(blob), "Content-Length": str(blob.size)})


async def get(call: Call) -> Response:
    """Get Blob, whole or a range of it."""
    blob = _found(call)
    check_conditions(call, blob)
    try:
        part = span(call.headers.get("x-ms-range") or call.headers.get("range"), blob.size)
    except ValueError as error:
        message = f"The range specified is invalid for the current size of the resource: {error}."
        raise ServiceError(416, "InvalidRange", message, {"Content-Range": f"bytes */{blob.size}"}) from error
    whole = Span(0, blob.size)
    wanted = part or whole
    headers = {**described(blob), "Content-Length": str(wanted.length)}
    if part:
        headers["Content-Range"] = part.header(blob.size)
        if "Content-MD5" in headers:
            headers["x-ms-blob-content-md5"] = headers.pop("Content-MD5")
    pieces = call.world.blobs.read(blob, wanted.start, wanted.length)
    return StreamingResponse(_paced(pieces), 206 if part else 200, headers)


async def delete(call: Call) -> Response:
    """Delete Blob."""
    blob = _found(call)
    check_conditions(call, blob)
    call.world.blobs.delete(blob)
    return nothing(202, {"x-ms-delete-type-permanent": "true"})


async def lease(call: Call) -> Response:
    """Refuse leases by name."""
    del call
    raise ServiceError(
        400, "FeatureNotSupported", "This server has no leases: upload under If-None-Match or If-Match instead."
    )


async def _receive(call: Call, block: str) -> tuple[Part, str]:
    """Write a body to the store as it comes; gives the part and the MD5 of what came."""
    name, position, size = new_part(), 0, 0
    digest, buffer = hashlib.md5(usedforsecurity=False), bytearray()
    try:
        async for piece in call.request.stream():
            buffer += piece
            size += len(piece)
            digest.update(piece)
            if size > LARGEST_BODY:
                raise ServiceError(
                    413,
                    "RequestBodyTooLarge",
                    "The request body is too large and exceeds the maximum permissible limit.",
                )
            if len(buffer) >= CHUNK:
                call.world.blobs.append(name, position, bytes(buffer))
                position += 1
                buffer.clear()
        if buffer:
            call.world.blobs.append(name, position, bytes(buffer))
        _check_body(call, size, base64.b64encode(digest.digest()).decode())
    except (ClientDisconnect, ServiceError) as error:
        call.world.blobs.discard([name])
        if isinstance(error, ServiceError):
            raise
        raise ServiceError(400, "IncompleteBody", "The connection ended within the request body.") from error
    return Part(block, name, size), base64.b64encode(digest.digest()).decode()


def _check_body(call: Call, size: int, digest: str) -> None:
    announced = call.headers.get("content-length")
    if announced is None:
        raise ServiceError(411, "MissingContentLengthHeader", "Content-Length HTTP header is missing.")
    if announced != str(size):
        raise ServiceError(400, "IncompleteBody", "The request body is shorter than its Content-Length.")
    if call.headers.get("content-md5") not in (None, digest):
        raise _md5_mismatch()


def _commit(call: Call, parts: list[Part], digest: str) -> Blob:
    kept = {name: call.headers[source] for source, name in KEPT_HEADERS.items() if source in call.headers}
    content_type = (
        call.headers.get("content-type", "application/octet-stream") if digest else "application/octet-stream"
    )
    headers = {"Content-Type": content_type} | ({"Content-MD5": digest} if digest else {}) | kept
    return call.world.blobs.commit(
        call.params["container"],
        call.params["blob"],
        parts,
        modified=call.world.wall(),
        headers=headers,
        metadata=metadata(call),
    )


def _existing(call: Call) -> Blob | None:
    return call.world.blobs.get(call.params["container"], call.params["blob"])


def _found(call: Call) -> Blob:
    blob = _existing(call)
    if blob is None:
        raise _no_blob()
    return blob


async def _paced(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:  # read one at a time, as the client takes them
        yield piece


def _no_blob() -> ServiceError:
    return ServiceError(404, "BlobNotFound", "The specified blob does not exist.")


def _md5_mismatch() -> ServiceError:
    message = "The MD5 value specified in the request did not match with the MD5 value calculated by the server."
    return ServiceError(400, "Md5Mismatch", message)


def refuse(error: ServiceError, request_id: str, now: float) -> Response:
    """Word a refusal as Azure Storage does: XML, and the code in a header for who gets no body."""
    headers = {**error.headers, "x-ms-error-code": error.code}
    if error.status == 304:
        return nothing(304, headers)
    return Response(blob_body(error, request_id, now), error.status, headers, "application/xml")


def find(method: str, path: str, query: Mapping[str, str]) -> Found:
    """Find the operation: storage tells them apart by method and query, and paths only say which blob."""
    first, _, rest = path.lstrip("/").partition("/")
    container, _, blob = (rest if ".blob." in first else f"{first}/{rest}").partition("/")
    if ".blob." in first and first.partition(".blob.")[0] != ACCOUNT:
        raise ServiceError(
            404,
            "ResourceNotFound",
            f"The account {first.partition('.blob.')[0][:80]!r} does not exist here; it is {ACCOUNT!r}.",
        )
    if not CONTAINER.match(container):
        raise ServiceError(400, "InvalidResourceName", "The specified resource name contains invalid characters.")
    if len(blob) > LONGEST_NAME:
        raise ServiceError(400, "InvalidUri", f"A blob's name has at most {LONGEST_NAME} characters.")
    if not blob and query.get("restype") != "container":
        raise ServiceError(400, "InvalidUri", "The requested URI does not represent any resource on the server.")
    table = ON_BLOB if blob else ON_CONTAINER
    found = table.get((method, query.get("comp", "")))
    if found is None:
        known = ", ".join(f"{verb} {comp}".strip() for verb, comp in table)
        raise ServiceError(
            405, "UnsupportedHttpVerb", f"The resource doesn't support the specified Http Verb. It supports {known}."
        )
    operation, handler = found
    return Found(operation, {"container": container, "blob": blob}, handler)


ON_CONTAINER: dict[tuple[str, str], tuple[str, Handler]] = {
    ("GET", "list"): ("blob.list", containers.list_blobs),
    ("GET", ""): ("blob.get_container", containers.get_container),
    ("HEAD", ""): ("blob.get_container", containers.get_container),
    ("PUT", ""): ("blob.create_container", containers.create_container),
}
ON_BLOB: dict[tuple[str, str], tuple[str, Handler]] = {
    ("PUT", ""): ("blob.put", put),
    ("PUT", "block"): ("blob.put_block", put_block),
    ("PUT", "blocklist"): ("blob.put_block_list", put_block_list),
    ("GET", "blocklist"): ("blob.get_block_list", get_block_list),
    ("PUT", "metadata"): ("blob.set_metadata", set_metadata),
    ("GET", "metadata"): ("blob.get_metadata", head),
    ("HEAD", "metadata"): ("blob.get_metadata", head),
    ("PUT", "lease"): ("blob.lease", lease),
    ("GET", ""): ("blob.get", get),
    ("HEAD", ""): ("blob.head", head),
    ("DELETE", ""): ("blob.delete", delete),
}
SURFACE = Surface("blob", find, storage_access.admit, refuse)
