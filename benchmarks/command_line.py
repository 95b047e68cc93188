"""`maas --help` and `maas jobs list` against a script that does the same through the openai SDK."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Plan, Row, interleave
from benchmarks.openai_listing import serve_listing
from benchmarks.processes import Children, Running
from benchmarks.workspace import JOBS, variables

MAAS = ("-m", "maas_client")
SCRIPT = "benchmarks/openai_script.py"


def rows(children: Children, plan: Plan, running: Running) -> Iterator[Row]:
    """Measure whole processes; both listings have as many jobs, each from a server on this machine."""
    named = variables(running)
    (ours, peer), rounds = interleave(
        plan,
        lambda: children.milliseconds([*MAAS, "--help"]),
        lambda: children.milliseconds([SCRIPT, "--help"]),
    )
    yield Row(what="maas --help", ours=ours, peer=peer, peer_is="openai script --help", target=0.4, rounds=rounds)
    with serve_listing(JOBS) as base_url:
        (ours, peer), rounds = interleave(
            plan,
            lambda: children.milliseconds([*MAAS, "jobs", "list"], named),
            lambda: children.milliseconds([SCRIPT, "--base-url", base_url]),
        )
    what, peer_is = f"maas jobs list ({JOBS} jobs)", f"openai script, {JOBS} jobs"
    yield Row(what=what, ours=ours, peer=peer, peer_is=peer_is, target=0.4, rounds=rounds)
