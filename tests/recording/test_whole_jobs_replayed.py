"""A whole job that was recorded gives the same results in another process, without the server and without a network."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import whole_jobs
from support import TLS, Clock

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.foundry.settings import resolve_foundry
from maas_client.recording.recorder import RecordingWire
from maas_client.recording.recording import Recording
from maas_client.wire import AsyncWire, BlockingWire, Wire
from mock_server.server import Server, serve
from tests.recording import replayed_job

AZURE = {
    r"http://localhost/(account-[0-9]+\.blob\.core\.windows\.net)": r"https://\1",
    r"http://localhost/maas/(endpoint-[0-9]+)": r"https://\1.eastus2.models.ai.azure.com",
    r"http://localhost/mir/(endpoint-[0-9]+)": r"https://\1.eastus2.inference.ml.azure.com",
    r"http://localhost(/(?:history|metric|logs|mferp|registrymanagement|discovery)\b|\")": r"https://eastus2.api.azureml.ms\1",
    r"http://localhost(/openai/|/api/projects/)": r"https://account-77.services.ai.azure.com\1",
    r"http://localhost": "https://management.azure.com",
}
"""What a URL of a local server is at Azure."""

ROOT = Path(__file__).parents[2]
WORK = {"azure_ml": whole_jobs.azure_ml, "own_compute": whole_jobs.own_compute, "foundry": whole_jobs.foundry}
NAMES = ("my-job", "my-rows", "my-endpoint", "my-cluster", "my-pipeline", "my-online", "my-deployment", "my-group")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Return a training file."""
    file = tmp_path / "my-rows.jsonl"
    turns = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(24))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture
def server() -> Iterator[Server]:
    """Return the server to record, which is gone when the replay begins."""
    with serve(clock="virtual", quota={"gpu": 1000}) as running:
        yield running


@pytest.fixture
def blocking_wire(server: Server, clock: Clock) -> Iterator[BlockingWire]:
    """Return a blocking wire to it on its clock."""
    clock.time = server.now()
    clock.listeners.append(server.advance)
    wire = BlockingWire(verify=TLS, sleep=clock.sleep, now=clock.now, clock=clock.now)
    yield wire
    wire.close()


@pytest.fixture
def server_wire(kind: str, blocking_wire: BlockingWire, clock: Clock) -> Wire:
    """Return a wire to it of either kind."""
    if kind == "blocking":
        return blocking_wire
    return AsyncWire(verify=TLS, courier=blocking_wire, sleep=clock.asleep, now=clock.now, clock=clock.now)


def replayed(cassette: Path, surface: str, kind: str, rows: Path, folder: Path) -> Any:
    """Do the job again in another process, against the cassette."""
    command = [
        sys.executable,
        "-W",
        "error",
        replayed_job.__file__,
        str(cassette),
        surface,
        kind,
        str(rows),
        str(folder),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def record(surface: str, server: Server, wire: Wire, cassette: Path, rows: Path, folder: Path) -> Any:
    """Record a whole job, and return its results."""
    place = f"{server.endpoint}/api/projects/mine"
    azure_ml = Settings("my-subscription", "my-group", "my-workspace", endpoint=server.endpoint)
    settings = resolve_foundry(foundry_endpoint=place, environ={}) if surface == "foundry" else azure_ml
    return await WORK[surface](Resources(RecordingWire(wire, Recording(cassette)), settings, None), rows, folder)


def at_azure(cassette: str) -> str:
    """Return a recording of a local server as one of Azure, where each service has a host of its own."""
    for local, azure in AZURE.items():
        cassette = re.sub(local, azure, cassette)
    return cassette


@pytest.mark.parametrize("surface", WORK)
async def test_a_replay_has_the_results_of_the_recording(
    surface: str, server: Server, server_wire: Wire, kind: str, rows: Path, tmp_path: Path
) -> None:
    cassette = tmp_path / "job.jsonl"
    recorded = await record(surface, server, server_wire, cassette, rows, tmp_path / "first")
    server.close()
    found = replayed(cassette, surface, kind, rows, tmp_path / "second")
    assert found == {"found": json.loads(json.dumps(recorded, default=str)), "unmatched": []}
    assert recorded["metrics"]["loss"]
    written = cassette.read_text("utf-8")
    assert [name for name in (*NAMES, "question 7", "answer 7") if name in written] == []


@pytest.mark.parametrize("surface", WORK)
def test_a_recording_of_azures_hosts_replays_as_well(
    surface: str, server: Server, blocking_wire: BlockingWire, rows: Path, tmp_path: Path
) -> None:
    cassette = tmp_path / "job.jsonl"
    recorded = run(record(surface, server, blocking_wire, cassette, rows, tmp_path / "first"))
    server.close()
    cassette.write_text(at_azure(cassette.read_text("utf-8")), "utf-8")
    assert "localhost" not in cassette.read_text("utf-8")
    found = replayed(cassette, surface, "async", rows, tmp_path / "second")
    assert found == {"found": json.loads(json.dumps(recorded, default=str)), "unmatched": []}
