"""What a seed stands for: several faults at once, how often and on what, and what else happens to the server."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.chaos.environment import KINDS, LATENCY, RunEnvironment
from tests.chaos.faults import FAULTS
from tests.chaos.scenario import OPERATIONS, STEPS

MOST = 7
"""Rules in force at once."""

GROUPS = ("*", "blob.*", "jobs.*", "endpoints.*", "data*", "history.*", "metrics.*", "operations.*", "registry.*")

UNREPEATABLE = frozenset({"429 until a date"})
"""Faults that depend on the second in which they strike: a run has to be the same each time."""


def _lose(environment: RunEnvironment) -> None:
    environment.server.lose()


def _sleep(environment: RunEnvironment) -> None:
    environment.advance(3 * 3600.0)


def _rotate(environment: RunEnvironment) -> None:
    """Another account key: every signature that was given out is void."""
    key = base64.b64encode(f"key at {environment.time:.0f}".encode().ljust(64, b".")).decode()
    httpx.post(f"{environment.server.endpoint}/_mock/state", json={"account_key": key}).raise_for_status()


EVENTS: Mapping[str, Callable[[RunEnvironment], None]] = {
    "everything is lost": _lose,
    "three hours pass": _sleep,
    "the account's key is another": _rotate,
}


@dataclass(frozen=True)
class Schedule:
    """The client, the rules, the pace of the network, and what happens before which call."""

    kind: str
    rules: Sequence[dict[str, Any]]  # Any: rules are JSON
    silent: bool
    latency: float
    slowness: float
    events: Mapping[str, str]

    def before_step(self, step: str, environment: RunEnvironment) -> None:
        """Let happen what happens before a call."""
        if step in self.events:
            EVENTS[self.events[step]](environment)


def schedule_of(seed: int) -> Schedule:
    """Draw a schedule; the same seed, the same schedule."""
    generator = random.Random(f"schedule {seed}")
    names = [name for name in FAULTS if name not in UNREPEATABLE]
    rules = [_rule(generator, generator.choice(names)) for _ in range(generator.randint(1, MOST))]
    events = {
        generator.choice(list(STEPS)): generator.choice(list(EVENTS)) for _ in range(generator.choice((0, 0, 0, 1, 2)))
    }
    return Schedule(
        kind=generator.choice(KINDS),
        rules=rules,
        silent=generator.random() < 0.3,
        latency=generator.choice((LATENCY, LATENCY, 5.0, 15.0)),
        slowness=generator.choice((0.0, 0.0, 0.0, 10.0, 100.0)),
        events=events,
    )


def _rule(generator: random.Random, name: str) -> dict[str, Any]:
    fault = FAULTS[name]
    operation = (
        generator.choice(fault.on) if fault.on != OPERATIONS or generator.random() < 0.7 else generator.choice(GROUPS)
    )
    count = None if generator.random() < 0.05 else generator.randint(1, 8)
    return {
        **fault.rule,
        "operation": operation,
        "skip": generator.choice((0, 0, 0, 1, 2, 5)),
        "count": count,
        "probability": generator.choice((1.0, 1.0, 0.5, 0.2)),
    }
