"""What a download holds in memory does not depend on how much there is to download."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.server import serve
from tests.mock_server.driver import Azure
from tests.transfers.downloads.conftest import Store

MIB = 1 << 20

CHILD = """
import asyncio, sys
from pathlib import Path
from maas_client import AsyncMaasClient, MaasClient
kind, endpoint, uri, out = sys.argv[1:]
place = dict(subscription_id="sub", resource_group="rg", workspace="ws", endpoint=endpoint)
async def main():
    async with AsyncMaasClient(**place) as maas:
        await maas.datasets.download(uri, out)
if kind == "async":
    asyncio.run(main())
else:
    with MaasClient(**place) as maas:
        maas.datasets.download(uri, out)
# Not ru_maxrss: in that a process begins with what its parent had.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) * 1024)
"""


def peak(kind: str, endpoint: str, uri: str, out: Path) -> int:
    """Download in a process of its own and return its peak of memory, in bytes."""
    command = [sys.executable, "-c", CHILD, kind, endpoint, uri, str(out)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)


@pytest.fixture(scope="module")
def stored() -> Iterator[tuple[str, list[str]]]:
    """A server's endpoint, and the URIs of a blob of five ranges and of one of fifteen."""
    with serve() as server:
        azure = Azure(server)
        uris = [Store(server, azure).put(f"{size}", b"\1" * (size * MIB)) for size in (40, 120)]
        azure.close()
        yield server.endpoint, uris


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux, which reports a process's peak")
@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_memory_is_that_of_the_ranges_in_flight_at_any_size(
    kind: str, stored: tuple[str, list[str]], tmp_path: Path
) -> None:
    endpoint, uris = stored
    first, second = (peak(kind, endpoint, uri, tmp_path / str(number)) for number, uri in enumerate(uris))
    assert (tmp_path / "1").stat().st_size == 120 * MIB
    print(f"\n{kind}: {first / MIB:.0f} MiB for 40 MiB, {second / MIB:.0f} MiB for 120 MiB")
    assert second - first <= 40 * MIB  # of 80 more; a heap that threads share grew by 1 to 21, most on Python 3.12
    assert second <= 80 * MIB
