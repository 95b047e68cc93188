"""What goes over a recording client is written, exchange by exchange, and passed on unchanged."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from support import Clock, FakeService, make_wire

from maas_client import AsyncMaasClient, AsyncWire, BlockingWire, MaasClient
from maas_client.client import Resources
from maas_client.core.http_messages import Request
from maas_client.errors import InvalidInput, NotFound, TransportError
from maas_client.recording.cassette import read_cassette
from maas_client.recording.recorder import RecordingWire
from maas_client.recording.recording import Recording
from maas_client.recording.seen import Seen
from maas_client.recording.shared_table import SharedTable
from maas_client.wire import Wire
from maas_client.wire_choice import over_recording
from mock_server.server import Server
from tests.promises.tape import MODEL, write_rows

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded.jsonl"


@pytest.fixture
def recorded(maas: Resources, file: Path) -> Resources:
    return over_recording(maas, Recording(file))


def operations(file: Path) -> list[str | None]:
    return [exchange.operation for exchange in read_cassette(file)]


async def test_a_job_is_recorded_from_its_data_to_its_end(recorded: Resources, file: Path, tmp_path: Path) -> None:
    write_rows(tmp_path)
    job = await recorded.jobs.create(model=MODEL, training_data=tmp_path / "train.jsonl", name="secret-job")
    job = await recorded.jobs.wait(job.name)
    found = operations(file)
    assert {"blob.put", "data.create", "jobs.create", "jobs.get"} <= set(found)
    assert [exchange.n for exchange in read_cassette(file)] == list(range(len(found)))
    text = file.read_text("utf-8")
    assert "secret-job" not in text
    assert '"name":"job-1"' in text


async def test_what_is_streamed_is_recorded_when_it_was_read(recorded: Resources, file: Path) -> None:
    endpoint = await recorded.endpoints.wait(await recorded.endpoints.create(model="Phi-4", name="base"))
    pieces = [piece.text async for piece in recorded.chat.stream(endpoint.name, "A secret question?")]
    assert len(pieces) > 1
    last = read_cassette(file)[-1]
    assert last.body is not None
    assert last.body["done"] is True
    assert "secret question" not in file.read_text("utf-8")


async def test_an_error_is_recorded_and_raised(recorded: Resources, file: Path) -> None:
    with pytest.raises(NotFound):
        await recorded.jobs.get("absent")
    assert read_cassette(file)[0].status == 404


async def test_what_is_sent_beside_the_view_is_not_recorded(maas: Resources, recorded: Resources, file: Path) -> None:
    assert [job async for job in maas.jobs.list()] == [job async for job in recorded.jobs.list()]
    assert operations(file) == ["jobs.list"]


async def test_a_failure_is_recorded_as_such(wire: Wire, service: FakeService, file: Path) -> None:
    recording = RecordingWire(wire, Recording(file))
    service.script(httpx.ReadTimeout("slow"), httpx.ConnectError("no"), httpx.ReadTimeout("slow"))
    for _ in range(2):
        with pytest.raises(TransportError):
            await recording.send(Request("GET", "https://management.azure.com/subscriptions"))
    with pytest.raises(TransportError):
        async with recording.open(Request("GET", "https://management.azure.com/subscriptions")):
            raise AssertionError
    assert [(one.status, one.failure) for one in read_cassette(file)] == [
        (None, "timeout"),
        (None, "connection"),
        (None, "timeout"),
    ]


async def test_a_full_disk_is_a_warning_and_no_failure(
    maas: Resources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorded = over_recording(maas, Recording(tmp_path / "absent" / "recorded.jsonl"))
    assert [job async for job in recorded.jobs.list()] == []
    assert "could not be recorded" in caplog.text


def client(server: Server, clock: Clock) -> MaasClient:
    wire = make_wire("blocking", clock)
    assert isinstance(wire, BlockingWire)
    return MaasClient(subscription_id="s", resource_group="g", workspace="w", endpoint=server.endpoint, wire=wire)


def test_a_plain_client_records_in_a_with_statement(maas_server: Server, clock: Clock, file: Path) -> None:
    with client(maas_server, clock) as maas:
        with maas.record(file) as recorded:
            assert list(recorded.jobs.list()) == []
        assert list(maas.jobs.list()) == []
    assert operations(file) == ["jobs.list"]


def test_an_asynchronous_client_records_too(maas_server: Server, clock: Clock, file: Path) -> None:
    async def listed() -> None:
        wire = make_wire("async", clock)
        assert isinstance(wire, AsyncWire)
        maas = AsyncMaasClient(
            subscription_id="s", resource_group="g", workspace="w", endpoint=maas_server.endpoint, wire=wire
        )
        async with maas, maas.record(file) as recorded:
            assert [job async for job in recorded.jobs.list()] == []

    asyncio.run(listed())
    assert operations(file) == ["jobs.list"]


def test_a_recording_is_not_replaced_unasked(maas_server: Server, clock: Clock, file: Path) -> None:
    file.write_text("precious", "utf-8")
    with client(maas_server, clock) as maas:
        with pytest.raises(InvalidInput, match="overwrite"):
            maas.record(file)
        list(maas.record(file, overwrite=True).jobs.list())
    assert operations(file) == ["jobs.list"]


def test_a_recording_is_readable_only_by_its_owner(maas_server: Server, clock: Clock, file: Path) -> None:
    before = os.umask(0)
    try:
        with client(maas_server, clock) as maas:
            list(maas.record(file).jobs.list())
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_environment_asks_every_client_to_record(
    maas_server: Server, clock: Clock, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAAS_RECORD", str(file))
    for _ in range(2):
        with client(maas_server, clock) as maas:
            list(maas.jobs.list())
    assert [(one.n, one.operation) for one in read_cassette(file)] == [(0, "jobs.list"), (1, "jobs.list")]


def test_a_folder_that_is_absent_is_reported_first(
    maas_server: Server, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAAS_RECORD", str(tmp_path / "absent" / "recorded.jsonl"))
    with pytest.raises(InvalidInput, match="MAAS_RECORD"):
        client(maas_server, clock)


URL = "https://management.azure.com/subscriptions/{}/providers/Microsoft.MachineLearningServices"


def add(recording: Recording, subscription: str, at: float) -> None:
    recording.add(Seen(method="GET", url=URL.format(subscription), status=200), sent=at, seconds=0.5)


def test_threads_do_not_mix_lines(file: Path) -> None:
    recording = Recording(file)

    def one(n: int) -> None:
        add(recording, f"subscription-of-{n % 10}", 100.0 + n)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(200)))
    assert [exchange.n for exchange in read_cassette(file)] == list(range(200))
    assert len({exchange.url for exchange in read_cassette(file)}) == 10


def test_what_is_appended_to_is_readable_only_by_its_owner(file: Path) -> None:
    before = os.umask(0)
    try:
        add(Recording(file), "mine", 100.0)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_continued_recording_gives_new_placeholders(file: Path) -> None:
    add(Recording(file), "mine", 100.0)
    later = Recording(file)
    add(later, "another", 700.0)
    add(later, "another", 701.0)
    found = read_cassette(file)
    assert [exchange.url for exchange in found] == [
        URL.format("subscription-1"),
        URL.format("subscription-2"),
        URL.format("subscription-2"),
    ]
    assert [(exchange.n, exchange.at) for exchange in found] == [(0, 0.0), (1, 0.0), (2, 1.0)]


ADDER = """
import sys
from pathlib import Path
from maas_client.recording.recording import Recording
from maas_client.recording.seen import Seen
from maas_client.recording.shared_table import SharedTable
recording = Recording(sys.argv[1], shared=SharedTable(Path(sys.argv[2]), b"key"))
for n in range(30):
    url = f"https://management.azure.com/subscriptions/sub-of-{n % 5}/providers/Microsoft.MachineLearningServices"
    recording.add(Seen(method="GET", url=url, status=200), sent=100.0 + n, seconds=0.5)
