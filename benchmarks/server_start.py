"""How soon the mock server answers after its start, and how much memory it takes, against Starlette alone."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from benchmarks.harness import Plan, Row, interleave
from benchmarks.processes import Children, Running, server

PEER = "Starlette and uvicorn, one route"


def rows(children: Children, plan: Plan, busy: Running) -> Iterator[Row]:
    """Measure whole processes; `busy` is a server that has worked, for its memory."""
    fresh: list[float] = []

    def ours() -> float:
        with server(children, "-m", "mock_server", "--port", "0") as running:
            return running.start_ms

    def theirs() -> float:
        with server(children, "benchmarks/bare_server.py") as running:
            fresh.append(running.peak_mib())
            return running.start_ms

    (mine, bare), rounds = interleave(plan, ours, theirs)
    yield Row(
        what="mock server, start to first answer",
        ours=mine,
        peer=bare,
        peer_is=PEER,
        compared="ours",
        target=500,
        rounds=rounds,
    )
    peak, peer = busy.peak_mib(), fresh[-1]
    if not isnan(peak):
        yield Row(what="mock server, peak memory after this run", ours=peak, peer=peer, peer_is=PEER, unit="MiB")
