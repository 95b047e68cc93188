"""What the tests with kills share: content to upload, how long that takes, and what the kills came to."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Sequence
from pathlib import Path

from maas_client.transfers.azureml_layout import SALT
from maas_client.transfers.uploads.blocks import BLOCK
from maas_client.transfers.uploads.options import PARALLEL
from tests.transfers.uploads.victims import Job, Victims

BOUND = BLOCK * PARALLEL + BLOCK
"""Bytes that may be sent again for a kill: all that was under way, and a block."""


def random_file(path: Path, size: int) -> str:
    """Write so many MiB that are always the same, and give their content hash."""
    dice, sha256 = random.Random(size), hashlib.sha256(SALT)
    with path.open("wb") as out:
        for _ in range(size >> 20):
            piece = dice.randbytes(1 << 20)
            out.write(piece)
            sha256.update(piece)
    return sha256.hexdigest()


def time_taken(mother: Victims, job: Job) -> float:
    """Give the seconds that an upload takes that nobody kills."""
    began = time.monotonic()
    mother.finish(job)
    return time.monotonic() - began


def told(what: str, wasted: Sequence[int]) -> str:
    """Say what kills came to."""
    worst, mean = max(wasted) / 2**20, sum(wasted) / len(wasted) / 2**20
    return f"\n{what}: sent again at worst {worst:.1f} MiB a kill, {mean:.1f} on average; bound {BOUND >> 20} MiB"
