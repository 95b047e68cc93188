"""The steps of `maas verify`: what each does, what it costs, and which operations it sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maas_client.contract.operation import Surface
from maas_client.verification.step import SURFACES, Step
from maas_client.verification.steps import STEPS

USE = (
    "What [`maas verify`](verify.md) does, in its order: the level that a step begins with, what it costs, how long it "
    "may take before it is reported as slow, and the operations of the contract that it may send."
)
TITLES = {
    Surface.AZURE_ML: "Azure Machine Learning",
    Surface.OWN_COMPUTE: "Own compute",
    Surface.FOUNDRY: "Azure AI Foundry",
}


def page() -> str:
    """Return the page."""
    parts = ["# Steps of a verification", USE]
    for surface in SURFACES:
        parts += [f"## {TITLES[surface]}", _table(step for step in STEPS if step.surface == surface)]
    return "\n\n".join(parts) + "\n"


def _table(steps: Iterator[Step]) -> str:
    rows = [("step", "level", "what it does", "cost", "slow after", "operations"), ("---",) * 6]
    rows += [_row(step) for step in steps]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(step: Step) -> Sequence[str]:
    operations = ", ".join(f"`{name}`" for name in sorted(set(step.operations)))
    return step.name, step.level, step.says, step.price, f"{step.expected:,.0f} s", operations
