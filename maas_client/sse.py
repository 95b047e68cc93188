"""Server-sent events, decoded without I/O: bytes in, the data of whole events out."""

from __future__ import annotations

from collections.abc import Iterator

MAX_EVENT = 1 << 20
"""The largest event, in bytes; a longer one is an error rather than memory without end."""


class EventTooLarge(ValueError):
    """An event grew beyond MAX_EVENT."""


class Decoder:
    """Turn a stream of bytes, cut anywhere, into the data of its events.

    Lines end in LF, CR LF or CR; comments, `event`, `id` and `retry` fields are passed over
    (https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6).
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Take the next bytes; yield the data of each event that they complete."""
        for line in self._lines(chunk):
            if not line:
                if self._data:
                    yield b"\n".join(self._data).decode("utf-8", "replace")
                self._data, self._size = [], 0
                continue
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
                self._bound(len(value) + 1)

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        if not chunk:
            return
        if self._after_cr:
            chunk = chunk.removeprefix(b"\n")
        buffer = self._rest + chunk
        start = 0
        for end, width in _line_ends(buffer, len(self._rest)):
            line = buffer[start:end]
            start = end + width
            yield self._without_bom(line)
        self._after_cr = start == len(buffer) and buffer.endswith(b"\r")
        self._rest = buffer[start:]
        if len(self._rest) > MAX_EVENT:
            raise EventTooLarge(f"an event is larger than {MAX_EVENT} bytes")

    def _without_bom(self, line: bytes) -> bytes:
        first, self._first = self._first, False
        return line.removeprefix(b"\xef\xbb\xbf") if first else line

    def _bound(self, size: int) -> None:
        self._size += size
        if self._size > MAX_EVENT:
            raise EventTooLarge(f"an event is larger than {MAX_EVENT} bytes")


def _line_ends(buffer: bytes, searched: int) -> Iterator[tuple[int, int]]:
    """Yield where each line ends and how wide its end is; the first `searched` bytes hold none."""
    position = searched
    while True:
        lf, cr = buffer.find(b"\n", position), buffer.find(b"\r", position)
        if lf < 0 and cr < 0:
            return
        if cr < 0 or 0 <= lf < cr:
            end, width = lf, 1
        else:
            end, width = cr, 2 if buffer[cr + 1 : cr + 2] == b"\n" else 1
        yield end, width
        position = end + width