"""


def test_processes_share_a_table_without_originals(file: Path, tmp_path: Path) -> None:
    table = tmp_path / "table"
    words = [sys.executable, "-c", ADDER, str(file), str(table)]
    running = [subprocess.Popen(words, cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    found = read_cassette(file)
    assert [exchange.n for exchange in found] == list(range(90))
    assert len({exchange.url for exchange in found}) == 5
    assert "sub-of" not in table.read_text("utf-8")
    assert stat.S_IMODE(table.stat().st_mode) == 0o600


def test_a_table_is_named_by_the_environment(tmp_path: Path) -> None:
    named = {"_MAAS_RECORD_TABLE": SharedTable.variable(tmp_path / "a:b", "0123")}
    table = SharedTable.from_environ(named)
    assert table is not None
    with table.turn() as progress:
        assert progress.count == 0
    assert (tmp_path / "a:b").exists()
    assert SharedTable.from_environ({}) is None


def broken(file: Path) -> Iterator[str]:
    add(Recording(file), "mine", 100.0)
    line = file.read_text("utf-8")
    yield line + line[:40]
    yield line + "\n"


def test_a_line_that_was_not_finished_is_left_out(file: Path) -> None:
    for text in broken(file):
        file.write_text(text, "utf-8")
        assert len(read_cassette(file)) == 1


@pytest.mark.parametrize("line", ["no JSON", json.dumps({"cassette": 2}), json.dumps({"cassette": 1}), "[]"])
def test_a_line_of_something_else_is_named(file: Path, line: str) -> None:
    file.write_text(line + "\n", "utf-8")
    with pytest.raises(InvalidInput, match="line 1"):
        read_cassette(file)
