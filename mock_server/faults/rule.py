"""A fault rule: which requests it applies to, and what is done to them; `fields.py` has the meaning of each field."""

import fnmatch
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from email.utils import formatdate
from typing import Any, Literal

from mock_server.core.json_values import Json
from mock_server.faults.fields import FIELDS, FOUNDRY_DEPLOYMENTS, FOUNDRY_JOBS, ONLINE_DEPLOYMENTS, SCORE_FORMS

Drop = Literal["before", "after", "headers", "body"]
Spelling = Literal["seconds", "date", "retry-after-ms", "x-ms-retry-after-ms"]
FoundryJob = Literal["unsafe_data", "unsafe_model", "passed_through", "bom", "quota"]
FoundryDeployment = Literal["not_found", "not_ready", "not_loaded", "instant", "headerless"]
OnlineDeployment = Literal["probe", "image", "capacity"]
CREATIONS: Mapping[str, tuple[str, ...]] = {
    "job": ("jobs.create", "foundry.jobs.create"),
    "endpoint": ("endpoints.create", "online_endpoints.put"),
    "file": ("foundry.files.create", "foundry.files.import", "foundry.uploads.complete"),
    "deployment": ("foundry.deployments.put", "online_deployments.put"),
    "compute": ("computes.create",),
    "chat": ("foundry.chat", "foundry.responses.create"),
    "scoring": ("scoring.score", "scoring.chat"),
}
"""The operations that a fault of a job, an endpoint, a Foundry file, a deployment, a cluster or a chat applies to."""
NARROWER: Mapping[tuple[str, str], tuple[str, ...]] = {
    **dict.fromkeys((("job", kind) for kind in FOUNDRY_JOBS), CREATIONS["job"][1:]),
    **dict.fromkeys((("deployment", kind) for kind in FOUNDRY_DEPLOYMENTS), CREATIONS["deployment"][:1]),
    **dict.fromkeys((("deployment", kind) for kind in ONLINE_DEPLOYMENTS), CREATIONS["deployment"][1:]),
    **dict.fromkeys((("scoring", form) for form in SCORE_FORMS), CREATIONS["scoring"][:1]),
    ("endpoint", "unready"): CREATIONS["endpoint"][:1],
    ("job", "evicted"): CREATIONS["job"][:1],
    ("endpoint", "full"): CREATIONS["endpoint"][1:],
}
"""The operations of a fault that only some of those have, by its field and value."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; a field that is None does not restrict, or has no effect."""

    method: str | None = None
    path: str | None = None
    operation: str | None = None
    workspace: str | None = None
    skip: int = 0
    count: int | None = 1
    probability: float = 1.0
    delay: float = 0.0
    status: int | None = None
    carried_out: bool = False
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = None  # Any: the JSON that the test wants in the response
    expired: bool = False
    drop: Drop | None = None
    truncate: int | None = None
    shorten: int | Literal["half"] | None = None
    next_link: str | None = None
    retry_after: float | None = None
    spelling: Spelling = "seconds"
    ignored: str | None = None
    flip: int | None = None
    job: Literal["fail", "stall", "queue", "pause", "nan", "evicted"] | FoundryJob | None = None
    endpoint: Literal["fail", "unready", "full"] | None = None
    file: Literal["hidden", "slow", "error", "quota"] | None = None
    deployment: Literal["fail", "quota"] | FoundryDeployment | OnlineDeployment | None = None
    scoring: Literal["earlier", "list", "empty", "error", "unrouted", "slow", "busy", "crash"] | None = None
    compute: Literal["no_capacity", "quota", "fail"] | None = None
    chat: Literal["throttled", "filtered", "broken"] | None = None
    seconds: float | None = None
    calls: int | None = None
    code: int | None = None
    reason: str | None = None
    loss: Literal["NaN", "Infinity", "-Infinity"] = "NaN"
    step: int | None = None
    child: str | None = None
    quoted: bool = False

    def matches(self, method: str, target: str, operation: str, workspace: str) -> bool:
        """Return whether a request matches."""
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or re.search(self.path, target, re.IGNORECASE) is not None)
            and (self.operation is None or fnmatch.fnmatchcase(operation, self.operation))
            and (self.workspace is None or self.workspace.lower() == workspace.lower())
            and all(getattr(self, name) is None or operation in self.targets(name) for name in CREATIONS)
        )

    def targets(self, name: str) -> tuple[str, ...]:
        """Return the operations that one of the faults of `CREATIONS` applies to."""
        return NARROWER.get((name, str(getattr(self, name))), CREATIONS[name])

    def added_headers(self, wall: float) -> dict[str, str]:
        """Return the headers to add to the response; a date comes with the Date that it counts from."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.retry_after is None:
            return headers
        milliseconds = f"{self.retry_after * 1000:g}"
        spellings = {
            "seconds": ("retry-after", f"{self.retry_after:g}"),
            "date": ("retry-after", formatdate(wall + self.retry_after, usegmt=True)),
            "retry-after-ms": ("retry-after-ms", milliseconds),
            "x-ms-retry-after-ms": ("x-ms-retry-after-ms", milliseconds),
        }
        name, value = spellings[self.spelling]
        date = {"date": formatdate(wall, usegmt=True)} if self.spelling == "date" else {}
        return {**date, **headers, name: value}


def parse_rule(requested: Json, operations: Collection[str]) -> Rule:
    """Parse a rule; the ValueError names what is wrong and the nearest correct names.

    `operations` are the names of those that the server has: a rule for another one would never apply.
    """
    if unknown := sorted(requested.keys() - FIELDS.keys()):
        raise ValueError(f"a fault rule has no field {unknown[0]!r}: {_nearest(unknown[0], FIELDS)}")
    for name, value in requested.items():
        known = FIELDS[name]
        if value is not None and not known.is_valid(value):
            raise ValueError(f"a fault rule's {name!r} must be {known.accepts}; got {str(value)[:80]!r}: change it")
    rule = replace(Rule(), **{name: value for name, value in requested.items() if value is not None or name == "count"})
    if rule.operation is not None and not fnmatch.filter(operations, rule.operation):
        advice = _nearest(rule.operation, operations)
        raise ValueError(f"a fault rule's 'operation' matches none; got {rule.operation[:80]!r}: {advice}")
    if conflict := _conflict(rule, requested):
        raise ValueError(conflict)
    return rule


def _nearest(wrong: str, known: Collection[str]) -> str:
    """Return advice on a name that does not exist: the nearest ones, or all of them."""
    by_words = {_words(name): name for name in known}
    nearest = [by_words[words] for words in get_close_matches(_words(wrong), by_words, 3)]
    if nearest:
        return f"did you mean {' or '.join(map(repr, nearest))}?"
    return f"use one of {', '.join(sorted(known))}"


def _words(name: str) -> str:
    """Return a name for comparison, the same for `get_job`, `job.get` and `jobs.get`."""
    return " ".join(sorted(word.removesuffix("s") for word in re.split(r"[^a-z]+", name.lower()) if word))


def _conflict(rule: Rule, requested: Json) -> str | None:
    """Return an error message if fields do not go together, else None."""
    for name in CREATIONS:
        targets = rule.targets(name)
        if requested.get(name) and not fnmatch.filter(targets, rule.operation or "*"):
            known = " and ".join(targets)
            return f"a fault rule's {name!r} applies to {known}; got {rule.operation!r}: remove 'operation'"
    for name, (needs, meaning) in DEPENDENCIES.items():
        if requested.get(name) is not None and not any(requested.get(need) is not None for need in needs):
            return f"a fault rule's {name!r} {meaning}: add {' or '.join(needs)}"
    if rule.code is not None and (rule.code in (400, 404)) != (rule.deployment is not None):
        return "a fault rule's 'code' is 424 or 503 for an endpoint, 400 or 404 for a deployment: change it"
    if (
        rule.status is not None
        and not rule.carried_out
        and (rule.expired or rule.next_link or any(getattr(rule, name) for name in CREATIONS))
    ):
        others = ", ".join(CREATIONS)
        return f"a fault rule's 'status' replaces the handler's response: remove expired, {others} and next_link"
    known = ", ".join(sorted(EFFECTS | NUMERIC_EFFECTS))
    if not any(requested.get(name) for name in EFFECTS) and all(
        requested.get(name) is None for name in NUMERIC_EFFECTS
    ):
        return f"a fault rule must have an effect; got {sorted(requested)}: add one of {known}"
    return None


EFFECTS = frozenset({"delay", "expired", "drop", "next_link", "headers", "ignored", *CREATIONS})
NUMERIC_EFFECTS = frozenset({"status", "truncate", "shorten", "flip", "retry_after"})
DEPENDENCIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "body": (("status",), "is the body sent with its status"),
    "spelling": (("retry_after",), "is the format of its retry_after"),
    "carried_out": (("status",), "says whether the request of a status is carried out"),
    "seconds": (
        ("job", "endpoint", "file", "deployment", "compute"),
        "is how long the fault of a job or an endpoint lasts",
    ),
    "reason": (("job", "endpoint", "file", "deployment", "compute"), "is why a job or an endpoint fails"),
    "loss": (("job",), "is the value of a job's losses"),
    "child": (("job",), "is the step of a pipeline job that it applies to"),
    "step": (("job",), "is the step from which on a job's losses are not numbers"),
    "quoted": (("job",), "is how a job's losses are written"),
    "calls": (("endpoint", "deployment"), "is how many chats an unready endpoint rejects"),
    "code": (("endpoint", "deployment"), "is the status that an unready endpoint or deployment sends"),
}
