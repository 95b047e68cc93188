"""Uploads against azure-storage-blob's and against raw sockets: time, processor time, memory.

`python -m benchmarks.uploads` measures these rows alone. Ours first reads the file, for its content hash and the sums
of its blocks, and then sends; azure-storage-blob makes no hash of the content, and sums a block up when it sends it. So
its upload is compared with our sending, which the targets are for, and with our whole upload, too: MD5 takes most of
that on a machine of few cores. The server throws away what it gets; Azurite keeps it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.discard import discarding
from benchmarks.harness import FEWEST, Plan, Row, aligned, interleave, table
from benchmarks.processes import ROOT, Children
from benchmarks.servers_peers import Absent, azurite, azurite_container, running
from benchmarks.upload_child import Job, Taken
from mock_server.certificates import make

SIZE = 1 << 30
SMALL = 64 << 20
LONGEST = 120.0
"""Seconds that one upload may take."""

OF_AZURE, OF_AZURE_OVER_TLS, OF_AZURE_WITH_SUMS, OF_RAW, OF_AZURES_CPU = 1 / 1.6, 1 / 1.35, 1 / 2, 1 / 0.85, 0.65
PEAK_MIB = 80.0

AZURE = f"azure-storage-blob {version('azure-storage-blob')}"
NAMES = {"ours": "maas_client", "ours async": "maas_client, async", "azure": AZURE, "raw": "raw sockets"}


@dataclass(frozen=True, slots=True)
class Bench:
    """Uploads one file, each time in a process of its own."""

    children: Children
    plan: Plan
    bytes: int

    def measure(self, jobs: Sequence[Job]) -> tuple[Figures, int]:
        """Let uploads take their turns; return the medians of each, and how many rounds there were."""
        turns = [_Turn(self, job) for job in jobs]
        _, rounds = interleave(self.plan, *turns)
        return {turn.job: _medians(turn.taken) for turn in turns}, rounds

    def speed(self, milliseconds: float) -> str:
        """Say a time as a rate, in MB/s."""
        return f"{self.bytes / milliseconds / 1000:.0f}"

    def per_gib(self, milliseconds: float) -> float:
        """Return a time per GiB, in seconds."""
        return milliseconds / 1000 / (self.bytes / (1 << 30))

    def upload(self, job: Job) -> Taken:
        """Upload once."""
        command = [sys.executable, "-m", "benchmarks.upload_child", json.dumps(asdict(job))]
        settings = self.children.environment()
        done = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, check=False, timeout=LONGEST)
        if done.returncode:
            raise RuntimeError(f"{job.who} failed:\n{done.stderr.decode()}")
        return Taken(**json.loads(done.stdout))


@dataclass(frozen=True, slots=True)
class _Turn:
    """One contestant, and what each of its turns took."""

    bench: Bench
    job: Job
    taken: list[Taken] = field(default_factory=list[Taken])

    def __call__(self) -> float:
        self.taken.append(self.bench.upload(self.job))
        return self.taken[-1].milliseconds


Figures = Mapping[Job, Taken]
"""What each upload took."""


def measure(children: Children, plan: Plan) -> Iterator[str]:
    """Measure all, and yield tables as soon as they are there; the files are gone afterwards."""
    with TemporaryDirectory(prefix="maas-bench-") as name:
        folder = Path(name)
        bench, file = Bench(children, plan, SIZE), _file(folder / "large", SIZE)
        with discarding() as address:
            four = Job(who="ours", container=f"{address}/account/data", file=file)
            taken, rounds = bench.measure(_contest(four))
        yield "To a server that keeps nothing, 1 GiB:\n" + _each(bench, taken)
        yield table(list(_promised(bench, four, taken, rounds)))
        make(folder, "127.0.0.1")
        with discarding(folder / "server.pem") as address:
            authority = str(folder / "ca.pem")
            job = Job(who="ours", container=f"{address}/account/data", file=file, authority=authority)
            yield table([_over_tls(bench, job)])
        # Azurite keeps what it gets in memory, of which it takes half.
        bench, file = Bench(children, replace(plan, rounds=FEWEST), SMALL), _file(folder / "small", SMALL)
        try:
            with running(azurite(), children) as server:
                container, sas = azurite_container(server.endpoint)
                taken, _ = bench.measure(_contest(Job(who="ours", container=container, sas=sas, file=file)))
                yield "To Azurite, 64 MiB:\n" + _each(bench, taken)
        except Absent as reason:
            yield f"skipped: uploads to Azurite: {reason}"


def _contest(four: Job) -> Sequence[Job]:
    """Give all that are compared: ours in every way, azure-storage-blob in some, and raw sockets."""
    ours = [
        replace(four, who=who, parallel=parallel, sums=sums)
        for who in ("ours", "ours async")
        for sums in (False, True)
        for parallel in (1, 2, 4, 8)
    ]
    theirs = [replace(four, who="azure", parallel=parallel) for parallel in (1, 4, 8)]
    return [*ours, *theirs, replace(theirs[1], sums=True), replace(four, who="raw")]


def _each(bench: Bench, taken: Figures) -> str:
    """Draw what each upload came to, and what it is of raw sockets' speed."""
    raw = next(one.sending_ms for job, one in taken.items() if job.who == "raw")
    lines = [("who", "at once", "MD5", "sending", "of raw", "CPU s/GiB", "whole", "CPU s/GiB", "memory")]
    for job, one in taken.items():
        lines.append(
            (
                NAMES[job.who],
                str(job.parallel),
                "yes" if job.sums else "",
                f"{bench.speed(one.sending_ms)} MB/s",
                f"{raw / one.sending_ms:.2f}",
                f"{bench.per_gib(one.sending_cpu_ms):.2f}",
                f"{bench.speed(one.milliseconds)} MB/s",
                f"{bench.per_gib(one.cpu_ms):.2f}",
                f"{one.peak_mib:.0f} MiB",
            )
        )
    return aligned(lines)


