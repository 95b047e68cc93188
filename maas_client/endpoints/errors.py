"""Endpoints that cannot become ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.errors import MaasError
from ..core.redaction import redact

if TYPE_CHECKING:
    from .endpoint import Endpoint


class EndpointFailed(MaasError):
    """An endpoint in a state from which it cannot become ready.

    `log_tail` is the end of its container's log, where the endpoint is an online endpoint whose deployment failed.
    """

    def __init__(self, endpoint: Endpoint, why: str, *, log_tail: Sequence[str] = ()) -> None:
        self.endpoint, self.log_tail = endpoint, tuple(redact(line) for line in log_tail)
        super().__init__(
            f"{endpoint.noun} {endpoint.name!r} cannot become ready "
            f"({endpoint.provisioning_state}, {endpoint.state}): {why}"
        )
