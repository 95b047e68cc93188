"""Promise 15: a no is taken for a no, by every operation; a 401 is answered with a fresh token, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import Clock, FakeService

from maas_client import AuthenticationFailed, Dataset, MaasError
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.azure.credentials import Tokens
from maas_client.azure.settings import Settings
from maas_client.azure.signers import Bearer
from maas_client.client import Resources
from maas_client.core.http_messages import Request
from maas_client.http.channel import Channel
from maas_client.http.trusted_hosts import Audience
from maas_client.wire import Wire
from mock_server.server import Server
from tests.promises.credentials import NewTokens

MODEL = "Phi-3-mini-4k-instruct"


@dataclass
class World:
    """A client, with a job that has completed, an endpoint that is up, and a data set."""

    maas: Resources
    file: Path
    folder: Path
    dataset: Dataset
    server: Server
    before: int

    async def other_file(self) -> object:
        self.file.write_text(self.file.read_text("utf-8") * 2, "utf-8")
        return await self.maas.datasets.upload(self.file)

    def requests(self) -> list[dict[str, Any]]:
        """What was asked since all this was made."""
        return self.server.requests()[self.before :]

    def sent(self) -> Counter[tuple[str, str]]:
        """How often each request was sent."""
        return Counter((entry["method"], entry["url"]) for entry in self.requests())


async def every(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


OPERATIONS: dict[str, Callable[[World], Awaitable[object]]] = {
    "workspace.datastore": lambda world: world.maas.workspace.datastore(),
    "datasets.upload": lambda world: world.other_file(),
    "datasets.get": lambda world: world.maas.datasets.get(world.dataset.name, world.dataset.version),
    "datasets.list": lambda world: every(world.maas.datasets.list(world.dataset.name)),
    "datasets.download": lambda world: world.maas.datasets.download(world.dataset, world.folder / "down"),
    "jobs.create": lambda world: world.maas.jobs.create(model=MODEL, training_data=world.dataset),
    "jobs.create by name": lambda world: world.maas.jobs.create(
        model=MODEL, training_data=world.dataset, name="ft-2", allow_retired=True
    ),
    "jobs.get": lambda world: world.maas.jobs.get("ft-1"),
    "jobs.list": lambda world: every(world.maas.jobs.list()),
    "jobs.cancel": lambda world: world.maas.jobs.cancel("ft-new"),
    "jobs.wait": lambda world: world.maas.jobs.wait("ft-1"),
    "jobs.watch": lambda world: every(world.maas.jobs.watch("ft-1")),
    "jobs.details": lambda world: world.maas.jobs.details("ft-1"),
    "jobs.metrics": lambda world: world.maas.jobs.metrics("ft-1"),
    "jobs.logs": lambda world: every(world.maas.jobs.logs("ft-1")),
    "jobs.download": lambda world: world.maas.jobs.download("ft-1", world.folder / "job"),
    "endpoints.create": lambda world: world.maas.endpoints.create(model="Phi-4"),
    "endpoints.create by name": lambda world: world.maas.endpoints.create(model="Phi-4", name="other"),
    "endpoints.get": lambda world: world.maas.endpoints.get("base"),
    "endpoints.list": lambda world: every(world.maas.endpoints.list()),
    "endpoints.keys": lambda world: world.maas.endpoints.keys("base"),
    "endpoints.regenerate_key": lambda world: world.maas.endpoints.regenerate_key("base"),
    "endpoints.wait": lambda world: world.maas.endpoints.wait("base"),
    "endpoints.delete": lambda world: world.maas.endpoints.delete("base"),
    "chat.complete": lambda world: world.maas.chat.complete("base", "Hello"),
    "chat.stream": lambda world: every(world.maas.chat.stream("base", "Hello")),
}


@pytest.fixture
def maas(server_wire: Wire, settings: Settings, clock: Clock) -> Resources:
    """A client whose credential has a new token whenever it is asked."""
    return Resources(server_wire, settings, NewTokens(clock))


async def made(maas: Resources, server: Server, file: Path, folder: Path) -> World:
    """Make what the operations work on."""
    dataset = await maas.datasets.upload(file)
    await maas.jobs.create(model=MODEL, training_data=dataset, name="ft-1")
    await maas.jobs.wait("ft-1")
    await maas.endpoints.create(model="Phi-4", name="base")
    await maas.endpoints.wait("base")
    await maas.chat.complete("base", "Hello")
    await maas.jobs.create(model=MODEL, training_data=dataset, name="ft-new")
    return World(maas, file, folder, dataset, server, len(server.requests()))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_no_operation_repeats_what_was_refused(
    maas: Resources, maas_server: Server, rows: Path, tmp_path: Path, clock: Clock, operation: str
) -> None:
    world = await made(maas, maas_server, rows, tmp_path)
    napped = len(clock.naps)
    for status in (400, 403, 404, 409, 422):
        maas_server.fault(path="/", status=status, count=None, headers={"Retry-After": "1"})
        with suppress(MaasError):  # some take a 404 for an answer
            await OPERATIONS[operation](world)
        assert set(world.sent().values()) == {1}
        maas_server.faults_clear()
        world.before = len(maas_server.requests())
    assert len(clock.naps) == napped


TOKENLESS = {"chat.complete", "chat.stream", "datasets.download"}
"""What a key or a signature opens that is there already."""


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_every_operation_succeeds_despite_an_expired_token(
    maas: Resources, maas_server: Server, rows: Path, tmp_path: Path, operation: str
) -> None:
    world = await made(maas, maas_server, rows, tmp_path)
    maas_server.fault(path="providers|history|metric", expired=True)
    await OPERATIONS[operation](world)
    refused = [entry["url"] for entry in world.requests() if entry["status"] == 401]
    assert len(refused) == int(operation not in TOKENLESS)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_no_operation_retries_twice_if_the_fresh_token_fails_too(
    maas: Resources, maas_server: Server, rows: Path, tmp_path: Path, operation: str
) -> None:
    world = await made(maas, maas_server, rows, tmp_path)
    maas_server.fault(path="/", status=401, count=None)
    with suppress(MaasError):
        await OPERATIONS[operation](world)
    assert 1 <= max(world.sent().values()) <= 2


async def test_many_calls_with_one_expired_token_fetch_one_new_token(
    wire: Wire, service: FakeService, clock: Clock
) -> None:
    service.answer = lambda request: httpx.Response({"Bearer token-1": 401}.get(request.headers["authorization"], 200))
    credential = NewTokens(clock)
    tokens = Tokens(wire, lambda: credential)
    await tokens.get("scope")
    channel = Channel(wire, trust_for(PUBLIC, PUBLIC.resource_manager))
    request = Request("GET", "https://management.azure.com/x")
    send = partial(channel.send, request, audience=Audience.ARM, signer=Bearer(tokens, "scope"))
    replies = await wire.gather((send for _ in range(CALLS)), limit=CALLS)
    assert {reply.status for reply in replies} == {200}
    assert credential.given == 2
    sent = Counter(request.headers["authorization"] for request in service.asked)
    assert sent["Bearer token-1"] <= CALLS
    assert sent["Bearer token-2"] == CALLS


CALLS = 12


async def test_a_fresh_token_that_is_refused_is_an_error(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(path="/", expired=True, count=None)
    with pytest.raises(AuthenticationFailed):
        await maas.workspace.get()
    assert [entry["status"] for entry in maas_server.requests()] == [401, 401]
