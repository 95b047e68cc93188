"""The check of datasets against others' on the same rows: speed, two processes, peak memory, and beside an upload.

`python -m benchmarks.dataset_check` measures these rows alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.dataset_peers import Peer, peers
from benchmarks.dataset_rows import Made, Talk, make
from benchmarks.harness import Plan, Row, interleave, table
from benchmarks.processes import ROOT, Children, server
from benchmarks.workspace import variables

SMALL = 128_000_000
LARGE = 2_000_000_000
ROOM = 5_000_000_000
"""Bytes that must be free on the disk for the large file to be written."""

LONGEST = 180.0
"""Seconds that one reading may take."""

OF_ONE_PROCESS, OF_THE_SLOWER = 0.588, 1.1
PEAK_MIB = 64.0

BOTH, ALL = "check and hash", "check, hash and survey"
KINDS: dict[Talk, str] = {"question": "rows of 3 messages", "conversation": "rows of 3 to 9"}
SHAPES: dict[Talk, str] = {
    "short": "short rows with long words",
    "question": "chats of 3",
    "conversation": "chats of 3 to 9",
    "code": "code with base64",
    "script": "Devanagari",
    "tools": "40 turns with tools",
}
SHAPED = 64_000_000
AS_FAST, BOTH_PROCESSORS = 1.0, 0.588


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reading took. `right` counts the rows that it found right, or the bytes that it sent."""

    milliseconds: float
    peak_mib: float
    right: int


def rows(children: Children, plan: Plan) -> Iterator[Row]:
    """Measure every reading in a process of its own, on files that are gone afterwards."""
    others = list(peers())
    with TemporaryDirectory(prefix="maas-bench-") as name:
        folder = Path(name)
        files = {talk: make(folder / f"{talk}.jsonl", SMALL, talk=talk) for talk in KINDS}
        for talk, kind in KINDS.items():
            yield from _speed(children, plan, others, files[talk], kind)
        yield from _default(children, plan, others, folder)
        small = files["question"]
        yield _beside_an_upload(children, plan, small, folder / "state")
        if shutil.disk_usage(folder).free < ROOM:
            print(f"skipped: {LARGE / 1e9:g} GB in two processes, and in bounded memory: no room", file=sys.stderr)
            return
        large = make(folder / "large.jsonl", LARGE)
        yield _in_two_processes(children, plan, large)
        yield from _memory(children, others[0], small, large)


def _speed(children: Children, plan: Plan, others: Sequence[Peer], made: Made, kind: str) -> Iterator[Row]:
    """Compare with everybody else's check, all in turn."""
    ours = [partial(_check, children, made, name) for name in (BOTH, ALL)]
    theirs = [partial(_check, children, made, peer.name, peer.environment) for peer in others]
    (both, everything, *values), rounds = interleave(plan, *ours, *theirs)
    speed = made.megabytes_per_second
    for peer, value in zip(others, values, strict=True):
        what = f"{BOTH}, {kind}, {speed(both):.0f} against {speed(value):.0f} MB/s"
        yield Row(what=what, ours=both, peer=value, peer_is=peer.shown, target=peer.target, rounds=rounds)
    what = f"{ALL}, {kind}, {speed(everything):.0f} against {speed(values[0]):.0f} MB/s"
    yield Row(what=what, ours=everything, peer=values[0], peer_is=others[0].shown, rounds=rounds)


def _default(children: Children, plan: Plan, others: Sequence[Peer], folder: Path) -> Iterator[Row]:
    """Compare the default check, in one process and as the command line runs it, with together's on six shapes."""
    together = next((peer for peer in others if peer.name == "together"), None)
    if together is None:
        return
    for talk, shape in SHAPES.items():
        made = make(folder / "shape.jsonl", SHAPED, talk=talk)
        (one, both, theirs), rounds = interleave(
            plan,
            partial(_check, children, made, "default check"),
            partial(_check, children, made, "default check, all processors"),
            partial(_check, children, made, together.name, together.environment),
        )
        speed = made.megabytes_per_second
        what = f"default check, {shape}, {speed(one):.0f} against {speed(theirs):.0f} MB/s"
        yield Row(what=what, ours=one, peer=theirs, peer_is=together.shown, target=AS_FAST, rounds=rounds)
        what = f"default check, {shape}, all processors, {speed(both):.0f} against {speed(one):.0f} MB/s"
        yield Row(what=what, ours=both, peer=one, peer_is="itself in one", target=BOTH_PROCESSORS, rounds=rounds)


