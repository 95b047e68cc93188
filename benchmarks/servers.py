"""The mock server against moto's and Azurite's: start, memory, small requests, block uploads.

`python -m benchmarks.servers` measures these rows alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import Plan, Row, interleave, table
from benchmarks.processes import Children
from benchmarks.servers_load import milliseconds
from benchmarks.servers_peers import BLOCK, Absent, Contender, azurite, moto, ours, running

SMALL_PER_ROUND = 300
BLOCKS_PER_ROUND = 8
START_MS = 500.0
RESIDENT_MIB = 60.0


def rows(children: Children, plan: Plan) -> Iterator[Row]:
    """Measure whole servers, every one of them in every round."""
    contenders = [ours(), *_peers()]
    starts, rounds = interleave(plan, *(partial(_start, contender, children) for contender in contenders))
    for peer, value in zip(contenders[1:], starts[1:], strict=True):
        yield replace(_row("start to first answer", starts[0], value, peer, rounds), compared="ours", target=START_MS)
    with ExitStack() as stack:
        servers = [stack.enter_context(running(contender, children)) for contender in contenders]
        loads = [contender.prepare(one.endpoint) for contender, one in zip(contenders, servers, strict=True)]
        small, rounds = interleave(plan, *(partial(milliseconds, one.small, SMALL_PER_ROUND) for one in loads))
        for peer, value in zip(contenders[1:], small[1:], strict=True):
            rate = f"small GET, {1000 / small[0]:.0f} against {1000 / value:.0f} a second"
            yield _row(rate, small[0], value, peer, rounds)
        block, rounds = interleave(plan, *(partial(milliseconds, one.block, BLOCKS_PER_ROUND) for one in loads))
        for peer, value in zip(contenders[1:], block[1:], strict=True):
            rate = f"block of 4 MiB, {_speed(block[0]):.0f} against {_speed(value):.0f} MB/s"
            row = _row(rate, block[0], value, peer, rounds)
            yield replace(row, target=1.0) if peer.name == "Azurite" else row
        memory = [one.resident_mib() for one in servers]
        for peer, value in zip(contenders[1:], memory[1:], strict=True):
            row = _row("memory after these loads", memory[0], value, peer, 1)
            yield replace(row, unit="MiB", compared="ours", target=RESIDENT_MIB)


def _peers() -> Iterator[Contender]:
    """Give the peers that are here; the others are skipped by name."""
    makers: dict[str, Callable[[], Contender]] = {"moto": moto, "Azurite": azurite}
    for name, make in makers.items():
        try:
            yield make()
        except Absent as reason:
            print(f"skipped: {name}: {reason}", file=sys.stderr)


def _start(contender: Contender, children: Children) -> float:
    with running(contender, children) as started:
        return started.start_ms


def _row(what: str, mine: float, value: float, peer: Contender, rounds: int) -> Row:
    return Row(what=f"mock server, {what}", ours=mine, peer=value, peer_is=peer.name, rounds=rounds)


def _speed(taken: float) -> float:
    return BLOCK / 1e6 / (taken / 1000)


def main() -> int:
    """Measure these rows alone and print them."""
    with TemporaryDirectory(prefix="maas-bench-") as directory:
        print(table(list(rows(Children(Path(directory) / "bytecode"), Plan()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
