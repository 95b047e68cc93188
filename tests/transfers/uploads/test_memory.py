"""Memory of an upload: what the blocks under way take and a little more, however large the file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.discard import discarding
from maas_client.transfers.uploads.blocks import BLOCK
from maas_client.transfers.uploads.options import PARALLEL
from tests.transfers.uploads.victims import Job, Victims

THOROUGH = "MAAS_THOROUGH" in os.environ
SIZE = 10 << 30 if THOROUGH else 1 << 30
MIB = 1 << 20
MORE = PARALLEL * BLOCK + 10 * MIB
MOST = 80 * MIB

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and forks its processes")


@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_a_file_of_any_size_is_sent_in_bounded_memory(
    mother: Victims, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "train.jsonl"
    with file.open("wb") as sparse:
        sparse.truncate(SIZE)
    with discarding() as address:
        outcome = mother.finish(Job(file=str(file), kind=kind, container=f"{address}/account/data"))
    with capsys.disabled():
        used = f"{outcome.start / MIB:.0f} MiB at the start, {outcome.peak / MIB:.0f} MiB at most"
        print(f"\n{SIZE >> 30} GiB, {kind}: {used}; bounds {(outcome.start + MORE) / MIB:.0f} and {MOST >> 20} MiB")
    assert outcome.sent == SIZE
    assert outcome.peak <= outcome.start + MORE
    assert outcome.peak <= MOST


@pytest.mark.parametrize("size", [200 * MIB, 600 * MIB], ids=["in one request", "in parts"])
@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_a_file_goes_to_foundry_in_bounded_memory(
    mother: Victims, tmp_path: Path, kind: str, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "train.jsonl"
    with file.open("wb") as sparse:
        sparse.truncate(size)
    with discarding() as address:
        outcome = mother.finish(Job(file=str(file), kind=kind, foundry=address))
    with capsys.disabled():
        print(
            f"\n{size // MIB} MiB, {kind}: {outcome.start / MIB:.0f} MiB at the start, {outcome.peak / MIB:.0f} at most"
        )
    assert outcome.sent == size
    assert outcome.peak <= outcome.start + MORE
