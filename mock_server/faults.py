"""Faults on order: rules that match a request, and what is done to it.

A rule says whom it matches (`method`, `path` as a regular expression searched in path and query, `operation` with `*`
as wildcard, `workspace`), how often (`skip` so many, then `count` times, each with a `probability`), and what happens:

    delay      seconds of real time before anything else
    status     answer this, with `headers` and `body` (a string, or JSON), and do no work
    drop       close the connection: "before" the work, "after" it (the lost reply), in the "headers", in the "body"
    truncate   send so many bytes of the true body, then close the connection
    flip       flip one bit at this offset of the request's body
"""

import fnmatch
import random
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from mock_server.values import Json, is_object, number

Drop = Literal["before", "after", "headers", "body"]
DROPS = ("before", "after", "headers", "body")


@dataclass(frozen=True, slots=True)
class Rule:
    """One order; what is None does not restrict, or does not happen."""

    method: str | None = None
    path: str | None = None
    operation: str | None = None
    workspace: str | None = None
    skip: int = 0
    count: int | None = 1
    probability: float = 1.0
    delay: float = 0.0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = None  # Any: the JSON that the test wants to see answered
    drop: Drop | None = None
    truncate: int | None = None
    flip: int | None = None

    def matches(self, method: str, target: str, operation: str, workspace: str) -> bool:
        """Tell whether a request is meant."""
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or re.search(self.path, target, re.IGNORECASE) is not None)
            and (self.operation is None or fnmatch.fnmatchcase(operation, self.operation))
            and (self.workspace is None or self.workspace.lower() == workspace.lower())
        )


class Faults:
    """The orders in force and how often each was carried out; the dice are seeded."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._rules: dict[int, Rule] = {}
        self._matched: dict[int, int] = {}
        self._carried_out: dict[int, int] = {}
        self._next = 1

    def add(self, rule: Rule) -> int:
        """Put a rule in force, behind those already there, and give its number."""
        number_of_rule, self._next = self._next, self._next + 1
        self._rules[number_of_rule] = rule
        return number_of_rule

    def pick(self, method: str, target: str, operation: str, workspace: str) -> tuple[int, Rule] | None:
        """Give the first rule that strikes this request, and count it."""
        for key, rule in self._rules.items():
            if not rule.matches(method, target, operation, workspace):
                continue
            self._matched[key] = self._matched.get(key, 0) + 1
            spent = rule.count is not None and self._carried_out.get(key, 0) >= rule.count
            if spent or self._matched[key] <= rule.skip or self._dice.random() >= rule.probability:
                continue
            self._carried_out[key] = self._carried_out.get(key, 0) + 1
            return key, rule
        return None

    def shown(self) -> list[Json]:
        """Describe the rules for the admin route."""
        return [
            {"id": key, **asdict(rule), "matched": self._matched.get(key, 0), "done": self._carried_out.get(key, 0)}
            for key, rule in self._rules.items()
        ]

    def remove(self, key: int) -> bool:
        """Take one rule out of force."""
        return self._rules.pop(key, None) is not None

    def clear(self) -> None:
        """Take every rule out of force, and the dice back to their seed."""
        self._rules.clear()
        self._matched.clear()
        self._carried_out.clear()
        self._next = 1
        self._dice.seed(self._seed)


def rule_from(asked: Json) -> Rule:
    """Read a rule; a ValueError says what was understood, what came and what would do."""
    unknown = sorted(asked.keys() - CHECKS.keys())
    if unknown:
        raise ValueError(f"a fault rule knows {sorted(CHECKS)}; got {unknown}")
    for name, value in asked.items():
        wanted, good = CHECKS[name]
        if value is not None and not good(value):
            raise ValueError(f"a fault rule's {name!r} must be {wanted}; got {value!r}")
    rule = replace(Rule(), **{name: value for name, value in asked.items() if value is not None or name == "count"})
    if rule.body is not None and rule.status is None:
        raise ValueError("a fault rule's body is what its status answers: add a status")
    does = rule.status is not None or rule.drop or rule.truncate is not None or rule.flip is not None
    if not (does or rule.delay):
        raise ValueError("a fault rule must do something: add one of status, delay, drop, truncate, flip")
    return rule


def _is_pattern(value: object) -> bool:
    try:
        re.compile(value if isinstance(value, str) else "(")
    except re.error:
        return False
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_amount(value: object) -> bool:
    amount = None if isinstance(value, str) else number(value)
    return amount is not None and 0 <= amount <= 3600


def _is_status(value: object) -> bool:
    return _is_count(value) and isinstance(value, int) and 200 <= value <= 599


def _is_headers(value: object) -> bool:
    return is_object(value) and all(
        isinstance(item, str) and re.fullmatch(r"[A-Za-z0-9-]+", name) and re.fullmatch(r"[\x20-\x7e]*", item)
        for name, item in value.items()
    )


CHECKS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "method": ("a method's name", _is_text),
    "path": ("a regular expression", _is_pattern),
    "operation": ("an operation's name, `*` as wildcard", _is_text),
    "workspace": ("a workspace's name", _is_text),
    "skip": ("a whole number from 0", _is_count),
    "count": ("a whole number from 0, or null for ever", _is_count),
    "probability": ("a number from 0 to 1", _is_amount),
    "delay": ("seconds, at most 3600", _is_amount),
    "status": ("a status from 200 to 599", _is_status),
    "headers": ("an object of strings", _is_headers),
    "body": ("JSON or a string", lambda _: True),
    "drop": (f"one of {DROPS}", lambda value: value in DROPS),
    "truncate": ("a number of bytes", _is_count),
    "flip": ("an offset in the body", _is_count),
}
