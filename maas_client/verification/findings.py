"""What differs, put together: the same difference of several answers is one finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ..contract.differences import ADDITIONS
from ..contract.operation import Surface
from ..contract.table import OPERATIONS
from ..core.plain_values import PlainValue
from .observation import Observation
from .step_context import Violation

BETWEEN, UNKNOWN_REQUEST = "between answers", "unknown request"
"""Kinds of findings besides those of a single answer."""

_FILES = {
    Surface.AZURE_ML: "azure_ml",
    Surface.OWN_COMPUTE: "own_compute",
    Surface.SERVERLESS: "serverless",
    Surface.STORAGE: "storage",
    Surface.FOUNDRY: "foundry",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationFinding(PlainValue):
    """One difference between the service and what this library knows of it.

    Args:
        operation: the operation's name in the contract; empty for what holds between several.
        kind: what is different, such as `missing field`.
        where: a status, a header, a JSON pointer, or a description.
        expected, found: in words; never a value of an answer.
        steps: the steps that found it.
        count: how many answers have it.
        is_contradiction: whether the library relies on what is different; an addition is only news.
        source: where the expectation comes from.
        file: the file of this library that has the expectation.
    """

    operation: str
    kind: str
    where: str
    expected: str
    found: str
    steps: tuple[str, ...]
    count: int = 1
    is_contradiction: bool = True
    source: str = ""
    file: str = ""

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        what = self.operation or ", ".join(self.steps)
        return f"{what}: {self.kind} at {self.where or 'the body'}: expected {self.expected}, found {self.found}"


def findings_of(
    observations: Iterable[Observation], violations: Sequence[Violation]
) -> tuple[VerificationFinding, ...]:
    """Return what differs, contradictions first, each in the order in which it was seen."""
    steps: dict[tuple[str, str, str, str, str], dict[str, int]] = {}
    for one in observations:
        keys = [(each.operation, str(each.kind), each.where, each.expected, each.found) for each in one.differences]
        if not one.operation:
            keys = [("", UNKNOWN_REQUEST, one.request, "an operation of the contract", "none")]
        for key in keys:
            counts = steps.setdefault(key, {})
            counts[one.step] = counts.get(one.step, 0) + 1
    found = [_finding(*key, counts) for key, counts in steps.items()]
    found += [
        VerificationFinding(
            operation=one.operation,
            kind=BETWEEN if one.kind is None else one.kind,
            where=one.where,
            expected=one.expected,
            found=one.found,
            steps=(one.step,),
            file="maas_client/verification/steps.py",
        )
        for one in violations
    ]
    return tuple(sorted(found, key=lambda one: not one.is_contradiction))


def shared(finding: VerificationFinding, clean: Callable[[str], str]) -> VerificationFinding:
    """Return a finding in which what the service wrote has gone through `clean`."""
    return replace(finding, where=clean(finding.where), found=clean(finding.found))


def _finding(
    operation: str, kind: str, where: str, expected: str, found: str, counts: dict[str, int]
) -> VerificationFinding:
    known = OPERATIONS.get(operation)
    return VerificationFinding(
        operation=operation,
        kind=kind,
        where=where,
        expected=expected,
        found=found,
        steps=tuple(counts),
        count=sum(counts.values()),
        is_contradiction=kind not in ADDITIONS,
        source="" if known is None else known.source,
        file="" if known is None else f"maas_client/contract/operations/{_FILES[known.surface]}.py",
    )
