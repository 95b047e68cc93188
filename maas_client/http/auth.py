"""Authorization of requests: the `Signer` protocol, and the signer that adds nothing."""

from __future__ import annotations

from typing import Protocol

from ..core.http_messages import Reply, Request


class Signer(Protocol):
    """Adds the authorization to a request."""

    @property
    def any_port(self) -> bool:
        """Whether the secret may be sent to any port of this machine because it was issued for the URL itself."""
        ...

    async def sign(self, request: Request) -> Request:
        """Return the request with its authorization."""
        ...

    async def renew(self, request: Request, reply: Reply) -> bool:
        """After a 401: get a new secret and return whether to try again."""
        ...


class Unsigned:
    """No authorization: for public URLs, or those with a signature in the URL."""

    @property
    def any_port(self) -> bool:
        """A signature in the URL was issued for that URL."""
        return True

    async def sign(self, request: Request) -> Request:
        """Return the request as it is."""
        return request

    async def renew(self, request: Request, reply: Reply) -> bool:  # noqa: ARG002 -- the protocol's arguments
        """There is nothing to renew."""
        return False
