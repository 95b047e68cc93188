"""An asynchronous httpcore network backend whose socket obeys the limits of an attempt.

It uses a non-blocking socket instead of an event loop transport, so closing it never suspends: after a cancellation at
any point the connection is closed at once, even if the event loop no longer runs.
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
    """Opens the socket of a connection, and applies the limits of the attempt that uses the connection."""

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
        """Connect to the first of the host's addresses that responds, within the attempt's time.

        Each address gets a share of the remaining time, so that an unresponsive one leaves some for the others.
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
    """One layer of a connection: TCP, or TLS over another layer. It counts the bytes that httpcore reads and writes."""

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
        await stream.handshake(timeout)
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

    async def handshake(self, timeout: float | None) -> None:
        """Establish TLS; raise httpcore.ConnectError or ConnectTimeout."""
        try:
            await self._run_tls(self._tls.do_handshake, timeout)
        except (ssl.SSLError, ssl.CertificateError, httpcore.ReadError, httpcore.WriteError) as error:
            raise httpcore.ConnectError(str(error)) from None
        except (httpcore.ReadTimeout, httpcore.WriteTimeout):
            raise httpcore.ConnectTimeout("the TLS handshake timed out") from None

    async def receive(self, max_bytes: int, timeout: float | None) -> bytes:
        try:
            return await self._run_tls(lambda: self._tls.read(max_bytes), timeout)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from None

    async def transmit(self, buffer: bytes, timeout: float | None) -> None:
        left = memoryview(buffer)
        try:
            while left:
                left = left[await self._run_tls(partial(self._tls.write, left), timeout) :]
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from None

    async def _run_tls(self, operation: Callable[[], T], timeout: float | None) -> T:
        """Run a TLS operation, sending and receiving as it requires."""
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
    """Run the block for at most this many seconds; raise `late` after that, and `broken` for a socket error."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise late("timed out") from None
    except OSError as error:
        raise broken(str(error)) from None


def _is_readable(sock: socket.socket) -> bool:
    """Return whether an idle connection has something to read: end of stream, or unsolicited data."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
