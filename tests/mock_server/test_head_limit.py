"""The size limit of a request's head, in every part of it."""

import contextlib
import socket

import pytest

from mock_server.http.head_limit import LIMIT
from mock_server.server import Server

START = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = b"PUT /s/b HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
MOST = 64 * LIMIT


def sent(server: Server, begin: bytes, piece: bytes) -> int:
    """Send without end; returns how many bytes were accepted."""
    port = int(server.endpoint.rpartition(":")[2])
    taken = 0
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection, contextlib.suppress(OSError):
        connection.sendall(begin)
        while taken < MOST:
            connection.sendall(piece)
            taken += len(piece)
    return taken


ENDLESS = {
    "address": (b"GET /", b"a" * 4096),
    "headers": (START, b"X-A: b\r\n" * 512),
    "a header's name": (START, b"a" * 4096),
    "a header's value": (START + b"X-A: ", b"b" * 4096),
    "a chunk's extension": (CHUNKED + b"1;", b"a" * 4096),
    "trailers": (CHUNKED + b"0\r\n", b"X-A: b\r\n" * 512),
}


@pytest.mark.parametrize("part", ENDLESS)
def test_no_part_of_a_head_is_unlimited(maas_server: Server, part: str) -> None:
    assert sent(maas_server, *ENDLESS[part]) < MOST


def answered(server: Server, request: bytes) -> bytes:
    """Send a request and return the beginning of its response."""
    port = int(server.endpoint.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        return connection.recv(4096)


def test_a_large_head_is_rejected_with_431(maas_server: Server) -> None:
    head = START + b"X-A: " + b"b" * (LIMIT + 1) + b"\r\n\r\n"
    assert answered(maas_server, head).startswith(b"HTTP/1.1 431 ")


def test_a_head_below_the_limit_is_read(maas_server: Server) -> None:
    head = START + b"X-A: " + b"b" * (LIMIT - 1000) + b"\r\n\r\n"
    assert not answered(maas_server, head).startswith(b"HTTP/1.1 431 ")


def test_many_small_chunks_do_not_count_as_a_large_head(maas_server: Server) -> None:
    body = b"1\r\na\r\n" * (LIMIT // 4) + b"0\r\n\r\n"
    assert not answered(maas_server, CHUNKED + body).startswith(b"HTTP/1.1 431 ")
