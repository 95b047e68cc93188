"""What an attack came to: counts, the longest time of each kind, and what should never have happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

SHOWN = 10
"""Failures that are printed of an attack."""


@dataclass
class Figures:
    """The figures of one attack; `failures` name the seed, so that the round can be repeated."""

    attack: str
    counts: Counter[str] = field(default_factory=Counter[str])
    longest: dict[str, float] = field(default_factory=dict[str, float])
    failures: list[str] = field(default_factory=list[str])

    def count(self, what: str, by: int = 1) -> None:
        """Add to a count."""
        self.counts[what] += by

    def fail(self, seed: int, why: str) -> None:
        """Record a failure."""
        self.failures.append(f"seed {seed}: {why}")

    @contextmanager
    def timed(self, what: str) -> Generator[None]:
        """Record how long the block took, if it took longer than any before."""
        begun = monotonic()
        try:
            yield
        finally:
            self.longest[what] = max(self.longest.get(what, 0.0), monotonic() - begun)

    def lines(self, seconds: float) -> list[str]:
        """Return the figures for a reader; `seconds` is how long the attack ran."""
        lines = [f"{self.attack}: {seconds:.1f} s"]
        for what, count in sorted(self.counts.items()):
            lines.append(f"  {what:42} {count:9,} {count / max(seconds, 0.001):9.1f}/s")
        lines += [f"  longest {what:34} {longest:9.2f} s" for what, longest in sorted(self.longest.items())]
        lines.append(f"  {'failures':42} {len(self.failures):9,}")
        return lines + [f"    {failure}" for failure in self.failures[:SHOWN]]
