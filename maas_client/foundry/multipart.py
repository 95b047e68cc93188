"""Forms with a file from disk: the body of a request, read again for each attempt and never held in memory."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..core.errors import FileChanged, InvalidInput
from ..transfers.file_slice import FileSlice

READ_SIZE = 512 << 10
"""Bytes per read of the file, and in memory at once."""

CONTENT_TYPE = "application/octet-stream"
"""The file's content type: the service rejects a file without one (github.com/Azure/azure-sdk-for-net/issues/44710)."""


def _nothing(_: int) -> None:
    """Report nothing."""


def _boundary() -> str:
    return f"maas-{uuid.uuid4().hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormBody:
    """A form (RFC 7578): text fields, then one file or part of one, in the order and with the headers of openai 3.57.

    `name` is the form's name for the file, `filename` the name that the service stores. `on_read` is called with the
    bytes of the file that have been sent so far in this attempt. With `sha256`, a file that has other content by now
    raises FileChanged before its last bytes are sent, so that the service never has all of it.
    """

    content: FileSlice
    name: str
    filename: str
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    sha256: str = ""
    on_read: Callable[[int], object] = _nothing
    boundary: str = field(default_factory=_boundary)

    def __post_init__(self) -> None:
        """Raise InvalidInput for a file name that cannot be encoded."""
        try:
            self.filename.encode()
        except UnicodeEncodeError:
            raise InvalidInput(f"the file name {self.filename!r} cannot be encoded as UTF-8; rename the file") from None

    @property
    def content_type(self) -> str:
        """The content type of the request."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        """The size of the whole body in bytes."""
        return len(self._head()) + self.content.size + len(self._tail())

    def __iter__(self) -> Iterator[bytes]:
        """Read the body from its start."""
        yield self._head()
        digest = hashlib.sha256()
        sent = 0
        for chunk in FileSlice(self.content.path, self.content.offset, self.content.size, READ_SIZE):
            if self.sha256:
                digest.update(chunk)
                if sent + len(chunk) == self.content.size and digest.hexdigest() != self.sha256:
                    raise FileChanged(
                        f"{self.content.path} changed before it was sent. Nothing was committed; upload it again once "
                        "nothing writes to it."
                    )
            yield chunk
            sent += len(chunk)
            self.on_read(sent)
        yield self._tail()

    def _head(self) -> bytes:
        """Everything before the file's content."""
        fields = "".join(
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        )
        return (
            f"{fields}--{self.boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(self.name)}"; filename="{_quoted(self.filename)}"\r\n'
            f"Content-Type: {CONTENT_TYPE}\r\n\r\n"
        ).encode()

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """Escape a name as browsers and httpx do (html.spec.whatwg.org, multipart form data): other letters stay UTF-8."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
