"""The way everything is measured: in turns, medians, a row of a table. Nothing here knows what is measured."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

FEWEST = 3
"""Rounds that are made even when the time for a row is used up."""

ROUNDS = 11
"""Rounds per row, unless the command line says otherwise."""

Compared = Literal["ratio", "difference", "ours"]
"""What a target is set on: ours / peer, ours - peer, or ours alone."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often to measure, and the seconds after which a row stops short of it."""

    rounds: int = ROUNDS
    seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. Values are in `unit`; without a target a row only informs."""

    what: str
    ours: float
    peer: float
    peer_is: str
    unit: str = "ms"
    compared: Compared = "ratio"
    target: float | None = None
    rounds: int = 1

    @property
    def ratio(self) -> float:
        """Ours divided by the peer's."""
        return self.ours / self.peer

    @property
    def measured(self) -> float:
        """What the target is set on."""
        return {"ratio": self.ratio, "difference": self.ours - self.peer, "ours": self.ours}[self.compared]

    @property
    def shown(self) -> str:
        """The comparison in words: a difference where the target is one, else the ratio."""
        return f"{self.measured:+.1f} {self.unit}" if self.compared == "difference" else f"{self.ratio:.2f}"

    @property
    def verdict(self) -> str:
        """`ok` or `over`; nothing without a target."""
        if self.target is None:
            return ""
        return "ok" if self.measured <= self.target else "over"

    @property
    def wanted(self) -> str:
        """The target in words."""
        if self.target is None:
            return ""
        unit = "" if self.compared == "ratio" else f" {self.unit}"
        sign = "+" if self.compared == "difference" else ""
        return f"<= {sign}{self.target:g}{unit}"

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "what": self.what,
            "ours": self.ours,
            "peer": self.peer,
            "peer_is": self.peer_is,
            "unit": self.unit,
            "ratio": self.ratio,
            "compared": self.compared,
            "measured": self.measured,
            "target": self.target,
            "verdict": self.verdict,
            "rounds": self.rounds,
        }


def interleave(plan: Plan, *contestants: Callable[[], float]) -> tuple[list[float], int]:
    """Let each one measure in turn, round after round; return the medians, and how many rounds there were."""
    taken: list[list[float]] = [[] for _ in contestants]
    end = time.perf_counter() + plan.seconds
    rounds = 0
    while rounds < plan.rounds and (rounds < FEWEST or time.perf_counter() < end):
        for one, contestant in zip(taken, contestants, strict=True):
            one.append(contestant())
        rounds += 1
    return [median(one) for one in taken], rounds


async def interleave_async(plan: Plan, *contestants: Callable[[], Awaitable[float]]) -> tuple[list[float], int]:
    """Do what `interleave` does, for contestants that are awaited."""
    taken: list[list[float]] = [[] for _ in contestants]
    end = time.perf_counter() + plan.seconds
    rounds = 0
    while rounds < plan.rounds and (rounds < FEWEST or time.perf_counter() < end):
        for one, contestant in zip(taken, contestants, strict=True):
            one.append(await contestant())
        rounds += 1
    return [median(one) for one in taken], rounds


def table(rows: Sequence[Row]) -> str:
    """Draw the rows as one table of plain text."""
    lines = [("what", "ours", "peer", "ratio", "target", "", "peer is")]
    for row in rows:
        ours, peer = (
            f"{value:.3g} {row.unit}" if value < 100 else f"{value:.0f} {row.unit}" for value in (row.ours, row.peer)
        )
        lines.append((row.what, ours, peer, row.shown, row.wanted, row.verdict, row.peer_is))
    return aligned(lines)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Put cells under one another."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
