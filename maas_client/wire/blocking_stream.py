"""A blocking httpcore network backend whose socket obeys the limits of an attempt."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from socket import socket
from typing import Any

from .attempt import Attempt
from .httpx_import import httpcore


class BlockingSocket(httpcore.NetworkBackend):
    """Opens the socket of a connection, and applies the limits of the attempt that uses the connection."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self._backend = httpcore.SyncBackend()
        self._stream: httpcore.NetworkStream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, within the attempt's time."""
        wait = self.attempt.left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, wait, local_address, socket_options)
        return self.hold(stream, sock=stream.get_extra_info("socket"))

    def hold(self, stream: httpcore.NetworkStream, *, sock: socket | None) -> httpcore.NetworkStream:
        """Return a stream that obeys the limits, and remember it for closing.

        `sock` is the socket that its bytes are sent through unchanged; None for TLS in TLS, which has no such socket.
        """
        self._stream = stream
        return _Stream(self, stream, sock)

    def abort(self) -> None:
        """Close the socket at once."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class _Stream(httpcore.NetworkStream):
    def __init__(self, owner: BlockingSocket, stream: httpcore.NetworkStream, sock: socket | None) -> None:
        self._owner, self._stream, self._socket = owner, stream, sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        attempt = self._owner.attempt
        attempt.awaits_answer()
        data = self._stream.read(max_bytes, attempt.left(timeout, httpcore.ReadTimeout))
        attempt.received(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt = self._owner.attempt
        if self._socket is None:
            self._stream.write(buffer, attempt.left(timeout, httpcore.WriteTimeout))
            attempt.sent(len(buffer))
            return
        left = memoryview(buffer)
        while left:
            self._socket.settimeout(attempt.left(timeout, httpcore.WriteTimeout))
            try:
                count = self._socket.send(left)
            except TimeoutError:
                raise httpcore.WriteTimeout("timed out") from None
            except OSError as error:
                raise httpcore.WriteError(str(error)) from None
            attempt.sent(count)
            left = left[count:]

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = self._owner.attempt.left(timeout, httpcore.ConnectTimeout)
        is_first = self._stream.get_extra_info("ssl_object") is None
        stream = self._stream.start_tls(ssl_context, server_hostname, wait)
        return self._owner.hold(stream, sock=stream.get_extra_info("socket") if is_first else None)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
