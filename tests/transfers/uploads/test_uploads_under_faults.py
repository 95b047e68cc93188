"""Uploads under faults: flipped bits, repeated errors, lost blocks. All succeed or raise, and no content is mixed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from maas_client import ServiceError, TransferProgress
from maas_client.client import Resources
from maas_client.errors import BadRequest
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.transfers.uploads.conftest import BLOCK, BLOCKS, SIZE, Upload
from tests.transfers.uploads.seen import (
    At,
    asked,
    blocks,
    committed,
    path_of,
    pattern_of,
    received,
    remembered,
    staged,
    stored,
)


async def test_a_bit_that_flips_in_a_block_costs_that_block_alone(
    maas: Resources, maas_server: Server, azure: Azure, file: Path
) -> None:
    maas_server.fault(path=pattern_of(file, 7, BLOCK), flip=10)
    dataset = await maas.datasets.upload(file, check=False)
    assert stored(azure, dataset) == file.read_bytes()
    assert len(blocks(maas_server)) == BLOCKS + 1
    assert [entry["status"] for entry in blocks(maas_server)].count(400) == 1


def test_repeated_bit_flips_are_an_error_and_never_committed(
    upload: Upload, maas_server: Server, azure: Azure, file: Path
) -> None:
    maas_server.fault(path=pattern_of(file, 7, BLOCK), flip=10, count=None)
    with pytest.raises(BadRequest, match="Md5Mismatch"):
        upload(file)
    assert committed(azure) == {}
    maas_server.faults_clear()
    dataset = upload(file)
    assert stored(azure, dataset) == file.read_bytes()


@pytest.mark.parametrize("rule", [{"status": 503}, {"status": 429, "retry_after": 7}, {"drop": "before"}])
async def test_an_error_on_every_block_at_once_is_retried(
    maas: Resources, maas_server: Server, azure: Azure, file: Path, rule: dict[str, Any]
) -> None:
    for number in range(BLOCKS):
        maas_server.fault(path=pattern_of(file, number, BLOCK), count=2, **rule)
    dataset = await maas.datasets.upload(file, check=False)
    assert stored(azure, dataset) == file.read_bytes()
    assert len(blocks(maas_server)) == 3 * BLOCKS
    assert dataset.bytes_sent == SIZE


TROUBLES: list[dict[str, Any]] = [
    {"status": 500, "count": 2},
    {"status": 503, "retry_after": 30, "count": 2},
    {"status": 408},
    {"drop": "before"},
    {"drop": "after"},
    {"drop": "headers"},
    {"flip": 0},
    {"flip": BLOCK // 2 - 1},
    {"expired": True},
    {"status": 403},
    {"probability": 0.0, "status": 400},
]


@pytest.mark.parametrize("seed", range(4))
async def test_any_mix_of_transient_faults_ends_in_the_right_bytes(
    maas: Resources, maas_server: Server, azure: Azure, file: Path, seed: int
) -> None:
    dice = random.Random(seed)
    for number in range(BLOCKS):
        maas_server.fault(path=pattern_of(file, number, BLOCK), **dice.choice(TROUBLES))
    for operation in ("blob.head", "blob.get_block_list", "blob.put_block_list"):
        maas_server.fault(operation=operation, **dice.choice([rule for rule in TROUBLES if "flip" not in rule]))
    dataset = await maas.datasets.upload(file, check=False)
    assert stored(azure, dataset) == file.read_bytes()


def test_the_call_after_a_failure_sends_only_the_missing_blocks(
    upload: Upload, maas_server: Server, azure: Azure, file: Path, state_home: Path
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8, count=None)
    with pytest.raises(BadRequest):
        upload(file)
    held, before = staged(azure), received(maas_server)
    assert 0 < held <= 8 * BLOCK  # what was under way beside the failure may have arrived or not
    assert committed(azure) == {}
    assert [entry["file"] for entry in remembered(state_home)] == [str(file)]
    maas_server.faults_clear()
    dataset = upload(file)
    assert received(maas_server) - before == dataset.bytes_sent == SIZE - held
    assert dataset.bytes_resumed == held
    assert stored(azure, dataset) == file.read_bytes()
    assert remembered(state_home) == []


async def test_blocks_lost_before_the_commit_are_sent_again_once(
    maas: Resources, maas_server: Server, azure: Azure, file: Path
) -> None:
    progress = At(SIZE, lambda: forget_blocks(azure, path_of(file)))
    dataset = await maas.datasets.upload(file, check=False, on_progress=progress)
    assert stored(azure, dataset) == file.read_bytes()
    assert received(maas_server) == dataset.bytes_sent == 2 * SIZE
    assert max(seen.done for seen in progress.seen) == progress.seen[-1].done == SIZE


def test_blocks_that_vanish_again_and_again_are_an_error(upload: Upload, azure: Azure, file: Path) -> None:
    progress = [At(SIZE, lambda: forget_blocks(azure, path_of(file)))]

    def each_time(now: TransferProgress) -> None:
        progress[-1](now)
        progress.extend([At(SIZE, lambda: forget_blocks(azure, path_of(file)))] * (now.done == SIZE))

    with pytest.raises(BadRequest, match="InvalidBlockList"):
        upload(file, on_progress=each_time)
    assert committed(azure) == {}


def forget_blocks(azure: Azure, path: str) -> None:
    """Let a server lose what is staged for a blob, as another client's commit and deletion do."""
    empty = b"<BlockList></BlockList>"
    assert azure.plain.put(azure.blob_url(path) + "&comp=blocklist", content=empty).status_code == 201
    assert azure.plain.delete(azure.blob_url(path)).status_code == 202


async def test_a_concurrent_commit_of_equal_content_is_accepted(
    maas: Resources, maas_server: Server, azure: Azure, file: Path
) -> None:
    progress = At(12 * BLOCK, lambda: azure.upload(file.read_bytes(), path_of(file)))
    dataset = await maas.datasets.upload(file, check=False, on_progress=progress)
    assert stored(azure, dataset) == file.read_bytes()
    assert [entry["status"] for entry in asked(maas_server, "blob.put_block_list")] == [409]


def test_a_blob_of_other_content_is_an_error_and_then_replaced(upload: Upload, azure: Azure, file: Path) -> None:
    progress = At(12 * BLOCK, lambda: azure.upload(b"something else", path_of(file)))
    with pytest.raises(ServiceError, match=rf"should have {SIZE} bytes, but has 14\. Delete it"):
        upload(file, on_progress=progress)
    dataset = upload(file)
    assert stored(azure, dataset) == file.read_bytes()
