"""What authorizes a request: the protocol, and the case of nothing at all."""

from __future__ import annotations

from typing import Protocol

from ..core.http_messages import Reply, Request


class Signer(Protocol):
    """Adds to a request what authorizes it."""

    @property
    def any_port(self) -> bool:
        """Whether the secret belongs to the address that it is sent to, whichever port of this machine that is."""
        ...

    async def sign(self, request: Request) -> Request:
        """Return the request with its authorization."""
        ...

    async def renew(self, request: Request, reply: Reply) -> bool:
        """After a 401: get a new secret and say whether it is worth another try."""
        ...


class Unsigned:
    """For what is public, or carries its signature in the URL."""

    @property
    def any_port(self) -> bool:
        """What is in the URL belongs to it."""
        return True

    async def sign(self, request: Request) -> Request:
        """Return the request as it is."""
        return request

    async def renew(self, request: Request, reply: Reply) -> bool:  # noqa: ARG002 -- the protocol's arguments
        """There is nothing to renew."""
        return False
