"""The report of a verification: what was run, what differs, how long it took, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from ..contract.operation import Level, Surface
from ..core.plain_values import PlainValue
from .cleanup import Leftover
from .coverage import FieldCoverage, coverage_of
from .findings import VerificationFinding
from .observation import Observation
from .price import VerificationPrice

State = Literal["running", "done", "failed", "skipped"]
Ending = Literal["", "interrupted", "time limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationStep(PlainValue):
    """One step as it went.

    Args:
        name, surface, level: those of the step.
        state: `done`, `failed` (the client raised an error), `skipped`, or `running`.
        expected: seconds within which it is expected to end.
        seconds: how long it took.
        requests: how many requests it sent.
        reason: why it was skipped or failed, with names: not for others.
        note: the same as far as others may know it; empty for a text of the service's.
        error: the class of the error.
        status: its HTTP status, if it has one.
        code: the service's own word for it.
        states: seconds by state, where something was waited for.
    """

    name: str
    surface: str
    level: str
    state: State
    expected: float = 0.0
    seconds: float = 0.0
    requests: int = 0
    reason: str = ""
    note: str = ""
    error: str = ""
    status: int | None = None
    code: str = ""
    states: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationTime(PlainValue):
    """How long the answers of one operation took, in seconds."""

    operation: str
    count: int
    median: float
    slowest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageCount(PlainValue):
    """How often an operation was answered by load or an outage: a status, or None for no whole answer."""

    operation: str
    status: int | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder(PlainValue):
    """Something that the clean-up could not remove, and the command that removes it."""

    kind: str
    name: str
    why: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport(PlainValue):
    """What a verification found.

    Args:
        surfaces, level: what was verified.
        name: what the names of everything that it made begin with.
        model: the base model.
        version: of this library.
        api_versions: operations' api-versions, as sent.
        started_at: when, in seconds since 1970.
        seconds: how long it took in all.
        price: what it might have cost at most.
        steps: each step as it went.
        findings: what differs, contradictions first.
        times: per operation.
        fields: per operation, which known fields were in an answer.
        outages: answers that show load or an outage.
        removed: how many things the clean-up removed.
        remainders: what it could not remove.
        ended: why not every step was reached: `interrupted` or `time limit`.
        is_mock: whether the service is on this machine.
        cloud: the name of the cloud.
        platform: Python's version, and the name of the operating system.
    """

    surfaces: tuple[Surface, ...]
    level: Level
    name: str
    model: str
    version: str
    api_versions: tuple[str, ...]
    started_at: float
    seconds: float
    price: VerificationPrice
    steps: tuple[VerificationStep, ...]
    findings: tuple[VerificationFinding, ...]
    times: tuple[OperationTime, ...] = ()
    fields: tuple[FieldCoverage, ...] = ()
    outages: tuple[OutageCount, ...] = ()
    removed: int = 0
    remainders: tuple[Remainder, ...] = ()
    ended: Ending = ""
    is_mock: bool = False
    cloud: str = ""
    platform: str = ""

    @property
    def contradictions(self) -> tuple[VerificationFinding, ...]:
        """What this library relies on, and is not so."""
        return tuple(one for one in self.findings if one.is_contradiction)

    @property
    def additions(self) -> tuple[VerificationFinding, ...]:
        """What this library does not know, and does not mind."""
        return tuple(one for one in self.findings if not one.is_contradiction)

    @property
    def failed(self) -> tuple[VerificationStep, ...]:
        """The steps that ended with an error."""
        return tuple(one for one in self.steps if one.state == "failed")

    @property
    def ok(self) -> bool:
        """Whether every step that was possible was done, nothing contradicts the contract, and nothing is left."""
        return not (self.contradictions or self.failed or self.remainders or self.ended)


def times_of(observations: Iterable[Observation]) -> tuple[OperationTime, ...]:
    """Return how long the answers of each operation took, in the order of their names."""
    seconds: dict[str, list[float]] = {}
    for one in observations:
        if one.operation and one.status is not None:
            seconds.setdefault(one.operation, []).append(one.seconds)
    return tuple(
        OperationTime(operation=name, count=len(each), median=round(median(each), 3), slowest=round(max(each), 3))
        for name, each in sorted(seconds.items())
    )


def fields_of(observations: Iterable[Observation]) -> tuple[FieldCoverage, ...]:
    """Return which known fields the answers of each operation had."""
    seen: dict[str, set[str]] = {}
    for one in observations:
        if one.operation:
            seen.setdefault(one.operation, set()).update(one.fields)
    return coverage_of(seen)


def outages_of(observations: Iterable[Observation]) -> tuple[OutageCount, ...]:
    """Return how often each operation was answered by load or an outage."""
    counts: dict[tuple[str, int | None], int] = {}
    for one in observations:
        if one.is_outage:
            key = (one.operation or one.request, one.status)
            counts[key] = counts.get(key, 0) + 1
    return tuple(OutageCount(operation=name, status=status, count=count) for (name, status), count in counts.items())


def remainder_of(left: Leftover) -> Remainder:
    """Return a leftover with its command line."""
    return Remainder(kind=left.kind, name=left.name, why=left.why, command=" ".join(("maas", *left.command)))
