"""Decompression of responses in bounded chunks: a small response may decompress to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ..core.errors import UnexpectedReply
from ..core.http_messages import Request
from .httpx_adapter import request_name
from .httpx_import import httpx

PIECE = 1 << 16
"""Maximum bytes per decompressed chunk."""

_GZIP = 16 + zlib.MAX_WBITS


class GzipDecoder:
    """Decompresses gzip, the only encoding that is requested.

    httpx would decompress whole network reads at once, and several times if the response declares nested encodings:
    64 KiB become 64 MiB, and those 64 GiB. httpx is therefore not shown the encoding, which is decoded here.
    """

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self._request, self._status = request, response.status_code
        encoding = response.headers.pop("content-encoding", "").strip().lower()
        if response.is_stream_consumed:  # by a hook of the caller's http_client, so that httpx has decoded it
            encoding = ""
        self._encoding = encoding if encoding != "identity" else ""
        self._inflate = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the next bytes decompressed; raise UnexpectedReply for an encoding that was not requested.

        Raises httpx.DecodingError for invalid gzip.
        """
        if not self._encoding:
            yield data
            return
        if self._encoding not in {"gzip", "x-gzip"}:
            detail = f"its Content-Encoding is {self._encoding[:40]!r}, but gzip was requested"
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
        """Raise httpx.DecodingError if the compressed data is truncated."""
        if self._begun:
            raise httpx.DecodingError("the compressed response is truncated")
