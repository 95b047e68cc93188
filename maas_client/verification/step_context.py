"""What the steps of one verification share: the resources, names, what was made, and what did not hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.errors import MaasError, NotFound
from .cleanup import Made

if TYPE_CHECKING:
    from ..jobs.job import Job
    from ..resources import Resources

T = TypeVar("T")

TAG = "maas-verify"
"""The tag of everything that a verification makes and that can have one; its value is the name of the run."""


class NotPossible(MaasError):
    """A step cannot be done here, for a reason that does not concern the contract."""


SLOW, FOREIGN = "slower than expected", "another host"
"""Kinds of violations besides what does not hold between answers."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that does not hold between the answers of one step, or from one step to the next.

    `where` says of what, without a name; `expected` and `found` are words that may be shared. `kind` is given where it
    is something else, such as a time, and `operation` where it shows in the answers of one.
    """

    step: str
    where: str
    expected: str
    found: str
    kind: str | None = None
    operation: str = ""


@dataclass(slots=True)
class StepContext:
    """What the steps share.

    Args:
        maas: the resources, over a wire that watches.
        clock: a monotonic clock.
        prefix: what every name begins with.
        rows: a file of 20 rows.
        folder: a temporary folder.
        model: the base model.
        instance_type: the size of machines on own compute; None where none can be had.
        lacks: why there is none.
        made: what has been made, and is not known to be gone.
        found: what a step found, for those after it.
        violations: what did not hold.
        spent: seconds by step and state, as far as states were seen.
    """

    maas: Resources
    clock: Callable[[], float]
    prefix: str
    rows: Path
    folder: Path
    model: str
    instance_type: str | None = None
    lacks: str = ""
    made: list[Made] = field(default_factory=list[Made])
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    violations: list[Violation] = field(default_factory=list[Violation])
    spent: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    step: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """The tag of what is made."""
        return {TAG: self.prefix}

    def name(self, suffix: str) -> str:
        """Return a name of ours."""
        return f"{self.prefix}-{suffix}"

    def make(self, made: Made) -> None:
        """Note what is about to be made, so that it is removed at the end, whatever happens."""
        if made not in self.made:
            self.made.append(made)

    def removed(self, kind: str, name: str) -> None:
        """Note that something is gone."""
        self.made = [one for one in self.made if (one.kind, one.name) != (kind, name)]

    def expect(self, holds: bool, where: str, *, expected: str, found: str) -> None:
        """Note a violation unless something holds."""
        if not holds:
            self.violations.append(Violation(self.step, where, expected, found))

    async def expect_missing(self, where: str, reading: Awaitable[object]) -> bool:
        """Expect that reading something raises NotFound; return whether it did."""
        try:
            await reading
        except NotFound:
            return True
        self.expect(False, where, expected="404", found="it is still there")
        return False

    def in_state(self, state: str, since: float) -> float:
        """Note that something has been in a state since then, until now; return now."""
        now = self.clock()
        key = (self.step, state)
        self.spent[key] = self.spent.get(key, 0.0) + now - since
        return now

    async def until_ended(self, name: str, *, timeout: float) -> Job:
        """Follow a job to its end, and note how long it is in each state."""
        since, last = self.clock(), None
        try:
            async for job in self.maas.jobs.watch(name, timeout=timeout):
                if last is not None:
                    since = self.in_state(last.status.value, since)
                last = job
        except MaasError:
            if last is not None:
                self.in_state(last.status.value, since)
            raise
        assert last is not None
        return last
