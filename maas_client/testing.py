"""pytest fixtures: an environment for an app that makes its own client, and both clients, on the mock server's clock.

def test_my_app(maas_env):
    assert my_app.train("train.jsonl") == "Completed"  # it calls MaasClient.from_env()

def test_my_function(maas):
    job = maas.jobs.create(model="Phi-4-mini-instruct", training_data="train.jsonl")
    assert maas.jobs.wait(job.name).status == "Completed"

def test_the_same_on_foundry(maas_foundry):
    job = maas_foundry.jobs.create(model="Ministral-3B", training_data="train.jsonl")
    assert maas_foundry.jobs.wait(job.name).status == "succeeded"
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from .client import AsyncMaasClient, MaasClient
    from .wire import AsyncWire, BlockingWire

ANY = "test"
"""A name of a subscription, resource group and workspace: the server takes any."""

PROJECT = "/api/projects/test"
"""Where the server has a project of Azure AI Foundry: every name is one."""

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
    workspace = {
        "MAAS_ENDPOINT": maas_server.endpoint,
        "AZURE_SUBSCRIPTION_ID": ANY,
        "AZURE_RESOURCE_GROUP": ANY,
        "AZUREML_WORKSPACE_NAME": ANY,
    }
    return _set_up(workspace, maas_server, monkeypatch, tmp_path_factory)


@pytest.fixture
def maas_foundry_env(
    maas_server: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """Point the environment to the mock server's project of Azure AI Foundry; `maas_env` for that surface."""
    project = {"FOUNDRY_ENDPOINT": maas_server.endpoint + PROJECT}
    return _set_up(project, maas_server, monkeypatch, tmp_path_factory)


@pytest.fixture
def maas(maas_server: MockServer) -> Iterator[MaasClient]:
    """Return a client of the mock server; where it would sleep, the server's clock moves instead."""
    from .client import MaasClient  # here: a session that takes no fixture pays nothing

    endpoint, wire = maas_server.endpoint, _wire(maas_server)
    with MaasClient(subscription_id=ANY, resource_group=ANY, workspace=ANY, endpoint=endpoint, wire=wire) as client:
        yield client


@pytest.fixture
def maas_foundry(maas_server: MockServer) -> Iterator[MaasClient]:
    """Return a client of the mock server's project of Azure AI Foundry; `maas` for that surface."""
    from .client import MaasClient

    with MaasClient(foundry_endpoint=maas_server.endpoint + PROJECT, wire=_wire(maas_server)) as client:
        yield client


@pytest.fixture
def async_maas(maas_server: MockServer) -> Iterator[AsyncMaasClient]:
    """Return an asynchronous client of the mock server, for the event loop that the test runs on."""
    from .client import AsyncMaasClient

    endpoint = maas_server.endpoint
    with _async_wire(maas_server) as wire:
        yield AsyncMaasClient(subscription_id=ANY, resource_group=ANY, workspace=ANY, endpoint=endpoint, wire=wire)


@pytest.fixture
def async_maas_foundry(maas_server: MockServer) -> Iterator[AsyncMaasClient]:
    """Return an asynchronous client of the mock server's project of Azure AI Foundry."""
    from .client import AsyncMaasClient

    with _async_wire(maas_server) as wire:
        yield AsyncMaasClient(foundry_endpoint=maas_server.endpoint + PROJECT, wire=wire)


def _set_up(
    surface: Mapping[str, str],
    server: MockServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, str]:
    """Set the variables of a surface, and what both need; return all of them."""
    server.advance_on_poll(POLL_STEP)
    for name in list(os.environ):
        if name.startswith(("AZURE", "FOUNDRY_", "MAAS_")):  # settings of the developer's own, cloud and credential
            monkeypatch.delenv(name)
    variables = {
        **surface,
        "MAAS_MOCK": "1",
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("maas_state")),  # where interrupted uploads are recorded
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@contextmanager
def _async_wire(server: MockServer) -> Generator[AsyncWire]:
    from .wire import AsyncWire, no_tls

    async def sleep(seconds: float) -> None:
        server.advance(seconds)

    courier, now = _wire(server), server.now
    yield AsyncWire(verify=no_tls(), courier=courier, sleep=sleep, now=now, clock=now, keep_alive=False)
    courier.close()


def _wire(server: MockServer) -> BlockingWire:
    from .wire import BlockingWire, no_tls

    return BlockingWire(verify=no_tls(), sleep=server.advance, now=server.now, clock=server.now)
