"""`kill -9` at random moments of an upload, and the same command again: the right bytes, and few of them sent twice."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from maas_client.uploads.engine import PARALLEL
from maas_client.uploads.plan import BLOCK
from maas_client.uploads.reader import SALT
from tests.mock_server.driver import Azure
from tests.mock_server.nursery import nursery
from tests.uploads.remote import Remote, digest
from tests.uploads.seen import Entry, blocks
from tests.uploads.victims import KILLED, Job, Victims, victims

THOROUGH = "MAAS_THOROUGH" in os.environ
KILLS, SIZE = (200, 256 << 20) if THOROUGH else (15, 48 << 20)
BOUND = BLOCK * PARALLEL + BLOCK
"""Bytes that may be sent again for a kill: all that was under way, and a block."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks its processes, and has them die with it")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of random bytes."""
    path = tmp_path_factory.mktemp("content") / "train.jsonl"
    dice = random.Random(SIZE)
    with path.open("wb") as out:
        for _ in range(SIZE >> 20):
            out.write(dice.randbytes(1 << 20))
    return path


@pytest.fixture
def mother(tmp_path: Path) -> Iterator[Victims]:
    """The process that forks those who upload."""
    with victims(tmp_path) as mother:
        yield mother


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Remote]:
    """A server in a process of its own."""
    with nursery(tmp_path) as servers:
        _, endpoint = servers.start()
        yield Remote(endpoint)


@dataclass
class Chain:
    """An upload and its kills: when each process began, and how many were killed before one came to the end."""

    began: list[float] = field(default_factory=list[float])
    kills: int = 0

    def wasted(self, requests: Iterable[Entry]) -> list[int]:
        """Give the bytes that each kill made to be sent again."""
        seen, bytes_by_run = set[str](), [0] * len(self.began)
        for entry in sorted(requests, key=itemgetter("time")):
            run, accepted = bisect_right(self.began, entry["time"]) - 1, entry["status"] == 201
            block = parse_qs(urlsplit(str(entry["url"])).query)["blockid"][0]
            again = accepted and block in seen
            bytes_by_run[run - again] += 0 if accepted and not again else entry["request_bytes"]
            seen.update([block] * accepted)
        return [*bytes_by_run[: self.kills - 1], sum(bytes_by_run[self.kills - 1 :])][: self.kills]


def killed_at_random(mother: Victims, jobs: Sequence[Job], longest: float, dice: random.Random) -> Chain:
    """Upload; up to four processes are killed at random moments, one after another, and the next takes up."""
    chain = Chain()
    for _ in range(dice.randint(1, 4)):
        chain.began.append(time.time())
        pid = mother.start(dice.choice(jobs))
        time.sleep(dice.uniform(0, 0.6 * longest))
        os.kill(pid, signal.SIGKILL)
        if mother.end(pid) != KILLED:  # it was faster than its killer
            return chain
        chain.kills += 1
    chain.began.append(time.time())
    mother.finish(dice.choice(jobs))
    return chain


def time_taken(mother: Victims, job: Job) -> float:
    """Give the seconds that an upload takes that nobody kills."""
    began = time.monotonic()
    mother.finish(job)
    return time.monotonic() - began


def test_every_kill_is_survived_and_costs_the_blocks_under_way_at_most(
    mother: Victims, server: Remote, content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, wasted, rounds = random.Random(KILLS), list[int](), 0
    jobs = [Job(file=str(content), kind=kind, endpoint=server.endpoint) for kind in ("blocking", "async")]
    sha256 = salted_hash(content)
    with closing(Azure(server)) as azure:
        blob = azure.blob_url(f"LocalUpload/{sha256}/{content.name}")
        longest = 0.0
        for job in jobs:
            longest = max(longest, time_taken(mother, job))
            assert azure.plain.delete(blob).status_code == 202
        while len(wasted) < KILLS:
            server.forget_requests()
            chain = killed_at_random(mother, jobs, longest, dice)
            rounds += 1
            assert digest(blob, SALT) == sha256
            assert sum(entry["request_bytes"] for entry in blocks(server)) - SIZE == sum(chain.wasted(blocks(server)))
            wasted += chain.wasted(blocks(server))
            assert azure.plain.delete(blob).status_code == 202
    with capsys.disabled():
        print(told(f"{len(wasted)} kills in {rounds} uploads of {SIZE >> 20} MiB", wasted))
    assert max(wasted) <= BOUND


def told(what: str, wasted: Sequence[int]) -> str:
    """Say what kills came to."""
    worst, mean = max(wasted) / 2**20, sum(wasted) / len(wasted) / 2**20
    return f"\n{what}: sent again at worst {worst:.1f} MiB a kill, {mean:.1f} on average; bound {BOUND >> 20} MiB"


def salted_hash(file: Path) -> str:
    """Give a file's content hash."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.sha256(SALT)).hexdigest()
