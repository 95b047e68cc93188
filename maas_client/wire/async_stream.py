"""A socket under the limits of an attempt, on an event loop: what httpcore connects, sends and receives with.

It is a plain non-blocking socket and no transport of the event loop, so that closing it never suspends: whatever is
cancelled, and whenever, the connection ends at once, and no event loop has to be alive for it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from .attempt import Attempt
from .httpx_import import httpcore

T = TypeVar("T")

_READ_SIZE = 1 << 16


class AsyncSocket(httpcore.AsyncNetworkBackend):
    """Opens the one socket of a connection, and holds it to the limits of the attempt that uses the connection."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self._socket: socket.socket | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 -- the signature is httpcore's
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 -- the signature is httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers, within the attempt's time.

        Each address has its share of the time that is left, so that one that never answers leaves some to the others.
        """
        loop = asyncio.get_running_loop()
        late = httpcore.ConnectTimeout
        async with _limited(self.attempt.left(timeout, late), late, httpcore.ConnectError):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for index, (family, kind, protocol, _, address) in enumerate(found):
            share = self.attempt.left(timeout, late) / (len(found) - index)
            self.abort()
            self._socket = sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                async with _limited(share, late, httpcore.ConnectError):
                    await loop.sock_connect(sock, address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TcpLayer(self, sock)
        raise failure

    def abort(self) -> None:
        """Close the socket at once."""
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()


class _Layer(httpcore.AsyncNetworkStream, ABC):
    """One layer of a connection: TCP, or TLS over another layer. What httpcore reads and writes is counted."""

    def __init__(self, owner: AsyncSocket) -> None:
        self.owner = owner

    @abstractmethod
    async def receive(self, max_bytes: int, timeout: float | None) -> bytes:
        """Receive bytes through this layer."""

    @abstractmethod
    async def transmit(self, buffer: bytes, timeout: float | None) -> None:
        """Send bytes through this layer."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.owner.attempt.awaits_answer()
        data = await self.receive(max_bytes, timeout)
        self.owner.attempt.received(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self.transmit(buffer, timeout)
        self.owner.attempt.sent(len(buffer))

    async def aclose(self) -> None:
        self.owner.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        stream = _TlsLayer(self, ssl_context, server_hostname)
        await stream.shake_hands(timeout)
        return stream


class _TcpLayer(_Layer):
    def __init__(self, owner: AsyncSocket, sock: socket.socket) -> None:
        super().__init__(owner)
        self._socket = sock

    async def receive(self, max_bytes: int, timeout: float | None) -> bytes:
        late = httpcore.ReadTimeout
        async with _limited(self.owner.attempt.left(timeout, late), late, httpcore.ReadError):
            return await asyncio.get_running_loop().sock_recv(self._socket, max_bytes)

    async def transmit(self, buffer: bytes, timeout: float | None) -> None:
        if buffer:
            late = httpcore.WriteTimeout
            async with _limited(self.owner.attempt.left(timeout, late), late, httpcore.WriteError):
                await asyncio.get_running_loop().sock_sendall(self._socket, buffer)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _is_readable(self._socket)
        return self._socket if info == "socket" else None


class _TlsLayer(_Layer):
    def __init__(self, below: _Layer, context: ssl.SSLContext, server_hostname: str | None) -> None:
        super().__init__(below.owner)
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)

    async def shake_hands(self, timeout: float | None) -> None:
        """Establish TLS; raise httpcore.ConnectError or ConnectTimeout."""
        try:
            await self._carry_out(self._tls.do_handshake, timeout)
        except (ssl.SSLError, ssl.CertificateError, httpcore.ReadError, httpcore.WriteError) as error:
            raise httpcore.ConnectError(str(error)) from None
        except (httpcore.ReadTimeout, httpcore.WriteTimeout):
            raise httpcore.ConnectTimeout("the TLS handshake was not complete in time") from None

    async def receive(self, max_bytes: int, timeout: float | None) -> bytes:
        try:
            return await self._carry_out(lambda: self._tls.read(max_bytes), timeout)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from None

    async def transmit(self, buffer: bytes, timeout: float | None) -> None:
        left = memoryview(buffer)
        try:
            while left:
                left = left[await self._carry_out(partial(self._tls.write, left), timeout) :]
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from None

    async def _carry_out(self, operation: Callable[[], T], timeout: float | None) -> T:
        """Run an operation of TLS, sending and receiving what it needs."""
        while True:
            try:
                result = operation()
            except ssl.SSLWantReadError:
                await self._flush(timeout)
                if data := await self._below.receive(_READ_SIZE, timeout):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                await self._flush(timeout)
                return result

    async def _flush(self, timeout: float | None) -> None:
        await self._below.transmit(self._outgoing.read(), timeout)

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)


@asynccontextmanager
async def _limited(seconds: float, late: type[Exception], broken: type[Exception]) -> AsyncGenerator[None]:
    """Run the block for so many seconds at the most; raise `late` after them, `broken` for a socket's error."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise late("timed out") from None
    except OSError as error:
        raise broken(str(error)) from None


def _is_readable(sock: socket.socket) -> bool:
    """Say whether an idle connection has something to read: its end, or what nobody asked for."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
