"""Azure Blob Storage: block blobs of the workspaces' datastores.

A blob has three addresses: by virtual host, `https://mockstore.blob.localhost:PORT/{container}/{blob}`; bare,
`/{container}/{blob}`; and path-style, with a first segment in the place of the host name. The datastore document makes
all clients use the last one, without name resolution: its `accountName` is `127.0.0.1:PORT/mockstore` and its
`endpoint` `127.0.0.1:PORT`, so `{protocol}://{accountName}.blob.{endpoint}/{container}/{blob}`, which clients build
from the documents (azure-ai-ml 1.35.2: `_artifact_utilities.py`), is a path on this server.
"""

from collections.abc import Mapping
from functools import wraps
from xml.sax.saxutils import escape

from starlette.responses import Response

from mock_server.core.errors import ServiceError, blob_body, xml_safe
from mock_server.http.routing import Call, Handler, RouteMatch, Surface, empty_response
from mock_server.storage import access as storage_access
from mock_server.storage.blob_address import locate
from mock_server.storage.copy_source import CODE, STATUS
from mock_server.surfaces import block_blobs, containers

COPY = "x-ms-copy-source"


def error_response(error: ServiceError, request_id: str, now: float) -> Response:
    """Report an error as Azure Storage does: XML, and the code in a header for responses without a body."""
    headers = {**error.headers, "x-ms-error-code": error.code}
    if error.status == 304:
        return empty_response(304, headers)
    body = blob_body(error, request_id, now)
    if STATUS in headers:
        body = body.removesuffix("</Error>") + _source(headers, error.message)
    return Response(body, error.status, headers, "application/xml")


def find(method: str, path: str, query: Mapping[str, str]) -> RouteMatch:
    """Find the operation: storage distinguishes them by method and query; the path only names the blob."""
    container, blob = locate(path)
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
    return RouteMatch(operation, {"container": container, "blob": blob}, handler)


def _source(headers: Mapping[str, str], message: str) -> str:
    """Return the end of an error body that reports the error of a copy's source."""
    return (
        f"<CopySourceStatusCode>{headers[STATUS]}</CopySourceStatusCode>"
        f"<CopySourceErrorCode>{escape(xml_safe(headers[CODE]))}</CopySourceErrorCode>"
        f"<CopySourceErrorMessage>{escape(xml_safe(message))}</CopySourceErrorMessage></Error>"
    )


def _put_or_copy(sent: Handler, copied: Handler) -> Handler:
    """Return a handler that copies from a URL if the copy header is present, and otherwise receives the bytes."""

    @wraps(sent)
    async def handle(call: Call) -> Response:
        return await (copied if COPY in call.headers else sent)(call)

    return handle


ON_CONTAINER: dict[tuple[str, str], tuple[str, Handler]] = {
    ("GET", "list"): ("blob.list", containers.list_blobs),
    ("GET", ""): ("blob.get_container", containers.get_container),
    ("HEAD", ""): ("blob.get_container", containers.get_container),
    ("PUT", ""): ("blob.create_container", containers.create_container),
}
ON_BLOB: dict[tuple[str, str], tuple[str, Handler]] = {
    ("PUT", ""): ("blob.put", _put_or_copy(block_blobs.put, block_blobs.put_blob_from_url)),
    ("PUT", "block"): ("blob.put_block", _put_or_copy(block_blobs.put_block, block_blobs.put_block_from_url)),
    ("PUT", "blocklist"): ("blob.put_block_list", block_blobs.put_block_list),
    ("GET", "blocklist"): ("blob.get_block_list", block_blobs.get_block_list),
    ("PUT", "metadata"): ("blob.set_metadata", block_blobs.set_metadata),
    ("GET", "metadata"): ("blob.get_metadata", block_blobs.head),
    ("HEAD", "metadata"): ("blob.get_metadata", block_blobs.head),
    ("PUT", "lease"): ("blob.lease", block_blobs.lease),
    ("GET", ""): ("blob.get", block_blobs.get),
    ("HEAD", ""): ("blob.head", block_blobs.head),
    ("DELETE", ""): ("blob.delete", block_blobs.delete),
}
SURFACE = Surface(
    "blob",
    find,
    storage_access.authorize,
    error_response,
    dict([*ON_CONTAINER.values(), *ON_BLOB.values()]),
)
