"""A client that asks a replay first: what was recorded costs no request and no time, the rest goes to the service."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from support import Clock, collect

from maas_client.azure.settings import Settings
from maas_client.client import MaasClient, Resources
from maas_client.errors import ConnectionFailed, ServiceUnavailable, SettingsError
from maas_client.wire import Wire
from maas_client.wire_choice import over_replay
from mock_server import serve_replay
from mock_server.replay_server import ReplayServer
from mock_server.server import Server
from tests.mock_server.cassettes import WORKSPACE, Json, line, written

PREVIEW = "?api-version=2024-10-01-preview"


def job(status: str) -> dict[str, object]:
    """Return a job's document."""
    properties = {"jobType": "FineTuning", "status": status, "services": {"Studio": {"endpoint": "http://localhost/x"}}}
    return {"id": f"{WORKSPACE}/jobs/job-1", "name": "job-1", "properties": properties}


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[ReplayServer]:
    """Return a replay of a job that ends after hours."""
    polls = (line("GET", f"/jobs/job-1{PREVIEW}", 200, job(word), at=3600.0) for word in ("Running", "Completed"))
    clusters: Json = {"value": [{"name": "compute-9", "properties": {}}]}
    listed = line("GET", f"/computes{PREVIEW}", 200, clusters)
    with serve_replay(written(tmp_path / "job.jsonl", *polls, listed)) as server:
        yield server


@pytest.fixture
def maas(server_wire: Wire, settings: Settings, replay: ReplayServer) -> Resources:
    """Return resources that ask the replay first, and then the mock server."""
    return over_replay(Resources(server_wire, settings, None), {"MAAS_REPLAY": replay.endpoint})


async def test_what_was_recorded_costs_no_request_and_no_time(
    maas: Resources, maas_server: Server, clock: Clock
) -> None:
    found = await maas.jobs.wait("mine")
    assert (found.name, found.status) == ("mine", "Completed")
    assert found.studio_url == f"{maas_server.endpoint}/x"
    assert (maas_server.requests(), clock.naps) == ([], [])


async def test_what_was_not_recorded_goes_to_the_service(maas: Resources, maas_server: Server) -> None:
    assert [each async for each in maas.jobs.list()] == []
    assert [entry["operation"] for entry in maas_server.requests()] == ["jobs.list"]


async def test_a_name_of_the_cassette_alone_is_never_asked_for(maas: Resources, maas_server: Server) -> None:
    [cluster] = await collect(maas.computes.list())
    with pytest.raises(ServiceUnavailable, match="The service does not know compute-9, a name of the cassette alone"):
        await maas.computes.get(cluster.name)
    assert maas_server.requests() == []


async def test_a_replay_that_is_not_there_is_named(server_wire: Wire, settings: Settings) -> None:
    maas = over_replay(Resources(server_wire, settings, None), {"MAAS_REPLAY": "http://127.0.0.1:9"})
    with pytest.raises(ConnectionFailed, match="MAAS_REPLAY needs a running replay: unset it, or start one"):
        await maas.jobs.get("mine")


def test_a_replay_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAAS_REPLAY", "https://replay.example")
    with pytest.raises(SettingsError, match="is no replay on this machine"):
        MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint="http://127.0.0.1:9")


async def test_no_credential_reaches_the_replay(
    maas: Resources, replay: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = list[str]()
    put = HTTPConnection.putheader

    def keeping(self: HTTPConnection, header: str, *values: str) -> None:
        sent.append(header.lower())
        put(self, header, *values)

    monkeypatch.setattr(HTTPConnection, "putheader", keeping)
    assert (await maas.jobs.get("mine")).status == "Running"
    assert replay.progress()["answered"] == [0]
    assert "x-mock-url" in sent
    assert "authorization" not in sent
