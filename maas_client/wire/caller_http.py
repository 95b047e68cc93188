"""What a caller may bring along: an httpx client, a transport, and limits on connections; checked before first use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ..core.arguments import COUNT, OFFSET, SECONDS
from ..core.errors import SettingsError
from .httpx_import import httpx

HttpxClient: TypeAlias = httpx.Client
HttpxAsyncClient: TypeAlias = httpx.AsyncClient
HttpxTransport: TypeAlias = httpx.BaseTransport
HttpxAsyncTransport: TypeAlias = httpx.AsyncBaseTransport
HttpxLimits: TypeAlias = httpx.Limits

T = TypeVar("T")

MOST_IDLE, KEEP_ALIVE_SECONDS = 10, 5.0
"""Limits on idle connections: how many are kept, and for how long."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Limits of a wire's own connections: requests at once (None for the wire's default), and idle connections."""

    most: int | None = None
    most_idle: int = MOST_IDLE
    keep_alive: float = KEEP_ALIVE_SECONDS

    @classmethod
    def of(cls, limits: HttpxLimits | None) -> PoolLimits:
        """Read httpx's limits, in which None means this library's default; raise InvalidInput for invalid ones."""
        if limits is None:
            return cls()
        _check_kind("limits", limits, httpx.Limits)
        COUNT.check("max_connections", limits.max_connections)
        OFFSET.check("max_keepalive_connections", limits.max_keepalive_connections)
        SECONDS.check("keepalive_expiry", limits.keepalive_expiry)
        idle, expiry = limits.max_keepalive_connections, limits.keepalive_expiry
        return cls(
            limits.max_connections,
            MOST_IDLE if idle is None else idle,
            KEEP_ALIVE_SECONDS if expiry is None else expiry,
        )


DEFAULT_LIMITS = PoolLimits()


def check_blocking(
    http_client: HttpxClient | None, transport: HttpxTransport | None, limits: HttpxLimits | None
) -> None:
    """Raise SettingsError for what a plain client cannot use."""
    _check_kind("http_client", http_client, httpx.Client)
    _check_kind("transport", transport, httpx.BaseTransport)
    _check_combination(http_client, transport, limits)


def check_asynchronous(
    http_client: HttpxAsyncClient | None, transport: HttpxAsyncTransport | None, limits: HttpxLimits | None
) -> None:
    """Raise SettingsError for what an asynchronous client cannot use."""
    _check_kind("http_client", http_client, httpx.AsyncClient)
    _check_kind("transport", transport, httpx.AsyncBaseTransport)
    _check_combination(http_client, transport, limits)


def _check_kind(name: str, value: object, kind: type[object]) -> None:
    if value is not None and not isinstance(value, kind):
        which = "AsyncMaasClient" if "Async" in kind.__name__ else "MaasClient"
        whom = f"; {which} takes an httpx.{kind.__name__}" if name != "limits" else f"; pass an httpx.{kind.__name__}"
        raise SettingsError(f"{name}: {type(value).__module__}.{type(value).__name__} cannot be used{whom}")


def _check_combination(http_client: object, transport: object, limits: object) -> None:
    given = {"http_client": http_client, "transport": transport, "limits": limits}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise SettingsError(
            f"{' and '.join(named)} cannot be combined: a client has its own transport, and a transport its own limits"
        )
