"""A server in another process, for those who look at it from here."""

from __future__ import annotations

import hashlib
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx

from mock_server.server import Server

CHUNK = 1 << 20


class Remote(Server):
    """A server of another process, as far as a test needs one."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def requests(self) -> list[dict[str, Any]]:  # Any: the server's journal is JSON
        """Give the journal."""
        found: list[dict[str, Any]] = httpx.get(f"{self.endpoint}/_mock/requests", timeout=60).json()["requests"]
        return found

    def forget_requests(self) -> None:
        """Empty the journal."""
        httpx.delete(f"{self.endpoint}/_mock/requests").raise_for_status()


def digest(url: str, salt: bytes = b"") -> str:
    """Download a blob, in constant memory, for the sha256 of a salt and its content."""
    parts = urlsplit(url)
    content, buffer = hashlib.sha256(salt), memoryview(bytearray(CHUNK))
    connection = HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        reply = connection.getresponse()
        assert reply.status == 200
        while size := reply.readinto(buffer):
            content.update(buffer[:size])
        return content.hexdigest()
    finally:
        connection.close()
