"""pytest fixtures: an environment for an app that makes its own client, and both clients, on the mock server's clock.

def test_my_app(maas_env):
    assert my_app.train("train.jsonl") == "Completed"  # it calls MaasClient.from_env()

def test_my_function(maas):
    job = maas.jobs.create(model="Phi-4-mini-instruct", training_data="train.jsonl")
    assert maas.jobs.wait(job.name).status == "Completed"
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from .client import AsyncMaasClient, MaasClient
    from .wire import BlockingWire

ANY = "test"
"""A name of a subscription, resource group and workspace: the server takes any."""

POLL_STEP = 5.0
"""Seconds by which the clock moves with each poll of an app that waits in a loop of its own."""


class MockServer(Protocol):
    """What these fixtures need of the server of `maas_server`."""

    @property
    def endpoint(self) -> str:
        """Its URL."""
        ...

    def advance(self, seconds: float) -> None:
        """Advance its clock."""
        ...

    def advance_on_poll(self, seconds: float) -> None:
        """Advance its clock from now on by this many seconds whenever it is polled."""
        ...

    def now(self) -> float:
        """Return its time, in seconds since 1970."""
        ...


@pytest.fixture
def maas_env(
    maas_server: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """Point the environment to the mock server, for an app that makes its own client; return the variables.

    They hold for the test, in this process and in those that it starts: for `MaasClient.from_env()`, its asynchronous
    counterpart and the command `maas`. Where their waits would sleep, the server's clock moves instead; it moves by
    five seconds with each poll, too, for an app with a loop of its own. A credential that the app passes is not used.
    """
    maas_server.advance_on_poll(POLL_STEP)
    for name in list(os.environ):
        if name.startswith(("AZURE", "MAAS_")):  # settings of the developer's own workspace, cloud and credential
            monkeypatch.delenv(name)
    variables = {
        "MAAS_ENDPOINT": maas_server.endpoint,
        "MAAS_MOCK": "1",
        "AZURE_SUBSCRIPTION_ID": ANY,
        "AZURE_RESOURCE_GROUP": ANY,
        "AZUREML_WORKSPACE_NAME": ANY,
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("maas_state")),  # where interrupted uploads are recorded
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


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
