"""What the tests with kills share: content to upload, how long that takes, and what the kills came to."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from maas_client.transfers.azureml_layout import SALT
from maas_client.transfers.uploads.blocks import BLOCK
from maas_client.transfers.uploads.options import PARALLEL
from tests.transfers.uploads.seen import Entry
from tests.transfers.uploads.victims import KILLED, Job, Victims

BOUND = BLOCK * PARALLEL + BLOCK
"""Bytes that may be sent again for a kill: all that was under way, and a block."""


def random_file(path: Path, size: int) -> str:
    """Write this many MiB that are always the same, and give their content hash."""
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


def when(request: Entry) -> float:
    """Give the time at which a request began."""
    return float(request["time"])


@dataclass
class Chain:
    """An upload and its kills: when each process began, and how many were killed before one came to the end."""

    began: list[float] = field(default_factory=list[float])
    kills: int = 0

    def wasted(self, requests: Iterable[Entry]) -> list[int]:
        """Give the bytes that each kill made to be sent again."""
        seen, bytes_by_run = set[str](), [0] * len(self.began)
        for entry in sorted(requests, key=when):
            run, accepted = bisect_right(self.began, when(entry)) - 1, entry["status"] == 201
            block = parse_qs(urlsplit(str(entry["url"])).query)["blockid"][0]
            again = accepted and block in seen
            bytes_by_run[run - again] += 0 if accepted and not again else entry["request_bytes"]
            seen.update([block] * accepted)
        return [*bytes_by_run[: self.kills - 1], sum(bytes_by_run[self.kills - 1 :])][: self.kills]


def killed_at_random(mother: Victims, jobs: Sequence[Job], longest: float, dice: random.Random) -> Chain:
    """Upload; up to six processes are killed at random moments, one after another, and the next takes up."""
    chain = Chain()
    for _ in range(dice.randint(1, 6)):
        chain.began.append(time.time())
        pid = mother.start(dice.choice(jobs))
        time.sleep(dice.uniform(0, 0.5 * longest))
        os.kill(pid, signal.SIGKILL)
        if mother.end(pid) != KILLED:  # it was faster than its killer
            return chain
        chain.kills += 1
    chain.began.append(time.time())
    mother.finish(dice.choice(jobs))
    return chain


def summary(what: str, wasted: Sequence[int]) -> str:
    """Say what kills came to."""
    worst, mean = max(wasted) / 2**20, sum(wasted) / len(wasted) / 2**20
    return f"\n{what}: sent again at worst {worst:.1f} MiB a kill, {mean:.1f} on average; bound {BOUND >> 20} MiB"
