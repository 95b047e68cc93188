"""Headers of blobs: conditions and metadata in requests, properties in responses."""

import re
from email.utils import formatdate

from mock_server.core.errors import ServiceError
from mock_server.http.routing import Call
from mock_server.state.blob_store import Blob

METADATA_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


def check_conditions(call: Call, blob: Blob | None) -> None:
    """Reject a request whose If-Match or If-None-Match condition does not hold."""
    etag = blob.etag if blob else None
    wanted, unwanted = call.headers.get("if-match"), call.headers.get("if-none-match")
    if wanted is not None and (etag is None or (wanted != "*" and etag not in etags(wanted))):
        raise ServiceError(
            412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met."
        )
    if unwanted is None or etag is None or (unwanted != "*" and etag not in etags(unwanted)):
        return
    if call.request.method in ("GET", "HEAD"):
        raise ServiceError(304, "ConditionNotMet", "", {"ETag": etag})
    if unwanted == "*":
        raise ServiceError(409, "BlobAlreadyExists", "The specified blob already exists.")
    raise ServiceError(412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")


def etags(header: str) -> set[str]:
    """Return the ETags in a condition."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def metadata(call: Call) -> dict[str, str]:
    """Return the metadata in a request's headers."""
    start = "x-ms-meta-"
    found = {name[len(start) :]: value for name, value in call.headers.items() if name.startswith(start)}
    if not all(METADATA_NAME.match(name) for name in found):
        raise ServiceError(
            400, "InvalidMetadata", "The metadata specified is invalid: names are letters, digits and '_'."
        )
    return found


def version_headers(blob: Blob) -> dict[str, str]:
    """Return the ETag and Last-Modified headers of a blob."""
    return {"ETag": blob.etag, "Last-Modified": formatdate(blob.modified, usegmt=True)}


def property_headers(blob: Blob) -> dict[str, str]:
    """Return the headers of Get Blob and Get Blob Properties."""
    return {
        **version_headers(blob),
        **blob.headers,
        **{f"x-ms-meta-{name}": value for name, value in blob.metadata.items()},
        "Accept-Ranges": "bytes",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-creation-time": formatdate(blob.modified, usegmt=True),
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        "x-ms-server-encrypted": "true",
    }
