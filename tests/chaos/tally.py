"""What many runs came to: counted, added up, and told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.running import Run

GRAVE = ("created twice", "credentials sent", "retry storm", "ignored a truncated stream")
"""The server's charges that hold whatever else it said; the others suppose that it told the truth before."""


@dataclass
class Tally:
    """Counts of runs and of calls; `failures` say by seed what should never be."""

    runs: int = 0
    successes: int = 0
    errors: Counter[str] = field(default_factory=Counter[str])
    others: int = 0
    duplicates: int = 0
    leaks: int = 0
    hangs: int = 0
    charges: int = 0
    failures: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def count(self, seed: int, run: Run) -> None:
        """Add a run."""
        charges = [charge for charge in run.charges if charge.startswith(GRAVE)]
        self.runs += 1
        self.successes += sum(not outcome.error for outcome in run.outcomes)
        self.errors.update(outcome.error for outcome in run.outcomes if outcome.error and outcome.ours)
        self.others += len(run.others) + len(run.crashes)
        self.duplicates += len(run.duplicates)
        self.leaks += len(run.leaks)
        self.hangs += len(run.hangs)
        self.charges += len(charges)
        wrong = [f"{outcome.step}: {outcome.said}" for outcome in run.others + run.hangs]
        wrong += run.crashes + run.duplicates + run.leaks + charges
        if wrong:
            self.failures[seed] = wrong

    def add(self, other: Tally) -> None:
        """Add what somebody else has counted."""
        self.runs += other.runs
        self.successes += other.successes
        self.errors.update(other.errors)
        self.others += other.others
        self.duplicates += other.duplicates
        self.leaks += other.leaks
        self.hangs += other.hangs
        self.charges += other.charges
        self.failures |= other.failures

    def lines(self) -> list[str]:
        """Tell it, with the seeds of what should never be."""
        kinds = ", ".join(f"{name} {count:,}" for name, count in self.errors.most_common())
        figures = {
            "runs": f"{self.runs:,}",
            "calls that succeeded": f"{self.successes:,}",
            "calls that ended in an error of ours": f"{self.errors.total():,} ({kinds})",
            "calls that ended in anything else": f"{self.others:,}",
            "duplicates created": f"{self.duplicates:,}",
            "secrets leaked": f"{self.leaks:,}",
            "hangs": f"{self.hangs:,}",
            "grave charges of the server": f"{self.charges:,}",
        }
        told = [f"{name:<38}{figure}" for name, figure in figures.items()]
        for seed, wrong in sorted(self.failures.items()):
            told += [f"seed {seed}: {line}" for line in wrong] + [f"  again: python -m tests.chaos --seed {seed}"]
        return told
