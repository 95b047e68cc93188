"""Delivers webhooks in the background: to loopback only, a few at a time, and without delaying a request.

A server that other machines can reach delivers only to the origins that blobs may be copied from: otherwise whoever
registers an endpoint could send requests to any service of this machine.
"""

import asyncio
from typing import TYPE_CHECKING

from mock_server.core.copy_origins import is_allowed_origin
from mock_server.core.json_values import split_url
from mock_server.resources import foundry_webhooks
from mock_server.resources.foundry_webhooks import Delivery
from mock_server.state.world import World
from mock_server.storage.loopback_source import LoopbackAddress, loopback_address

if TYPE_CHECKING:
    import httpx

AT_ONCE = 8
SECONDS_PER_ATTEMPT = 5.0
POLL_SECONDS = 0.3  # a clock can be moved without a request


class WebhookDeliveries:
    """One task that runs while webhook endpoints are registered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look for jobs that have ended; called after each request that may show one."""
        if self._task is not None and not self._task.done():
            self._wake.set()
        elif foundry_webhooks.has_endpoints(self._world):
            self._wake = asyncio.Event()  # of this event loop
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._world.closing and foundry_webhooks.has_endpoints(self._world):
            self._wake.clear()
            foundry_webhooks.announce_ended_jobs(self._world)
            due = list(foundry_webhooks.due(self._world))[:AT_ONCE]
            await asyncio.gather(*(self._deliver(delivery) for delivery in due))
            if len(due) < AT_ONCE:
                await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _deliver(self, delivery: Delivery) -> None:
        address = self._address(delivery.url)
        arrived = address is None or await self._is_accepted(delivery, address)
        foundry_webhooks.record_attempt(self._world, delivery, arrived=arrived)

    def _address(self, url: str) -> LoopbackAddress | None:
        """Return the address to deliver to; None where nothing may be sent."""
        parts = split_url(url)
        try:
            is_allowed = self._world.options.admin_token is None or is_allowed_origin(
                parts, self._world.settings["copy_sources"]
            )
            return loopback_address(parts) if is_allowed else None
        except ValueError:  # a port that is not a number
            return None

    async def _is_accepted(self, delivery: Delivery, address: LoopbackAddress) -> bool:
        """Send a delivery; returns whether the receiver answered it with a success."""
        import httpx  # importing it takes longer than most servers need to start

        try:
            headers = {**delivery.headers(self._world.wall()), "Host": address.host}
            async with (
                asyncio.timeout(SECONDS_PER_ATTEMPT),
                _client() as client,
                client.stream("POST", address.url, content=delivery.body, headers=headers) as response,
            ):
                return response.is_success
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError):  # the last for an imported secret
            return False


def _client() -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient(
        verify=False,  # noqa: S501 - receivers under test use self-signed certificates, and no one can intercept loopback
        trust_env=False,  # a proxy could lead off this machine
        follow_redirects=False,
        timeout=SECONDS_PER_ATTEMPT,
    )
