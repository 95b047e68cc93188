"""What `import maas_client` adds to bare Python, and what the client adds against the openai SDK's."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness import Plan, Row, interleave
from benchmarks.processes import Children


def rows(children: Children, plan: Plan) -> Iterator[Row]:
    """Measure whole processes."""
    (ours, bare), rounds = interleave(
        plan,
        lambda: children.milliseconds(["-c", "import maas_client"]),
        lambda: children.milliseconds(["-c", "pass"]),
    )
    yield Row(
        what="import maas_client",
        ours=ours,
        peer=bare,
        peer_is="python -c pass",
        compared="difference",
        target=40,
        rounds=rounds,
    )
    (ours, peer), rounds = interleave(
        plan,
        lambda: children.milliseconds(["-c", "from maas_client import MaasClient"]),
        lambda: children.milliseconds(["-c", "from openai import OpenAI"]),
    )
    yield Row(what="import MaasClient", ours=ours, peer=peer, peer_is="from openai import OpenAI", rounds=rounds)
