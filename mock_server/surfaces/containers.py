"""Containers of Azure Blob Storage: listing their blobs; every container exists."""

from email.utils import formatdate
from xml.sax.saxutils import escape

from starlette.responses import Response

from mock_server.core.errors import ServiceError, xml_safe
from mock_server.http.routing import Call, empty_response
from mock_server.state.blob_store import Blob

MAX_RESULTS = 5000


async def list_blobs(call: Call) -> Response:
    """List Blobs of a container, by prefix and in pages."""
    container, prefix = call.params["container"], call.query.get("prefix", "")
    requested = call.query.get("maxresults", str(MAX_RESULTS))
    if not (requested.isascii() and requested.isdigit() and int(requested[:9]) > 0):
        raise ServiceError(400, "OutOfRangeQueryParameterValue", "maxresults must be from 1 to 5000.")
    limit = min(MAX_RESULTS, int(requested[:9]))
    found = call.world.blobs.list(container, prefix, call.query.get("marker", ""), limit + 1)
    with_metadata = "metadata" in call.query.get("include", "")
    entries = "".join(_entry(blob, with_metadata=with_metadata) for blob in found[:limit])
    marker = found[limit - 1].name if len(found) > limit else ""
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EnumerationResults ServiceEndpoint="{escape(call.base)}/" ContainerName="{escape(xml_safe(container))}">'
        f"<Prefix>{escape(xml_safe(prefix))}</Prefix><MaxResults>{limit}</MaxResults><Blobs>{entries}</Blobs>"
        f"<NextMarker>{escape(xml_safe(marker))}</NextMarker></EnumerationResults>"
    )
    return Response(body, 200, {}, "application/xml")


async def get_container(call: Call) -> Response:
    """Get Container Properties; every container exists."""
    del call
    headers = {"ETag": '"0x8D0000000000000"', "Last-Modified": formatdate(0, usegmt=True)}
    return empty_response(200, {**headers, "x-ms-lease-status": "unlocked", "x-ms-lease-state": "available"})


async def create_container(call: Call) -> Response:
    """Reject the creation of a container, because every container exists."""
    del call
    raise ServiceError(409, "ContainerAlreadyExists", "The specified container already exists.")


def _entry(blob: Blob, *, with_metadata: bool) -> str:
    metadata = "".join(f"<{name}>{escape(xml_safe(value))}</{name}>" for name, value in blob.metadata.items())
    return (
        f"<Blob><Name>{escape(xml_safe(blob.name))}</Name><Properties>"
        f"<Last-Modified>{formatdate(blob.modified, usegmt=True)}</Last-Modified>"
        f"<Etag>{blob.etag.strip(chr(34))}</Etag><Content-Length>{blob.size}</Content-Length>"
        f"<Content-Type>{escape(xml_safe(blob.headers.get('Content-Type', '')))}</Content-Type>"
        "<BlobType>BlockBlob</BlobType><LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>"
        f"</Properties>{f'<Metadata>{metadata}</Metadata>' if with_metadata else ''}</Blob>"
    )
