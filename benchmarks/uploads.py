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

from mock_server.certificates import make

from .discard import discarding
from .harness import Plan, Row, interleave, table
from .processes import ROOT, Children
from .servers_peers import Absent, azurite, azurite_container, running
from .upload_child import Job, Taken

SIZE = 1 << 30
SMALL = 128 << 20
LONGEST = 120.0
"""Seconds that one upload may take."""

OF_AZURE, OF_AZURE_OVER_TLS, OF_AZURE_WITH_SUMS, OF_RAW, OF_AZURES_CPU = 1 / 1.6, 1 / 1.35, 1 / 2, 1 / 0.85, 0.65
PEAK_MIB = 80.0

AZURE = f"azure-storage-blob {version('azure-storage-blob')}"


@dataclass(frozen=True, slots=True)
class Bench:
    """Uploads one file, each time in a process of its own."""

    children: Children
    plan: Plan
    bytes: int

    def measure(self, jobs: Sequence[Job]) -> tuple[list[Taken], int]:
        """Let uploads take their turns; return the medians of each."""
        turns = [_Turn(self, job) for job in jobs]
        _, rounds = interleave(self.plan, *turns)
        return [_medians(turn.taken) for turn in turns], rounds

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


def rows(children: Children, plan: Plan) -> Iterator[Row]:
    """Measure all; the files are gone afterwards."""
    with TemporaryDirectory(prefix="maas-bench-") as name:
        folder = Path(name)
        bench, file = Bench(children, plan, SIZE), _file(folder / "large", SIZE)
        with discarding() as address:
            yield from _sending(bench, Job(who="ours", container=f"{address}/account/data", file=file))
        make(folder, "127.0.0.1")
        with discarding(folder / "server.pem") as address:
            authority = str(folder / "ca.pem")
            job = Job(who="ours", container=f"{address}/account/data", file=file, authority=authority)
            yield _over_tls(bench, job)
        bench, file = Bench(children, plan, SMALL), _file(folder / "small", SMALL)
        try:
            with running(azurite(), children) as server:
                container, sas = azurite_container(server.endpoint)
                yield from _on_azurite(bench, Job(who="ours", container=container, sas=sas, file=file))
        except Absent as reason:
            print(f"skipped: uploads to Azurite: {reason}", file=sys.stderr)


def _sending(bench: Bench, four: Job) -> Iterator[Row]:
    """Compare on the server that keeps nothing."""
    ours: Mapping[str, Job] = {
        "sync, 4 at once": four,
        "async, 4 at once": replace(four, who="ours async"),
        "sync, 1": replace(four, parallel=1),
        "sync, 2": replace(four, parallel=2),
        "sync, 8": replace(four, parallel=8),
        "sync, 4, MD5": replace(four, sums=True),
        "async, 4, MD5": replace(four, who="ours async", sums=True),
    }
    azure = replace(four, who="azure")
    theirs: Mapping[str, Job] = {
        "defaults": replace(azure, parallel=1),
        "4 at once": azure,
        "8 at once": replace(azure, parallel=8),
        "4, validate_content": replace(azure, sums=True),
    }
    taken, rounds = bench.measure([*ours.values(), *theirs.values(), replace(four, who="raw")])
    mine, others = dict(zip(ours, taken, strict=False)), dict(zip(theirs, taken[len(ours) :], strict=False))
    raw = taken[-1]

    def row(what: str, mine: float, other: float, other_is: str, target: float | None = None) -> Row:
        shown = f"{what}, {bench.speed(mine)} against {bench.speed(other)} MB/s"
        return Row(what=shown, ours=mine, peer=other, peer_is=other_is, target=target, rounds=rounds)

    fast, summed = others["4 at once"], others["4, validate_content"]
    for name in ("sync, 4 at once", "async, 4 at once"):
        yield row(f"sending, {name}", mine[name].sending_ms, fast.milliseconds, f"{AZURE}, 4", OF_AZURE)
        yield row(f"sending, {name}", mine[name].sending_ms, raw.milliseconds, "raw sockets, 4", OF_RAW)
        mine_cpu, cpu = bench.per_gib(mine[name].sending_cpu_ms), bench.per_gib(fast.cpu_ms)
        yield Row(
            what=f"sending, {name}, processor time per GiB",
            ours=mine_cpu,
            peer=cpu,
            peer_is=f"{AZURE}, 4",
            unit="s",
            target=OF_AZURES_CPU,
            rounds=rounds,
        )
    for name, other in (("sync, 1", "defaults"), ("sync, 2", "4 at once"), ("sync, 8", "8 at once")):
        yield row(f"sending, {name}", mine[name].sending_ms, others[other].milliseconds, f"{AZURE}, {other}")
    for name in ("sync, 4, MD5", "async, 4, MD5"):
        peer = f"{AZURE}, 4, validate_content"
        yield row(f"sending, {name}", mine[name].sending_ms, summed.milliseconds, peer, OF_AZURE_WITH_SUMS)
        yield row(f"whole, {name}", mine[name].milliseconds, summed.milliseconds, peer)
        mine_cpu, cpu = bench.per_gib(mine[name].cpu_ms), bench.per_gib(summed.cpu_ms)
        what = f"whole, {name}, processor time per GiB"
        yield Row(what=what, ours=mine_cpu, peer=cpu, peer_is=peer, unit="s", rounds=rounds)
        yield Row(
            what=f"peak memory, {name}",
            ours=mine[name].peak_mib,
            peer=summed.peak_mib,
            peer_is=peer,
            unit="MiB",
            compared="ours",
            target=PEAK_MIB,
            rounds=rounds,
        )
    yield row("whole, sync, 4", mine["sync, 4 at once"].milliseconds, fast.milliseconds, f"{AZURE}, 4")


def _over_tls(bench: Bench, job: Job) -> Row:
    (ours, theirs), rounds = bench.measure([job, replace(job, who="azure")])
    what = f"sending over TLS, sync, 4, {bench.speed(ours.sending_ms)} against {bench.speed(theirs.milliseconds)} MB/s"
    peer, target = f"{AZURE}, 4", OF_AZURE_OVER_TLS
    return Row(what=what, ours=ours.sending_ms, peer=theirs.milliseconds, peer_is=peer, target=target, rounds=rounds)


def _on_azurite(bench: Bench, job: Job) -> Iterator[Row]:
    azure = replace(job, who="azure")
    taken, rounds = bench.measure([job, replace(job, sums=True), azure, replace(azure, sums=True)])
    for what, ours, theirs in (("4", taken[0], taken[2]), ("4, MD5", taken[1], taken[3])):
        speeds = f"{bench.speed(ours.milliseconds)} against {bench.speed(theirs.milliseconds)} MB/s"
        yield Row(
            what=f"whole, to Azurite, sync, {what}, {speeds}",
            ours=ours.milliseconds,
            peer=theirs.milliseconds,
            peer_is=f"{AZURE}, the same",
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
        print(table(list(rows(Children(Path(directory) / "bytecode"), Plan(seconds=90)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
