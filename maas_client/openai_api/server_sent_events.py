"""Server-sent events decoded without I/O: bytes in, the data of complete events out."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_EVENT = 1 << 20
"""The largest line, and the largest data of an event, in bytes; more is an error instead of unbounded memory."""

MAX_SILENCE = 2 * MAX_EVENT
"""Maximum bytes without an event: keep-alives are a few bytes each, while gzip may decompress to gigabytes."""

_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class EventTooLarge(ValueError):
    """A line or the data of an event exceeded MAX_EVENT, or the bytes without an event exceeded MAX_SILENCE."""


class Decoder:
    """Decodes a stream of arbitrarily split bytes into the data of its events.

    Lines end in LF, CR LF or CR; comments, `event`, `id` and `retry` fields are ignored, and so are events without data
    and an incomplete last event (https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6).
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._silence = 0
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Take the next bytes; yield the data of each event that they complete, or raise EventTooLarge.

        Exhaust the iterator before passing the next bytes.
        """
        for line in self._lines(chunk):
            self._silence += len(line) + 1
            _bound(self._silence, MAX_SILENCE)
            if not line:
                if self._data:
                    self._silence = 0
                    yield b"\n".join(self._data).decode("utf-8", "replace")
                self._data, self._size = [], 0
                continue
            name, _, value = line.partition(b":")
            if name == b"data":
                value = value.removeprefix(b" ")
                self._data.append(value)
                self._size += len(value) + 1
                _bound(self._size - 1)

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        """Yield each line that the bytes complete, in linear time however they are split."""
        if not chunk:
            return
        start = 1 if self._after_cr and chunk.startswith(b"\n") else 0
        for end in _END.finditer(chunk, start):
            self._rest += chunk[start : end.start()]
            start = end.end()
            line = self._without_bom(bytes(self._rest))
            self._rest.clear()
            _bound(len(line))
            yield line
        self._after_cr = start == len(chunk) and chunk.endswith(b"\r")
        self._rest += chunk[start:]
        _bound(len(self._rest) - (len(_BOM) if self._first else 0))

    def _without_bom(self, line: bytes) -> bytes:
        first, self._first = self._first, False
        return line.removeprefix(_BOM) if first else line


def _bound(size: int, limit: int = MAX_EVENT) -> None:
    if size > limit:
        raise EventTooLarge(f"an event, or the data before it, is larger than {limit} bytes")
