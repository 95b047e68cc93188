"""A file at a URL that the service is to read: its size and version, which are asked for before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ...azure.signers import for_signed_url
from ...core.errors import InvalidInput
from ...core.http_messages import Request
from ...core.redaction import redact
from ...core.secret_text import SecretText
from ...http.channel import Channel
from ...http.error_responses import unexpected
from ...http.trusted_hosts import Audience, Trust
from ...wire import Wire


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A remote file with its size in bytes when it was checked, and the condition headers that it is unchanged.

    `version` identifies its content: an entity tag or a time.
    """

    url: SecretText
    size: int
    version: str
    condition: Mapping[str, str]

    @property
    def place(self) -> str:
        """The URL without its query, which may be a signature of any cloud."""
        return _place(self.url)

    @property
    def name(self) -> str:
        """The last part of its path; empty if there is none."""
        return PurePosixPath(unquote(urlsplit(self.place).path)).name

    @property
    def digest(self) -> str:
        """The substitute for the content hash, which is not known locally: a hash of the URL and the version."""
        place = urlsplit(self.place)
        identity = f"{place.scheme}://{place.netloc}{place.path}\n{self.version}\n{self.size}"
        return hashlib.sha256(identity.encode()).hexdigest()


async def read_source(wire: Wire, url: SecretText, *, loopback: str) -> RemoteFile:
    """Request the size and version of a remote file (HEAD), without any of this client's credentials.

    `loopback` is the service's origin if it is on this machine; then no other host is contacted.

    Raises InvalidInput if the response has no size or version, UntrustedHost for a URL that is not https, ServiceError
    for an error response.
    """
    trust = Trust({Audience.BLOB: frozenset({_host(_place(url))})}, {}, loopback)
    request, signer = for_signed_url(url, Request("HEAD", "", {"Accept": "*/*", "Accept-Encoding": "identity"}))
    reply = await Channel(wire, trust).send(request, audience=Audience.BLOB, signer=signer)
    length, tag = reply.headers.get("content-length", ""), reply.headers.get("etag", "")
    changed = reply.headers.get("last-modified", "")
    if not length.isdecimal():
        raise unexpected(request, reply, "the source does not report its size")
    if tag and not tag.startswith("W/"):
        return RemoteFile(url, int(length), tag, {"x-ms-source-if-match": tag})
    if changed:
        return RemoteFile(url, int(length), changed, {"x-ms-source-if-unmodified-since": changed})
    raise InvalidInput(
        f"{redact(_place(url))} sends neither a strong ETag nor Last-Modified, so a change during the copy "
        "could not be detected; download it and upload the file"
    )


def _place(url: SecretText) -> str:
    """Return a URL without its query, which may be a signature of any cloud."""
    return url.reveal().partition("?")[0]


def _host(url: str) -> str:
    """Return the only trusted host, in the form that `Trust` compares; empty for an invalid URL."""
    try:
        return urlsplit(url).netloc.lower().removesuffix(":443")
    except ValueError:
        return ""
