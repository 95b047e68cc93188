"""The headers of a copy from a URL, and the checks that need no access to the source.

The headers and codes are those of Put Block From URL and Put Blob From URL, service version 2023-11-03
(learn.microsoft.com/rest/api/storageservices). According to azure-sdk-for-net and azure-sdk-for-js, the service reports
an error of the source as CannotVerifyCopySource, with the source's own status, code and message.
"""

import base64
import binascii
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from mock_server.core.errors import ServiceError
from mock_server.core.ranges import RANGE
from mock_server.storage.blob_headers import etags

MAX_URL_LENGTH = 2048
MD5_BYTES = 16
STATUS, CODE = "x-ms-copy-source-status-code", "x-ms-copy-source-error-code"


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """A requested copy: the source's address, the range, the credential for it, and the conditions on it."""

    url: str
    range: str | None  # in Range header format
    md5: str | None  # in base64
    authorization: str | None
    if_match: str | None
    if_none_match: str | None
    if_modified_since: float | None
    if_unmodified_since: float | None


def parse_headers(headers: Mapping[str, str]) -> CopyRequest:
    """Parse the headers; rejects invalid ones, whatever the source contains."""
    url = headers.get("x-ms-copy-source", "")
    if not url.lower().startswith(("http://", "https://")) or len(url) > MAX_URL_LENGTH:
        raise _invalid("x-ms-copy-source", f"it must be an http or https URL of at most {MAX_URL_LENGTH} characters")
    if headers.get("content-length") is None:
        raise ServiceError(411, "MissingContentLengthHeader", "Content-Length HTTP header is missing.")
    if headers["content-length"] != "0":
        raise _invalid("Content-Length", "it must be 0, because a copy from a URL has no body")
    if "x-ms-source-content-crc64" in headers:
        message = (
            "This server does not compute CRC64: send x-ms-source-content-md5 instead of x-ms-source-content-crc64."
        )
        raise ServiceError(400, "UnsupportedHeader", message)
    authorization = headers.get("x-ms-copy-source-authorization")
    if authorization is not None and authorization.partition(" ")[0].lower() != "bearer":
        raise _invalid("x-ms-copy-source-authorization", "its scheme must be Bearer")
    return CopyRequest(
        url=url,
        range=_range(headers.get("x-ms-source-range")),
        md5=_md5(headers.get("x-ms-source-content-md5")),
        authorization=authorization,
        if_match=headers.get("x-ms-source-if-match"),
        if_none_match=headers.get("x-ms-source-if-none-match"),
        if_modified_since=_moment(headers, "x-ms-source-if-modified-since"),
        if_unmodified_since=_moment(headers, "x-ms-source-if-unmodified-since"),
    )


def check_conditions(request: CopyRequest, etag: str | None, modified: float | None) -> None:
    """Reject a source, given by ETag and modification time in seconds since 1970, that does not meet its conditions."""
    since, until = request.if_modified_since, request.if_unmodified_since
    holds = (
        (request.if_match is None or _matches(request.if_match, etag))
        and (request.if_none_match is None or not _matches(request.if_none_match, etag))
        and (since is None or modified is None or int(modified) > since)  # HTTP dates are whole seconds
        and (until is None or (modified is not None and int(modified) <= until))
    )
    if not holds:
        message = "The source condition specified using HTTP conditional header(s) is not met."
        raise ServiceError(412, "SourceConditionNotMet", message)


def cannot_verify_source(status: int, code: str, message: str) -> ServiceError:
    """Return the error for a source that could not be read: its status, and its code in a header."""
    return ServiceError(status, "CannotVerifyCopySource", message, {STATUS: str(status), CODE: code})


def source_changed() -> ServiceError:
    """Return the error for a source that changed while it was read."""
    return ServiceError(412, "SourceConditionNotMet", "The source changed while it was being read. Restart the copy.")


def _matches(header: str, etag: str | None) -> bool:
    return etag is not None and (header == "*" or etag.removeprefix("W/") in etags(header))


def _range(header: str | None) -> str | None:
    match = RANGE.match(header or "")
    if header is not None and (match is None or (match[2] and int(match[2]) < int(match[1]))):
        raise _invalid("x-ms-source-range", "it must be bytes=FIRST-LAST or bytes=FIRST-")
    return header


def _md5(header: str | None) -> str | None:
    try:
        size = MD5_BYTES if header is None else len(base64.b64decode(header, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if size != MD5_BYTES:
        message = "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded."
        raise ServiceError(400, "InvalidMd5", message)
    return header


def _moment(headers: Mapping[str, str], name: str) -> float | None:
    if name not in headers:
        return None
    try:
        return parsedate_to_datetime(headers[name]).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise _invalid(name, "it must be a date such as Wed, 01 Jan 2025 00:00:00 GMT") from error


def _invalid(name: str, hint: str) -> ServiceError:
    message = f"The value for one of the HTTP headers is not in the correct format: {name}; {hint}."
    return ServiceError(400, "InvalidHeaderValue", message)


@dataclass(frozen=True, slots=True)
class CopySource:
    """What is copied: the bytes of one version, and the properties that accompany a whole blob."""

    size: int  # of the requested range
    etag: str | None
    modified: float | None  # seconds since 1970
    properties: Mapping[str, str]
    pieces: AsyncGenerator[bytes]