def _promised(bench: Bench, four: Job, taken: Figures, rounds: int) -> Iterator[Row]:
    """Compare what there are targets for."""
    azure, raw = taken[replace(four, who="azure")], taken[replace(four, who="raw")]
    summed = taken[replace(four, who="azure", sums=True)]

    def row(what: str, ours: float, peer: float, peer_is: str, target: float) -> Row:
        return Row(what=what, ours=ours, peer=peer, peer_is=peer_is, target=target, rounds=rounds)

    for kind, who in (("sync", "ours"), ("async", "ours async")):
        mine, mine_summed = taken[replace(four, who=who)], taken[replace(four, who=who, sums=True)]
        what = f"sending, {kind}, 4 at once"
        yield row(what, mine.sending_ms, azure.milliseconds, AZURE, OF_AZURE)
        yield row(what, mine.sending_ms, raw.milliseconds, "raw sockets", OF_RAW)
        yield row(f"{what}, processor time", mine.sending_cpu_ms, azure.cpu_ms, AZURE, OF_AZURES_CPU)
        with_sums = f"{AZURE}, validate_content"
        yield row(f"{what}, MD5", mine_summed.sending_ms, summed.milliseconds, with_sums, OF_AZURE_WITH_SUMS)
        yield Row(
            what=f"peak memory, {kind}, 4 at once, MD5",
            ours=mine_summed.peak_mib,
            peer=summed.peak_mib,
            peer_is=with_sums,
            unit="MiB",
            compared="ours",
            target=PEAK_MIB,
            rounds=rounds,
        )


def _over_tls(bench: Bench, job: Job) -> Row:
    azure = replace(job, who="azure")
    taken, rounds = bench.measure([job, azure])
    return Row(
        what="sending over TLS, sync, 4 at once",
        ours=taken[job].sending_ms,
        peer=taken[azure].milliseconds,
        peer_is=AZURE,
        target=OF_AZURE_OVER_TLS,
        rounds=rounds,
    )


def _medians(taken: Sequence[Taken]) -> Taken:
    columns = zip(*(asdict(each).values() for each in taken), strict=True)
    return Taken(*(median(column) for column in columns))


def _file(path: Path, size: int) -> str:
    piece = os.urandom(1 << 20)
    with path.open("wb") as file:
        for number in range(size >> 20):
            file.write(number.to_bytes(8) + piece[8:])
    return str(path)


def main() -> int:
    """Measure these rows alone and print them."""
    with TemporaryDirectory(prefix="maas-bench-") as directory:
        for drawn in measure(Children(Path(directory) / "bytecode"), Plan(seconds=180)):
            print(drawn, end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
