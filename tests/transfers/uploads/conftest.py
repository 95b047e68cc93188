"""Fixtures of the uploads' tests: a file of twenty and a half blocks, and another client of the same workspace."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support import Clock, make_wire

from maas_client import Dataset
from maas_client.azure.arm import Arm
from maas_client.azure.credentials import Tokens, default_credential
from maas_client.azure.settings import Settings
from maas_client.azure.workspace import AsyncWorkspace
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.http.channel import Channel
from maas_client.transfers.uploads import blocks as plan
from maas_client.transfers.uploads.journal import own_journal
from maas_client.transfers.uploads.uploader import Uploader
from maas_client.wire import AsyncWire, BlockingWire, Wire
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.mock_server.server_forker import server_forker
from tests.transfers.uploads.remote import Remote
from tests.transfers.uploads.victims import Victims, victims

BLOCK = 1000
SIZE = 20 * BLOCK + BLOCK // 2
BLOCKS = 21

Upload = Callable[..., Dataset]
"""Uploads a file to the mock server, or to the `endpoint` that it is given; the rest is for `datasets.upload`."""


@pytest.fixture
def mother(tmp_path: Path) -> Iterator[Victims]:
    """The process that forks those who upload, and may be killed."""
    with victims(tmp_path) as mother:
        yield mother


@pytest.fixture
def far_server(tmp_path: Path) -> Iterator[Remote]:
    """A server in a process of its own."""
    with server_forker(tmp_path) as servers:
        _, endpoint = servers.start()
        yield Remote(endpoint)


@pytest.fixture
def settings(maas_server: Server) -> Settings:
    """The workspace that the driver works in, too."""
    return Settings("sub", "rg", "ws", endpoint=maas_server.endpoint)


@pytest.fixture
def azure(maas_server: Server) -> Iterator[Azure]:
    """Somebody else in the same workspace."""
    azure = Azure(maas_server)
    yield azure
    azure.close()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of twenty and a half blocks, each of 1,000 bytes."""
    monkeypatch.setattr(plan, "BLOCK", BLOCK)
    path = tmp_path / "train.jsonl"
    path.write_bytes(random.Random(5).randbytes(SIZE))
    return path


@pytest.fixture
def uploader(server_wire: Wire, settings: Settings, state_home: Path) -> Uploader:
    """The uploader alone, without data assets around it."""
    tokens = Tokens(server_wire, lambda: default_credential(settings))
    arm = Arm(Channel(server_wire, settings.trust), settings, tokens)
    return Uploader(arm, AsyncWorkspace(arm), own_journal())


@pytest.fixture
def upload(kind: str, maas_server: Server, settings: Settings, clock: Clock) -> Upload:
    """Upload a file with a client that lives for this call alone; nothing of it is under way when the call is over."""
    clock.time = maas_server.now()
    clock.listeners.append(maas_server.advance)

    def uploading(file: Path, *, endpoint: str = maas_server.endpoint, check: bool = False, **options: Any) -> Dataset:
        wire = make_wire(kind, clock)
        maas = Resources(wire, replace(settings, endpoint=endpoint), None)
        return _driven(wire, partial(maas.datasets.upload, file, check=check, **options))

    return uploading


def _driven(wire: Wire, upload: Callable[[], Coroutine[Any, Any, Dataset]]) -> Dataset:
    """Run an upload on either wire, and close the wire."""
    if isinstance(wire, BlockingWire):
        try:
            return run(upload())
        finally:
            wire.close()

    assert isinstance(wire, AsyncWire)

    async def uploading() -> Dataset:
        try:
            return await upload()
        finally:
            await wire.close()

    try:
        return asyncio.run(uploading())
    finally:
        vars(wire)["_threads"].shutdown()  # a block that nobody waits for any more ends as soon as it can
