"""The totals of many runs, and the lines that report them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.running import Run

RELIABLE_CHARGES = ("created twice", "credentials sent", "retry storm", "ignored a truncated stream")
"""The charges that hold even where a fault changed earlier answers; the others suppose that those were true."""


@dataclass
class Tally:
    """Counts of runs and of calls; `failures` are by seed."""

    runs: int = 0
    successes: int = 0
    errors: Counter[str] = field(default_factory=Counter[str])
    unexpected: int = 0
    duplicates: int = 0
    leaks: int = 0
    hangs: int = 0
    charges: int = 0
    failures: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def count(self, seed: int, run: Run) -> None:
        """Add a run."""
        charges = [charge for charge in run.charges if charge.startswith(RELIABLE_CHARGES)]
        self.runs += 1
        self.successes += sum(not outcome.error for outcome in run.outcomes)
        self.errors.update(outcome.error for outcome in run.outcomes if outcome.error and outcome.is_client_error)
        self.unexpected += len(run.unexpected) + len(run.crashes)
        self.duplicates += len(run.duplicates)
        self.leaks += len(run.leaks)
        self.hangs += len(run.hangs)
        self.charges += len(charges)
        wrong = [f"{outcome.step}: {outcome.message}" for outcome in run.unexpected + run.hangs]
        wrong += run.crashes + run.duplicates + run.leaks + charges
        if wrong:
            self.failures[seed] = wrong

    def add(self, other: Tally) -> None:
        """Add another tally."""
        self.runs += other.runs
        self.successes += other.successes
        self.errors.update(other.errors)
        self.unexpected += other.unexpected
        self.duplicates += other.duplicates
        self.leaks += other.leaks
        self.hangs += other.hangs
        self.charges += other.charges
        self.failures |= other.failures

    def lines(self) -> list[str]:
        """Return the report, with the seeds of failures."""
        kinds = ", ".join(f"{name} {count:,}" for name, count in self.errors.most_common())
        figures = {
            "runs": f"{self.runs:,}",
            "calls that succeeded": f"{self.successes:,}",
            "calls that ended in a client error": f"{self.errors.total():,} ({kinds})",
            "calls that ended in anything else": f"{self.unexpected:,}",
            "duplicates created": f"{self.duplicates:,}",
            "secrets leaked": f"{self.leaks:,}",
            "hangs": f"{self.hangs:,}",
            "reliable charges of the server": f"{self.charges:,}",
        }
        lines = [f"{name:<38}{figure}" for name, figure in figures.items()]
        for seed, wrong in sorted(self.failures.items()):
            lines += [f"seed {seed}: {line}" for line in wrong] + [f"  again: python -m tests.chaos --seed {seed}"]
        return lines
