"""Endpoints that will not come up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import MaasError

if TYPE_CHECKING:
    from .endpoint import Endpoint


class EndpointFailed(MaasError):
    """A serverless endpoint that ended in a state from which it will not come up."""

    def __init__(self, endpoint: Endpoint, why: str) -> None:
        self.endpoint = endpoint
        super().__init__(
            f"serverless endpoint {endpoint.name!r} will not come up "
            f"({endpoint.provisioning_state}, {endpoint.state}): {why}"
        )
