"""The properties of a blob before its download: size, version, and checksums."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ...core.errors import UnexpectedReply
from .datastore_uri import DatastorePath
from .result import Proof

LARGEST = 50_000 * (4000 << 20)
"""Bytes (learn.microsoft.com/rest/api/storageservices/understanding-block-blobs--append-blobs--and-page-blobs)."""

_HASHED = re.compile(r"LocalUpload/([0-9a-f]{64})/[^/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobProperties:
    """The properties of a blob, as the service reports them.

    `size` is in bytes, `etag` changes with the blob, `md5` is its Content-MD5 in base64 and `sha256` the content hash
    in its path, both empty if there is none; `modified` is in whole seconds since 1970. A blob that only marks a folder
    states that in its metadata.
    """

    size: int
    etag: str
    md5: str = ""
    sha256: str = ""
    modified: int | None = None
    is_folder: bool = False

    @property
    def proof(self) -> Proof:
        """The strongest check that is available for the content."""
        return "sha256" if self.sha256 else "md5" if self.md5 else "size"


def properties_of(place: DatastorePath, headers: Mapping[str, str]) -> BlobProperties:
    """Read a blob's headers; raise UnexpectedReply if they do not allow a safe download."""
    size = headers.get("content-length", "")
    if not (size.isascii() and size.isdigit() and len(size) < 20 and int(size) <= LARGEST):
        raise _not_downloadable(place, f"its size is {size[:40]!r}")
    etag = headers.get("etag", "")
    if not etag.startswith('"'):
        raise _not_downloadable(place, "it has no ETag, so changes during the download cannot be detected")
    encoding = headers.get("content-encoding", "").lower()
    if encoding not in {"", "identity"}:
        raise _not_downloadable(
            place, f"it is stored with Content-Encoding {encoding[:40]!r}, which cannot be downloaded in ranges"
        )
    hashed = _HASHED.fullmatch(place.path)
    return BlobProperties(
        size=int(size),
        etag=etag,
        md5=headers.get("content-md5", ""),
        sha256=hashed[1] if hashed else "",
        modified=_seconds(headers.get("last-modified", "")),
        is_folder=headers.get("x-ms-meta-hdi_isfolder", "").lower() == "true",
    )


def _not_downloadable(place: DatastorePath, why: str) -> UnexpectedReply:
    return UnexpectedReply(f"HEAD {place}", status=200, detail=f"the blob cannot be downloaded: {why}")


def _seconds(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
