"""The recording of a whole job has the shapes of another one, and of the mock server that is asked the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import whole_jobs
from support import TLS, Clock

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.drift.cassette import read_recording
from maas_client.drift.exchange import ComparedExchange
from maas_client.drift.feeding import Feeder
from maas_client.drift.report import drift_between
from maas_client.foundry.settings import resolve_foundry
from maas_client.recording.recorder import RecordingWire
from maas_client.recording.recording import Recording
from maas_client.wire import BlockingWire
from mock_server.server import Server, serve

WORK = {"azure_ml": whole_jobs.azure_ml, "own_compute": whole_jobs.own_compute, "foundry": whole_jobs.foundry}

ONLY_A_MATTER_OF_TIME = {
    ("operations.result", "202", "204"): "a poll met the operation before its end",
    ("foundry.chat", "404", "200"): "a deployment answered a little later, after its creation",
}
"""What may come out otherwise when the same is asked again."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a clock that moves when a caller sleeps."""
    with serve(clock="virtual", quota={"gpu": 1000}) as running:
        yield running


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A training file."""
    file = tmp_path / "rows.jsonl"
    turns = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(24))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def recorded(server: Server, surface: str, rows: Path, folder: Path) -> tuple[ComparedExchange, ...]:
    """Do a whole job on the server, and read what was recorded of it."""
    clock = Clock(time=server.now(), listeners=[server.advance])
    place = f"{server.endpoint}/api/projects/mine"
    azure_ml = Settings("my-subscription", "my-group", "my-workspace", endpoint=server.endpoint)
    settings = resolve_foundry(foundry_endpoint=place, environ={}) if surface == "foundry" else azure_ml
    folder.mkdir()
    with closing(BlockingWire(verify=TLS, sleep=clock.sleep, now=clock.now, clock=clock.now)) as plain:
        wire = RecordingWire(plain, Recording(folder / "job.jsonl"))
        run(WORK[surface](Resources(wire, settings, None), rows, folder / "down"))
    return read_recording(folder / "job.jsonl")


def fed(server: Server, exchanges: Sequence[ComparedExchange]) -> tuple[ComparedExchange, ...]:
    """Ask the server what a recording asked."""
    with closing(BlockingWire(verify=TLS)) as wire:
        return run(Feeder(wire, server.endpoint, server.advance).feed(exchanges))


@pytest.mark.parametrize("surface", WORK)
def test_the_mock_answers_a_recording_as_it_was(server: Server, surface: str, rows: Path, tmp_path: Path) -> None:
    first = recorded(server, surface, rows, tmp_path / "first")
    server.reset()
    server.set_quota({"gpu": 1000})
    drift = drift_between(first, fed(server, first), names=("recording", "mock"), same_requests=True)
    assert [one.sentence for one in (*drift.contradictions, *drift.additions)] == []
    assert {(one.operation, one.left, one.right) for one in drift.not_comparable} <= ONLY_A_MATTER_OF_TIME.keys()
    assert [one.difference.sentence for side in (drift.left, drift.right) for one in side.deviations] == []


@pytest.mark.parametrize("surface", WORK)
def test_two_recordings_of_a_job_have_one_shape(server: Server, surface: str, rows: Path, tmp_path: Path) -> None:
    first = recorded(server, surface, rows, tmp_path / "first")
    server.reset()
    server.set_quota({"gpu": 1000})
    second = recorded(server, surface, rows, tmp_path / "second")
    drift = drift_between(first, second, names=("first", "second"))
    assert [one.sentence for one in drift.findings] == []
