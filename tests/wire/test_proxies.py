"""Requests through a proxy of the environment: forwarded, or through a tunnel in which TLS is spoken to the server."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
from raw_server import answer_of, raw_server, read_head, tls_contexts

from maas_client.core.http_messages import Request
from maas_client.errors import ConnectionFailed, SettingsError
from maas_client.wire import AsyncWire, BlockingWire, no_tls


def wire_of(kind: str, verify: ssl.SSLContext | None = None) -> AsyncWire | BlockingWire:
    return BlockingWire(verify=verify or no_tls()) if kind == "blocking" else AsyncWire(verify=verify or no_tls())


async def closed(wire: AsyncWire | BlockingWire) -> None:
    ending = wire.close()
    if ending is not None:
        await ending


async def test_plain_http_is_forwarded(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(stream: socket.socket, _: bytes) -> bool:
        stream.sendall(answer_of(b"forwarded"))
        return True

    with raw_server(answer) as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:word@127.0.0.1:{proxy.port}")
        wire = wire_of(kind)
        for _ in range(2):
            assert (await wire.send(Request("GET", "http://service.example/a?b=c"))).body == b"forwarded"
        await closed(wire)
    assert proxy.connections == 1
    assert proxy.heads[0].startswith(b"GET http://service.example/a?b=c HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjp3b3Jk" in proxy.heads[0]


async def test_tls_goes_through_a_tunnel(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusting = tls_contexts(tmp_path, "service.example")
    body = bytes(range(256)) * 4000
    seen: list[bytes] = []

    def answer(stream: socket.socket, _: bytes) -> None:
        stream.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(stream, server_side=True) as inside:
            while head := read_head(inside):
                seen.append(head)
                inside.sendall(answer_of(body))

    with raw_server(answer) as proxy:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
        wire = wire_of(kind, trusting)
        for _ in range(2):
            reply = await wire.send(Request("PUT", "https://service.example/a", {"api-key": "secret"}, body))
            assert reply.body == body
        await closed(wire)
    assert proxy.connections == 1
    assert [head.splitlines()[0] for head in seen] == [b"PUT /a HTTP/1.1"] * 2
    assert proxy.heads[0].startswith(b"CONNECT service.example:443 HTTP/1.1\r\n")
    assert b"secret" not in proxy.heads[0]


async def test_no_proxy_is_honored(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "elsewhere.example, [::1]:80, 10.0.0.0/8, .invalid")
    wire = wire_of(kind)
    with pytest.raises(ConnectionFailed):
        await wire.send(Request("GET", "http://service.invalid/"))

    def answer(stream: socket.socket, _: bytes) -> None:
        stream.sendall(answer_of(b"direct"))

    with raw_server(answer) as server:
        assert (await wire.send(Request("GET", server.url))).body == b"direct"
    await closed(wire)


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://[", "http://user:word@:x", "http://"])
async def test_an_invalid_proxy_is_named(kind: str, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    wire = wire_of(kind)
    with pytest.raises(SettingsError, match="proxy") as caught:
        await wire.send(Request("GET", "http://service.example/"))
    assert "word" not in str(caught.value)
    await closed(wire)


async def test_a_server_with_another_name_is_refused(kind: str, tmp_path: Path) -> None:
    context, trusting = tls_contexts(tmp_path, "other.example")

    def answer(stream: socket.socket, _: bytes) -> None:
        raise AssertionError("a request was sent")

    wire = wire_of(kind, trusting)
    with raw_server(answer, context) as server, pytest.raises(ConnectionFailed, match="certificate"):
        await wire.send(Request("GET", server.url))
    assert server.heads == []
    await closed(wire)
