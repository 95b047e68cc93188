"""The active fault rules: which one applies to a request and how often each was applied (see `rule.py` for rules)."""

import random
from dataclasses import asdict

from mock_server.core.json_values import Json
from mock_server.faults.rule import Rule


class ActiveRules:
    """The active rules and how often each was applied; probabilities use seeded generators."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rules: dict[int, Rule] = {}
        self._matched: dict[int, int] = {}
        self._applied: dict[int, int] = {}
        self._next = 1

    def add(self, rule: Rule) -> int:
        """Add a rule after the existing ones and return its number."""
        key, self._next = self._next, self._next + 1
        self._rules[key] = rule
        return key

    def match(self, method: str, target: str, operation: str, workspace: str) -> tuple[int, Rule] | None:
        """Return the first rule that applies to this request, and count it."""
        for key, rule in self._rules.items():
            if not rule.matches(method, target, operation, workspace):
                continue
            self._matched[key] = self._matched.get(key, 0) + 1
            is_used_up = rule.count is not None and self._applied.get(key, 0) >= rule.count
            if is_used_up or self._matched[key] <= rule.skip or not self._draw(key, rule.probability):
                continue
            self._applied[key] = self._applied.get(key, 0) + 1
            return key, rule
        return None

    def describe(self, workspace: str | None = None) -> list[Json]:
        """Describe the rules for the admin route, all of them or those of one workspace."""
        return [
            {"id": key, **asdict(rule), "matched": self._matched.get(key, 0), "done": self._applied.get(key, 0)}
            for key, rule in self._rules.items()
            if workspace is None or _is_for(rule, workspace)
        ]

    def remove(self, key: int) -> bool:
        """Remove one rule; returns whether it existed."""
        return self._rules.pop(key, None) is not None

    def clear(self, workspace: str | None = None) -> None:
        """Remove every rule and restart numbering, or remove only the rules of one workspace."""
        if workspace is None:
            self._rules.clear()
            self._matched.clear()
            self._applied.clear()
            self._next = 1
            return
        self._rules = {key: rule for key, rule in self._rules.items() if not _is_for(rule, workspace)}

    def _draw(self, key: int, probability: float) -> bool:
        """Decide by the rule's own generator, so that requests that match other rules do not change the outcome."""
        if probability >= 1:
            return True
        generator = random.Random(f"{self._seed}:{key}:{self._matched[key]}")  # noqa: S311 - deterministic on purpose
        return generator.random() < probability


def _is_for(rule: Rule, workspace: str) -> bool:
    return rule.workspace is not None and rule.workspace.lower() == workspace.lower()
