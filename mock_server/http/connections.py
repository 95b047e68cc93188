"""The open connections by peer address, so that a fault rule can close one."""

import asyncio
from typing import Any, cast

from starlette.types import Scope


class Connections:
    """The transports of a server; ASGI has no way to close a connection."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}
        self._peers: dict[asyncio.BaseProtocol, tuple[str, int]] = {}

    def opened(self, protocol: asyncio.BaseProtocol, transport: asyncio.BaseTransport) -> None:
        """Register a connection."""
        self._peers[protocol] = _peer(transport)
        # A cast: a connection's transport is writable; uvloop's is so without being a subclass.
        self._open[self._peers[protocol]] = cast(asyncio.Transport, transport)

    def closed(self, protocol: asyncio.BaseProtocol) -> None:
        """Unregister a connection."""
        self._open.pop(self._peers.pop(protocol, ("", 0)), None)

    async def close(self, scope: Scope, last: bytes | None) -> None:
        """Close a request's connection: abort it, or send some last bytes and close it in order."""
        client: Any = scope.get("client")  # Any: an ASGI scope holds anything
        transport = self._open.get((client[0], client[1]))
        if transport is None:
            return
        if last is None:
            transport.abort()
            return
        if last:
            transport.write(last)
        transport.close()
        await asyncio.sleep(0)

    def hang_up(self, *, on_all: bool = False) -> None:
        """Abort connections that are already closed at this end, or all of them.

        An idle client never answers TLS's close notification: a stop would wait for it and leave the socket open.
        """
        for transport in list(self._open.values()):
            if on_all or (transport.is_closing() and not transport.get_write_buffer_size()):
                transport.abort()


def _peer(transport: asyncio.BaseTransport) -> tuple[str, int]:
    name: Any = transport.get_extra_info("peername")  # Any: typed so in asyncio
    return (str(name[0]), int(name[1])) if name else ("", 0)
