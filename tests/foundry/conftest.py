"""What the tests of Foundry start from: a connection to the mock server's account, on either wire."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client.azure.credentials import Tokens, default_credential
from maas_client.azure.settings import Settings
from maas_client.datasets.resource import AsyncDatasets
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.files_backend import FoundryFiles
from maas_client.foundry.jobs_backend import FoundryJobs
from maas_client.foundry.settings import FoundrySettings, resolve_foundry
from maas_client.http.channel import Channel
from maas_client.jobs.resource import AsyncJobs
from maas_client.wire import Wire
from mock_server.server import Server


@pytest.fixture
def account(maas_server: Server) -> FoundrySettings:
    """A project of the mock server's account."""
    return resolve_foundry(foundry_endpoint=f"{maas_server.endpoint}/api/projects/demo", environ={})


@pytest.fixture
def connection(server_wire: Wire, account: FoundrySettings, settings: Settings) -> FoundryConnection:
    """A connection to the project."""
    tokens = Tokens(server_wire, lambda: default_credential(settings))
    return FoundryConnection(Channel(server_wire, account.trust), account, tokens)


@pytest.fixture
def files(connection: FoundryConnection) -> AsyncDatasets:
    """The datasets of the project."""
    return AsyncDatasets(FoundryFiles(connection))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A training file of twelve rows."""
    file = tmp_path / "train.jsonl"
    turns = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(12))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture
def backend(connection: FoundryConnection, files: AsyncDatasets) -> FoundryJobs:
    """The account's jobs, as everything else is built on them."""
    return FoundryJobs(connection, lambda: files)


@pytest.fixture
def jobs(backend: FoundryJobs) -> AsyncJobs:
    """The account's jobs, as programs use them."""
    return AsyncJobs(backend)
