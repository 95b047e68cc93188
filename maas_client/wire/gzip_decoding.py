"""The content of an answer out of its encoding, in pieces of bounded size: a small answer may unfold to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ..core.errors import UnexpectedReply
from ..core.http_messages import Request
from .httpx_adapter import request_name
from .httpx_import import httpx

PIECE = 1 << 16
"""Bytes that come out at a time, at the most."""

_GZIP = 16 + zlib.MAX_WBITS


class GzipDecoder:
    """Undoes gzip, the one encoding that is asked for.

    httpx would do so whole network reads at a time, and several times over where an answer says so: 64 KiB become
    64 MiB, and those 64 GiB. It leaves an answer alone that does not tell its encoding, which is taken off here.
    """

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self._request, self._status = request, response.status_code
        encoding = response.headers.pop("content-encoding", "").strip().lower()
        self._encoding = encoding if encoding != "identity" else ""
        self._inflate = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes, and yield what they stand for; raise UnexpectedReply for an encoding nobody asked for.

        Raises httpx.DecodingError for what is no gzip.
        """
        if not self._encoding:
            yield data
            return
        if self._encoding not in {"gzip", "x-gzip"}:
            detail = f"its Content-Encoding is {self._encoding[:40]!r}, and gzip was asked for"
            raise UnexpectedReply(request_name(self._request), status=self._status, detail=detail)
        piece = b""
        while data or len(piece) == PIECE:
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(str(error)) from None
            self._begun, data = True, self._inflate.unconsumed_tail
            if self._inflate.eof:  # another member may follow (RFC 1952, section 2.2)
                data = self._inflate.unused_data
                self._inflate, self._begun = zlib.decompressobj(_GZIP), False
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise httpx.DecodingError when the answer ended in the middle of what it stands for."""
        if self._begun:
            raise httpx.DecodingError("the compressed answer is cut short")
