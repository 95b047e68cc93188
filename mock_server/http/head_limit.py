"""A size limit for everything in a request but the body: request line, headers, chunk extensions and trailers.

uvicorn on httptools has none and keeps each header until the head ends: an endless head would exhaust memory. (On h11
uvicorn has its own limit, of the same size.)
"""

import asyncio
from typing import Any

LIMIT = 64 * 1024
_MESSAGE = b"The head of the request is larger than 65536 bytes: send fewer or shorter headers."
RESPONSE_431 = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_MESSAGE), _MESSAGE)
)


class HeadTooLargeError(Exception):
    """Stop the parser; the code that called it sends the error response."""


class HeadCount:
    """Byte counts of a connection's current request, excluding the body."""

    def __init__(self) -> None:
        self.parsed = 0  # in complete parts of the head
        self.unparsed = 0  # fed to the parser since its last callback
        self.exceeded = False

    def add(self, size: int) -> None:
        """Count a part of the head; raises `HeadTooLargeError` above the limit."""
        self.parsed += size
        if self.parsed > LIMIT:
            self.exceeded = True
            raise HeadTooLargeError


def with_head_limit(base: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    """Return uvicorn's httptools protocol class with the limit; returns other classes unchanged.

    Args:
        base: the class that uvicorn chose.

    Returns:
        A class that answers 431 (RFC 6585, section 5) and closes the connection once a head exceeds `LIMIT` bytes.
    """
    parent: Any = base  # Any: uvicorn has no common type for its two protocol classes
    if not hasattr(base, "on_headers_complete"):
        return base

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        parent.__init__(self, *args, **kwargs)
        self.head_count = HeadCount()

    def data_received(self: Any, data: bytes) -> None:
        count: HeadCount = self.head_count
        if count.exceeded:
            return
        count.unparsed += len(data)
        parent.data_received(self, data)
        if count.unparsed > LIMIT and not count.exceeded:
            count.exceeded = True
            _send_431(self)

    def on_message_begin(self: Any) -> None:
        self.head_count.parsed = 0
        parent.on_message_begin(self)

    def on_url(self: Any, url: bytes) -> None:
        self.head_count.add(len(url))
        parent.on_url(self, url)

    def on_header(self: Any, name: bytes, value: bytes) -> None:
        self.head_count.add(len(name) + len(value) + len(b": \r\n"))
        parent.on_header(self, name, value)

    def on_headers_complete(self: Any) -> None:
        self.head_count.unparsed = 0
        parent.on_headers_complete(self)

    def on_body(self: Any, body: bytes) -> None:
        self.head_count.unparsed = 0
        parent.on_body(self, body)

    def on_message_complete(self: Any) -> None:
        self.head_count.unparsed = 0
        parent.on_message_complete(self)

    def send_400_response(self: Any, message: str) -> None:
        if self.head_count.exceeded:  # the parser reports an exception in a callback as an invalid request
            _send_431(self)
        else:
            parent.send_400_response(self, message)

    methods = (data_received, on_message_begin, on_url, on_header, on_headers_complete, on_body, on_message_complete)
    named = {method.__name__: method for method in (*methods, send_400_response)}
    return type("Limited", (base,), {"__init__": init, **named})


def _send_431(protocol: Any) -> None:
    """Send 431 if no response has begun, and close the connection."""
    cycle = protocol.cycle
    if cycle is None or cycle.response_complete:
        protocol.transport.write(RESPONSE_431)
    protocol.transport.close()
