"""A killer: `kill -9` for uploads, downloads and a mock server with `--state`, each at random moments, and then again.

What was uploaded and downloaded has its hash in the end, and nothing that the server acknowledged is lost.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx

from maas_client.transfers.azureml_layout import SALT
from tests.attack.figures import Figures
from tests.mock_server.driver import Azure, rows
from tests.mock_server.server_forker import ServerForker, server_forker
from tests.mock_server.test_durability import LONGEST_LIFE, Memory, Worker, check
from tests.transfers.downloads.conftest import Store
from tests.transfers.downloads.test_kills import LARGE, download
from tests.transfers.uploads.killing import killed_at_random, random_file, time_taken
from tests.transfers.uploads.remote import Remote, digest
from tests.transfers.uploads.victims import Job, Victims, victims

SIZE = 40
"""MiB of the file that is uploaded: five blocks."""

LIVES = 5
"""Servers that are killed in one round."""

STATE = ("--job-seconds", "3600", "--virtual")


@dataclass
class Ground:
    """A server that stays alive, one that does not, and the processes that upload."""

    folder: Path
    servers: ServerForker
    alive: Remote
    mother: Victims
    file: Path
    sha256: str
    memory: Memory
    longest: float = 0.0
    asset: str = ""
    jobs: Sequence[Job] = field(default_factory=tuple[Job, ...])


@contextmanager
def ground(seed: int) -> Generator[Ground]:
    """Start what the rounds need."""
    with TemporaryDirectory() as name, server_forker(Path(name)) as servers, victims(Path(name)) as mother:
        folder = Path(name)
        alive = Remote(servers.start()[1])
        file = folder / "train.jsonl"
        sha256 = random_file(file, SIZE << 20)
        jobs = [Job(file=str(file), kind=kind, endpoint=alive.endpoint) for kind in ("blocking", "async")]
        longest = time_taken(mother, jobs[0])
        yield Ground(folder, servers, alive, mother, file, sha256, Memory(Random(seed)), longest, jobs=jobs)


def kill_uploads(seed: int, here: Ground, figures: Figures) -> None:
    """Kill an upload up to six times, let it end, and compare the hash of what is there."""
    with closing(Azure(here.alive)) as azure:
        blob = azure.blob_url(f"LocalUpload/{here.sha256}/{here.file.name}")
        azure.plain.delete(blob)
        with figures.timed("upload with its kills"):
            chain = killed_at_random(here.mother, here.jobs, here.longest, Random(seed))
        figures.count("kills of uploads", chain.kills)
        if digest(blob, SALT) != here.sha256:
            figures.fail(seed, f"an upload with {chain.kills} kills left another content")


def kill_downloads(seed: int, here: Ground, figures: Figures) -> None:
    """Kill a download at some points, let it end, and compare the content."""
    dice = Random(seed)
    with closing(Azure(here.alive)) as azure:
        uri = Store(here.alive, azure).put_in_blocks("weights.bin", LARGE)
    out = here.folder / "down" / "weights.bin"
    points = sorted(dice.randrange(len(LARGE)) for _ in range(3))
    with figures.timed("download with its kills"):
        codes = [download(here.alive, uri, out, point, signal.SIGKILL) for point in points]
        figures.count("kills of downloads", codes.count(-signal.SIGKILL))
        last = download(here.alive, uri, out, sys.maxsize, signal.SIGKILL)
    if last != 0:
        figures.fail(seed, f"a download does not end after its kills (exit code {last})")
    elif out.read_bytes() != LARGE:
        figures.fail(seed, "a download left another content")
    out.unlink(missing_ok=True)


def kill_servers(seed: int, here: Ground, figures: Figures) -> None:
    """Kill a server several times while a client works on it, and look each time for what it acknowledged."""
    options = ("--state", str(here.folder / "state"), *STATE)
    for _ in range(LIVES):
        with figures.timed("start of a killed server"):
            pid, endpoint = here.servers.start(*options)
        with closing(Azure(Remote(endpoint))) as azure:
            try:
                here.asset = here.asset or azure.asset(rows())
                check(here.memory, azure)
            except AssertionError as lost:
                figures.fail(seed, f"what a server acknowledged is lost: {lost}"[:300])
            worker = Worker(here.memory, azure, azure.sas(), here.asset)
            killer = threading.Timer(here.memory.dice.uniform(0, LONGEST_LIFE), os.kill, (pid, signal.SIGKILL))
            killer.start()
            try:
                worker.work()
            except httpx.TransportError:
                figures.count("kills of servers")
            except AssertionError as refused:
                figures.fail(seed, f"a server refused what it takes: {refused}"[:300])
            killer.join()
            here.servers.wait_for_exit(pid)


def attack(seeds: Sequence[int], figures: Figures) -> None:
    """Do the rounds that the seeds stand for: some servers, an upload and a download each."""
    if sys.platform != "linux":
        figures.count("left out: needs Linux")
        return
    with ground(seeds[0]) as here:
        for seed in seeds:
            kill_servers(seed, here, figures)
            kill_uploads(seed, here, figures)
            kill_downloads(seed, here, figures)
        figures.count("acknowledged and still there", here.memory.acknowledged)
