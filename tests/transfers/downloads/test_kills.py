"""A download that is killed, canceled or interrupted at any point is taken up, and nothing wrong is ever there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maas_client import AsyncMaasClient, TransferProgress
from mock_server.server import Server, serve
from tests.mock_server.driver import Azure
from tests.transfers.downloads.conftest import CONTENT, RANGE, Once, Store, left_in

KILLS = 40 if os.environ.get("MAAS_THOROUGH") else 8
PARALLEL = 4
LARGE = CONTENT * 10

CHILD = """
import sys
from maas_client import MaasClient
from maas_client.transfers.downloads import ranges
endpoint, uri, out, length = sys.argv[1:]
ranges.RANGE = int(length)
with MaasClient(subscription_id="sub", resource_group="rg", workspace="ws", endpoint=endpoint) as maas:
    maas.datasets.download(uri, out, on_progress=lambda progress: print(progress.done, flush=True))
"""


@pytest.fixture(scope="module")
def alive() -> Iterator[Server]:
    """A server on a real clock, for processes of their own."""
    with serve() as server:
        yield server


@pytest.fixture
def uri(alive: Server) -> Iterator[str]:
    """A blob of two hundred ranges, of which the service has no hash."""
    alive.reset()
    azure = Azure(alive)
    yield Store(alive, azure).put_in_blocks("weights.bin", LARGE)
    azure.close()


def download(server: Server, uri: str, out: Path, until: int, sign: signal.Signals) -> int:
    """Download in a process of its own, which gets a signal when this many bytes are there; return how it ended."""
    command = [sys.executable, "-c", CHILD, server.endpoint, uri, str(out), str(RANGE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        reached = next((line for line in child.stdout if int(line) >= until), None)
        if reached is not None:
            child.send_signal(sign)
        child.stdout.read()
    return child.returncode


def fetched(server: Server) -> int:
    """The bytes of a blob that the server has sent."""
    ranges = (entry["request_headers"]["range"] for entry in server.requests() if entry["operation"] == "blob.get")
    bounds = (asked.removeprefix("bytes=").split("-") for asked in ranges)
    return sum(int(end) - int(start) + 1 for start, end in bounds)


def test_a_kill_9_at_any_point_costs_only_the_ranges_in_flight(alive: Server, uri: str, tmp_path: Path) -> None:
    dice = random.Random(11)
    out = tmp_path / "weights.bin"
    points = sorted(dice.randrange(len(LARGE)) for _ in range(KILLS))
    for point in points:
        download(alive, uri, out, point, signal.SIGKILL)
        assert left_in(tmp_path) == {".weights.bin.part", ".weights.bin.part.jsonl"}
    assert download(alive, uri, out, sys.maxsize, signal.SIGKILL) == 0
    assert (out.read_bytes() == LARGE, left_in(tmp_path)) == (True, {"weights.bin"})
    again = fetched(alive) - len(LARGE)
    print(f"\n{KILLS} kills: {again / KILLS / RANGE:.1f} ranges fetched again for each; {PARALLEL} were under way")
    assert again <= KILLS * (PARALLEL + 1) * RANGE


def test_ctrl_c_keeps_what_came(alive: Server, uri: str, tmp_path: Path) -> None:
    out = tmp_path / "weights.bin"
    alive.fault(operation="blob.get", skip=100, delay=3600, count=None)
    assert download(alive, uri, out, 50 * RANGE, signal.SIGINT) != 0
    alive.faults_clear()
    before = fetched(alive)
    assert before < len(LARGE)
    assert download(alive, uri, out, sys.maxsize, signal.SIGINT) == 0
    assert out.read_bytes() == LARGE
    assert fetched(alive) - len(LARGE) <= (PARALLEL + 1) * RANGE


def test_a_canceled_task_keeps_its_parts_and_releases_the_lock(alive: Server, uri: str, tmp_path: Path) -> None:
    out = tmp_path / "weights.bin"

    async def canceled() -> None:
        client = AsyncMaasClient(subscription_id="sub", resource_group="rg", workspace="ws", endpoint=alive.endpoint)
        async with client as maas:
            task = asyncio.ensure_future(
                maas.datasets.download(uri, out, on_progress=Once(50 * RANGE, lambda: task.cancel()))
            )
            with pytest.raises(asyncio.CancelledError):
                await task
            seen: list[TransferProgress] = []
            await maas.datasets.download(uri, out, on_progress=seen.append)
            assert seen[-1].resumed >= 40 * RANGE

    asyncio.run(canceled())
    assert (out.read_bytes() == LARGE, left_in(tmp_path)) == (True, {"weights.bin"})
