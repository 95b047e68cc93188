"""`kill -9` at random moments of an upload to Azurite, Microsoft's own emulator of the storage service."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobClient, ContainerClient

from maas_client.transfers.azureml_layout import SALT
from tests.judges import azurite
from tests.transfers.uploads.killing import BOUND, random_file, summary, time_taken
from tests.transfers.uploads.victims import KILLED, Job, Victims

THOROUGH = "MAAS_THOROUGH" in os.environ
KILLS, SIZE = (20, 64 << 20) if THOROUGH else (2, 24 << 20)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks its processes, and has them die with it")


@pytest.fixture
def blob(tmp_path: Path) -> Iterator[BlobClient]:
    """A blob of an Azurite that runs for this test, not yet there."""
    with azurite.start(tmp_path) as running:
        key = AzureNamedKeyCredential(azurite.ACCOUNT, azurite.KEY)
        with ContainerClient(running.url, "uploads", key, retry_total=0) as container:
            container.create_container()
            yield container.get_blob_client("train.jsonl")


def jobs_for(blob: BlobClient, file: Path) -> list[Job]:
    """Give the upload of a file to its container with either client."""
    container = blob.url.removesuffix(f"/{blob.blob_name}")
    return [Job(file=str(file), kind=kind, container=container, key=azurite.KEY) for kind in ("blocking", "async")]


def held(blob: BlobClient) -> int:
    """Give the bytes that are staged for a blob."""
    with suppress(ResourceNotFoundError):
        return sum(block.size for block in blob.get_block_list("uncommitted")[1])
    return 0


def content_hash(blob: BlobClient) -> str:
    """Give the content hash of what is in a blob."""
    sha256 = hashlib.sha256(SALT)
    for chunk in blob.download_blob().chunks():
        sha256.update(chunk)
    return sha256.hexdigest()


def test_an_upload_survives_every_kill_on_azurite(
    mother: Victims, blob: BlobClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, again = random.Random(KILLS), list[int]()
    file = tmp_path / "train.jsonl"
    sha256 = random_file(file, SIZE)
    jobs = jobs_for(blob, file)
    longest = max(time_taken(mother, job) for job in jobs)
    while len(again) < KILLS:
        blob.delete_blob()
        pid = mother.start(dice.choice(jobs))
        time.sleep(dice.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        was_killed, there = mother.end(pid) == KILLED, held(blob)
        outcome = mother.finish(dice.choice(jobs))
        assert content_hash(blob) == sha256
        again += [max(0, outcome.sent - (SIZE - there))] * was_killed
    with capsys.disabled():
        print(summary(f"{len(again)} kills of {SIZE >> 20} MiB on Azurite", again))
    assert max(again) <= BOUND


def test_leftover_blocks_of_microsofts_client_are_harmless(mother: Victims, blob: BlobClient, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    sha256 = random_file(file, 24 << 20)
    blob.stage_block("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA%3D".ljust(46), b"the first piece of another upload")
    assert mother.finish(jobs_for(blob, file)[0]).sent == 24 << 20
    assert content_hash(blob) == sha256
