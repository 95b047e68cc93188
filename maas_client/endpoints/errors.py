"""Endpoints that cannot become ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import MaasError

if TYPE_CHECKING:
    from .endpoint import Endpoint


class EndpointFailed(MaasError):
    """An endpoint in a state from which it cannot become ready."""

    def __init__(self, endpoint: Endpoint, why: str) -> None:
        self.endpoint = endpoint
        super().__init__(
            f"{endpoint.noun} {endpoint.name!r} cannot become ready "
            f"({endpoint.provisioning_state}, {endpoint.state}): {why}"
        )
