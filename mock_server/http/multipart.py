"""multipart/form-data as a stream: the parts of a body of any size, in bounded memory."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect

from mock_server.http.routing import Call

MAX_HEADERS = 16 * 1024
MAX_PARTS = 100
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*(name|filename)="((?:\\.|[^"\\])*)"', re.IGNORECASE)


class MultipartError(ValueError):
    """A body that is not multipart/form-data, or not all of it."""


@dataclass(frozen=True, slots=True)
class PartHead:
    """The beginning of a part: its name in the form, its file name and content type if it has them."""

    name: str
    filename: str | None
    content_type: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """A piece of the content of the part that began last."""

    data: bytes


Event = PartHead | PartData


class MultipartReader:
    """Splits a body into parts as its pieces arrive; keeps no more of it than a delimiter could cover."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first delimiter looks like the others
        self._read = self._preamble
        self._parts = 0
        self.complete = False

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Yield what a piece of the body completes; raises MultipartError."""
        self._buffer += piece
        while not self.complete:
            event = self._read()
            if event is None:
                return
            if not isinstance(event, PartData) or event.data:
                yield event

    def _preamble(self) -> Event | None:
        found = self._buffer.find(self._delimiter)
        if found < 0:
            del self._buffer[: max(0, len(self._buffer) - len(self._delimiter))]
            return None
        del self._buffer[: found + len(self._delimiter)]
        self._read = self._head
        return self._head()

    def _head(self) -> Event | None:
        if self._buffer.startswith(b"--"):
            self.complete = True
            return None
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEADERS:
                raise MultipartError("the headers of a part are too long")
            return None
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise MultipartError(f"it has more than {MAX_PARTS} parts")
        head = _parse_head(bytes(self._buffer[:end]))
        del self._buffer[: end + 2]  # the second line end may belong to the delimiter of an empty part
        self._skip = 2
        self._read = self._content
        return head

    def _content(self) -> Event | None:
        found = self._buffer.find(self._delimiter)
        if found >= 0:
            data = bytes(self._buffer[self._skip : found]) if found > self._skip else b""
            del self._buffer[: found + len(self._delimiter)]
            self._read = self._head
            return PartData(data)
        keep = len(self._delimiter) + 2
        size = len(self._buffer) - keep
        if size <= self._skip:
            return None
        data = bytes(self._buffer[self._skip : size])
        del self._buffer[:size]
        self._skip = 0
        return PartData(data)


async def read_parts(call: Call) -> AsyncIterator[Event]:
    """Yield the parts of a request's body; raises MultipartError for one that is not multipart or ends early."""
    content_type = call.headers.get("content-type", "")
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        raise MultipartError("the content type must be multipart/form-data with a boundary")
    reader = MultipartReader((found[1] or found[2]).encode("latin-1", "replace"))
    try:
        async for piece in call.request.stream():
            for event in reader.feed(piece):
                yield event
    except ClientDisconnect as error:
        raise MultipartError("the connection was closed in the middle of the body") from error
    if not reader.complete:
        raise MultipartError("the body ends before its last boundary")


def _parse_head(head: bytes) -> PartHead:
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    parameters = _parameters(headers.get("content-disposition", ""))
    if "name" not in parameters:
        raise MultipartError("a part has no name in its Content-Disposition")
    return PartHead(parameters["name"], parameters.get("filename"), headers.get("content-type") or None)


def _parameters(disposition: str) -> Mapping[str, str]:
    found = _PARAMETER.finditer(disposition)
    return {match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) for match in found}
