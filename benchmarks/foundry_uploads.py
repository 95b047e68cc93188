"""Uploads to a Foundry account against openai's SDK, to a server that keeps nothing: time and memory.

`python -m benchmarks.foundry_uploads` measures these rows alone. Ours reads the file twice: for the hash that lets it
be uploaded once, and then to send it, and in one request hashes it again, so that no other content is ever sent; the
SDK reads and sends it once. In parts, ours sends several at a time, with the checksum of the whole file; the SDK sends
one after another, without. Hashes take most of ours here, and no time that a network would not take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.discard import discarding
from benchmarks.foundry_child import Job, Taken
from benchmarks.harness import Plan, Row, interleave, table
from benchmarks.processes import ROOT, Children

SMALL, LARGE = 256 << 20, 576 << 20
LONGEST = 120.0
"""Seconds that one upload may take."""

PEAK_MIB = 100.0


@dataclass(frozen=True, slots=True)
class _Turn:
    """One contestant, and what each of its turns took."""

    children: Children
    folder: Path
    job: Job
    taken: list[Taken] = field(default_factory=list[Taken])

    def __call__(self) -> float:
        command = [sys.executable, "-m", "benchmarks.foundry_child", json.dumps(asdict(self.job))]
        settings = self.children.environment({"XDG_STATE_HOME": str(self.folder / "state")})
        done = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, check=False, timeout=LONGEST)
        if done.returncode:
            raise RuntimeError(f"{self.job.who} failed:\n{done.stderr.decode()}")
        self.taken.append(Taken(**json.loads(done.stdout)))
        return self.taken[-1].milliseconds

    @property
    def milliseconds(self) -> float:
        return median(taken.milliseconds for taken in self.taken)

    @property
    def cpu_ms(self) -> float:
        return median(taken.cpu_ms for taken in self.taken)

    @property
    def peak_mib(self) -> float:
        return median(taken.peak_mib for taken in self.taken)


def rows(children: Children, plan: Plan) -> Iterator[Row]:
    """Measure both ways of uploading."""
    with TemporaryDirectory(prefix="maas-bench-") as name, discarding() as address:
        for size, in_parts, way in ((SMALL, False, "in one request"), (LARGE, True, "in parts")):
            file = _file(Path(name) / "train.jsonl", size)
            turns = {
                who: _Turn(children, Path(name), Job(who=who, address=address, file=file, in_parts=in_parts))
                for who in ("ours", "ours async", "openai")
            }
            _, rounds = interleave(plan, *turns.values())
            peer, peer_is = turns["openai"], f"openai {version('openai')}"
            for who in ("ours", "ours async"):
                kind = "sync" if who == "ours" else "async"
                what = f"upload {size >> 20} MiB to Foundry {way}, {kind}"
                yield Row(
                    what=what,
                    ours=turns[who].milliseconds,
                    peer=peer.milliseconds,
                    peer_is=peer_is,
                    rounds=rounds,
                )
                yield Row(
                    what=f"{what}, processor time",
                    ours=turns[who].cpu_ms,
                    peer=peer.cpu_ms,
                    peer_is=peer_is,
                    rounds=rounds,
                )
                yield Row(
                    what=f"{what}, peak memory",
                    ours=turns[who].peak_mib,
                    peer=peer.peak_mib,
                    peer_is=peer_is,
                    unit="MiB",
                    compared="ours",
                    target=PEAK_MIB,
                    rounds=rounds,
                )


def _file(path: Path, size: int) -> str:
    piece = os.urandom(1 << 20)
    with path.open("wb") as file:
        for number in range(size >> 20):
            file.write(number.to_bytes(8) + piece[8:])
    return str(path)


def main() -> int:
    """Measure these rows alone and print them."""
    with TemporaryDirectory(prefix="maas-bench-") as directory:
        print(table(list(rows(Children(Path(directory) / "bytecode"), Plan(rounds=5, seconds=60)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
