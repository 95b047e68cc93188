"""pytest fixtures: both clients, wired to the mock server and waiting on its virtual clock.

def test_my_app(maas):
    job = maas.jobs.create(model="Phi-4-mini-instruct", training_data="train.jsonl")
    assert maas.jobs.wait(job.name).status == "Completed"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from .client import AsyncMaasClient, MaasClient
    from .wire import BlockingWire

ANY = "test"
"""A name of a subscription, resource group and workspace: the server takes any."""


class MockServer(Protocol):
    """What these fixtures need of the server of `maas_server`."""

    @property
    def endpoint(self) -> str:
        """Its URL."""
        ...

    def advance(self, seconds: float) -> None:
        """Advance its clock."""
        ...

    def now(self) -> float:
        """Return its time, in seconds since 1970."""
        ...


@pytest.fixture
def maas(maas_server: MockServer) -> Iterator[MaasClient]:
    """Return a client of the mock server; where it would sleep, the server's clock moves instead."""
    from .client import MaasClient  # here: a session that takes no fixture pays nothing

    endpoint, wire = maas_server.endpoint, _wire(maas_server)
    with MaasClient(subscription_id=ANY, resource_group=ANY, workspace=ANY, endpoint=endpoint, wire=wire) as client:
        yield client


@pytest.fixture
def async_maas(maas_server: MockServer) -> Iterator[AsyncMaasClient]:
    """Return an asynchronous client of the mock server, for the event loop that the test runs on."""
    from .client import AsyncMaasClient
    from .wire import AsyncWire, no_tls

    async def sleep(seconds: float) -> None:
        maas_server.advance(seconds)

    endpoint, courier, now = maas_server.endpoint, _wire(maas_server), maas_server.now
    wire = AsyncWire(verify=no_tls(), courier=courier, sleep=sleep, now=now, clock=now, keep_alive=False)
    yield AsyncMaasClient(subscription_id=ANY, resource_group=ANY, workspace=ANY, endpoint=endpoint, wire=wire)
    courier.close()


def _wire(server: MockServer) -> BlockingWire:
    from .wire import BlockingWire, no_tls

    return BlockingWire(verify=no_tls(), sleep=server.advance, now=server.now, clock=server.now)
