"""The open connections, by the address of their other end, so that one can be closed on order."""

import asyncio
from typing import Any

from starlette.types import Scope


class Connections:
    """The transports of a server; ASGI itself has no way to hang up."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def opened(self, transport: asyncio.BaseTransport) -> None:
        """Remember a connection."""
        if isinstance(transport, asyncio.Transport):
            self._open[_peer(transport)] = transport

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        if isinstance(transport, asyncio.Transport):
            self._open.pop(_peer(transport), None)

    async def close(self, scope: Scope, last: bytes | None) -> None:
        """Close the connection a request came on: abruptly, or in order behind some last bytes."""
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


def _peer(transport: asyncio.Transport) -> tuple[str, int]:
    name: Any = transport.get_extra_info("peername")  # Any: so typed in asyncio
    return (str(name[0]), int(name[1])) if name else ("", 0)