def _beside_an_upload(children: Children, plan: Plan, made: Made, state: Path) -> Row:
    """Compare checking while uploading with what takes longer by itself; each upload is to a server that is new."""
    contestants = (
        partial(_check, children, made, "check"),
        partial(_send, children, made, "upload", state),
        partial(_send, children, made, "check and upload", state),
    )
    (check, upload, together), rounds = interleave(plan, *contestants)
    slower, peer_is = max((check, "check alone"), (upload, "upload alone"))
    speed = made.megabytes_per_second
    what = f"check and upload, {speed(together):.0f} against {speed(slower):.0f} MB/s"
    return Row(what=what, ours=together, peer=slower, peer_is=peer_is, target=OF_THE_SLOWER, rounds=rounds)


def _in_two_processes(children: Children, plan: Plan, made: Made) -> Row:
    contestants = [partial(_check, children, made, name) for name in ("check in two", "check")]
    (two, one), rounds = interleave(plan, *contestants)
    speed = made.megabytes_per_second
    what = f"check in two processes, {made.bytes / 1e9:.1f} GB, {speed(two):.0f} against {speed(one):.0f} MB/s"
    return Row(what=what, ours=two, peer=one, peer_is="check in one", target=OF_ONE_PROCESS, rounds=rounds)


def _memory(children: Children, peer: Peer, small: Made, large: Made) -> Iterator[Row]:
    """Compare the peaks of whole processes, Python and imports included, on a small and on a large file."""
    theirs = _read(children, small, peer.name, peer.environment)
    if isnan(theirs.peak_mib):
        print("skipped: peak memory: the system does not report it", file=sys.stderr)
        return
    for name in (BOTH, ALL):
        few = _read(children, small, name)
        yield _peak(name, small, few, theirs, f"{peer.shown}, the same file")
        try:
            yield _peak(name, large, _read(children, large, name), few, f"itself, {small.bytes / 1e6:.0f} MB")
        except subprocess.TimeoutExpired:
            print(f"skipped: peak memory, {name}: more than {LONGEST:.0f} s", file=sys.stderr)


def _peak(name: str, made: Made, taken: Taken, other: Taken, other_is: str) -> Row:
    what = f"peak memory, {name}, {made.bytes / 1e6:.0f} MB"
    mine, theirs = taken.peak_mib, other.peak_mib
    return Row(what=what, ours=mine, peer=theirs, peer_is=other_is, unit="MiB", compared="ours", target=PEAK_MIB)


def _check(children: Children, made: Made, name: str, environment: Mapping[str, str] | None = None) -> float:
    """Return the milliseconds of a reading."""
    return _read(children, made, name, environment).milliseconds


def _send(children: Children, made: Made, name: str, state: Path) -> float:
    """Return the milliseconds of an upload to a server that knows nothing yet."""
    with server(children, "-m", "mock_server", "--port", "0") as running:
        environment = variables(running) | {"XDG_STATE_HOME": str(state)}
        taken = _run(children, made, name, environment)
    if taken.right != made.bytes:
        raise RuntimeError(f"{name} sent {taken.right} bytes, and there are {made.bytes}")
    return taken.milliseconds


def _read(children: Children, made: Made, name: str, environment: Mapping[str, str] | None = None) -> Taken:
    """Return what a reading took, once it has found every row right: a program that skips rows is no peer."""
    taken = _run(children, made, name, environment)
    if taken.right != made.rows:
        raise RuntimeError(f"{name} found {taken.right} rows right, and there are {made.rows}")
    return taken


def _run(children: Children, made: Made, name: str, environment: Mapping[str, str] | None) -> Taken:
    """Let one read in a process of its own; one that fails, or takes too long, ends the benchmark."""
    command = [sys.executable, "-m", "benchmarks.dataset_child", name, str(made.path)]
    settings = children.environment(environment)
    done = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, check=False, timeout=LONGEST)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr.decode()}")
    return Taken(**json.loads(done.stdout))


def main() -> int:
    """Measure these rows alone and print them."""
    with TemporaryDirectory(prefix="maas-bench-") as directory:
        print(table(list(rows(Children(Path(directory) / "bytecode"), Plan(seconds=30)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
