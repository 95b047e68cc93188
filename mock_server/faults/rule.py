"""A fault rule: which requests it applies to, and what is done to them.

matching  method       an HTTP method
          path         a regular expression, searched in path and query
          operation    an operation's name as in the journal, `*` as wildcard
          workspace    a workspace's name
frequency skip         number of matching requests to leave alone first (0)
          count        then apply this many times (1); null for no limit
          probability  of each application, by a seeded generator: same seed, same requests, same faults (1.0)
first     delay        real seconds to wait before anything else
instead   status       send this status without calling the handler, with `headers` and `body` (JSON or text, e.g. HTML)
of the    expired      true: send 401 as if the token had just expired
handler   drop         "before": close the connection before the handler runs
after the drop         "after": close it without a response (lost reply); "headers", "body": in the middle of those
handler   truncate     send this many bytes of the real body, then close the connection
          shorten      send this many bytes, or "half", and end the response normally: half a JSON document
          headers      add these to the real response, for example a foreign `Location`
          next_link    replaces `nextLink` in the real response
either    retry_after  seconds for Retry-After, in the `spelling` "seconds", "date", "retry-after-ms" or
                       "x-ms-retry-after-ms"
body      flip         flip one bit at this offset of the request's body
job       job          what happens to the job being created: "fail"; "stall" (NotResponding), "pause" or "queue"
                       for `seconds`, or without end if not given; `reason` is the error message;
                       "nan": its losses are `loss` ("NaN", "Infinity" or "-Infinity") from `step` on (half of the
                       training), as a JSON literal, or as text if `quoted`
endpoint  endpoint     what happens to the endpoint being created: "fail" with a `reason`; "unready": it Succeeded, but
                       each chat gets `code` (424 or 503) for `calls` chats or `seconds` (60)
"""

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from email.utils import formatdate
from typing import Any, Literal

from mock_server.core.json_values import Json, is_object, number

Drop = Literal["before", "after", "headers", "body"]
Spelling = Literal["seconds", "date", "retry-after-ms", "x-ms-retry-after-ms"]
DROPS = ("before", "after", "headers", "body")
SPELLINGS = ("seconds", "date", "retry-after-ms", "x-ms-retry-after-ms")
JOBS = ("fail", "stall", "queue", "pause", "nan")
LOSSES = ("NaN", "Infinity", "-Infinity")
ENDPOINTS = ("fail", "unready")


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
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = None  # Any: the JSON that the test wants in the response
    expired: bool = False
    drop: Drop | None = None
    truncate: int | None = None
    shorten: int | Literal["half"] | None = None
    next_link: str | None = None
    retry_after: float | None = None
    spelling: Spelling = "seconds"
    flip: int | None = None
    job: Literal["fail", "stall", "queue", "pause", "nan"] | None = None
    endpoint: Literal["fail", "unready"] | None = None
    seconds: float | None = None
    calls: int | None = None
    code: int = 424
    reason: str | None = None
    loss: Literal["NaN", "Infinity", "-Infinity"] = "NaN"
    step: int | None = None
    quoted: bool = False

    def matches(self, method: str, target: str, operation: str, workspace: str) -> bool:
        """Return whether a request matches."""
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or re.search(self.path, target, re.IGNORECASE) is not None)
            and (self.operation is None or fnmatch.fnmatchcase(operation, self.operation))
            and (self.workspace is None or self.workspace.lower() == workspace.lower())
            and (self.job is None or operation == "jobs.create")
            and (self.endpoint is None or operation == "endpoints.create")
        )

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


def parse_rule(requested: Json) -> Rule:
    """Parse a rule; the ValueError names the known fields, the value received and a correction."""
    unknown = sorted(requested.keys() - CHECKS.keys())
    if unknown:
        matches = get_close_matches(unknown[0], CHECKS, 1)
        advice = (
            f"did you mean {matches[0]!r}?" if matches else "remove it, or see the table in mock_server/faults/rule.py."
        )
        raise ValueError(f"a fault rule accepts {sorted(CHECKS)}; got {unknown}: {advice}")
    for name, value in requested.items():
        expected, is_valid = CHECKS[name]
        if value is not None and not is_valid(value):
            raise ValueError(f"a fault rule's {name!r} must be {expected}; got {str(value)[:80]!r}: change it")
    rule = replace(Rule(), **{name: value for name, value in requested.items() if value is not None or name == "count"})
    if conflict := _conflict(rule, requested):
        raise ValueError(conflict)
    return rule


def _conflict(rule: Rule, requested: Json) -> str | None:
    """Return an error message if fields do not go together, else None."""
    for name, (needs, meaning) in DEPENDENCIES.items():
        if requested.get(name) is not None and not any(requested.get(need) is not None for need in needs):
            return f"a fault rule's {name!r} {meaning}: add {' or '.join(needs)}"
    if rule.status is not None and (rule.expired or rule.job or rule.endpoint or rule.next_link):
        return "a fault rule's 'status' replaces the handler's response: remove expired, job, endpoint and next_link"
    known = ", ".join(sorted(EFFECTS | NUMERIC_EFFECTS))
    if not any(requested.get(name) for name in EFFECTS) and all(
        requested.get(name) is None for name in NUMERIC_EFFECTS
    ):
        return f"a fault rule must have an effect; got {sorted(requested)}: add one of {known}"
    return None


EFFECTS = frozenset({"delay", "expired", "drop", "next_link", "headers", "job", "endpoint"})
NUMERIC_EFFECTS = frozenset({"status", "truncate", "shorten", "flip", "retry_after"})
DEPENDENCIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "body": (("status",), "is the body sent with its status"),
    "spelling": (("retry_after",), "is the format of its retry_after"),
    "seconds": (("job", "endpoint"), "is how long the fault of a job or an endpoint lasts"),
    "reason": (("job", "endpoint"), "is why a job or an endpoint fails"),
    "loss": (("job",), "is the value of a job's losses"),
    "step": (("job",), "is the step from which on a job's losses are not numbers"),
    "quoted": (("job",), "is how a job's losses are written"),
    "calls": (("endpoint",), "is how many chats an unready endpoint rejects"),
    "code": (("endpoint",), "is the status that an unready endpoint sends"),
}


_SUPERLINEAR = re.compile(r"\)[*+?{]|\\[1-9]|\(\?(?![:i])")
"""A repeated group, a backreference or a lookaround: what makes search time grow faster than quadratically."""
_UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\})")
_MAX_PATTERN_LENGTH = 200


def _is_pattern(value: object) -> bool:
    """Return whether a value is a pattern whose search takes at most quadratic time in the address's length."""
    if not isinstance(value, str) or len(value) > _MAX_PATTERN_LENGTH or _SUPERLINEAR.search(value):
        return False
    if any(len(_UNBOUNDED.findall(alternative)) > 1 for alternative in value.split("|")):
        return False
    try:
        re.compile(value)
    except (re.error, OverflowError):
        return False
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_amount(maximum: float) -> Callable[[object], bool]:
    def is_valid(value: object) -> bool:
        amount = None if isinstance(value, str) else number(value)
        return amount is not None and 0 <= amount <= maximum

    return is_valid


def _is_one_of(*known: object) -> Callable[[object], bool]:
    return lambda value: value in known


def _is_status(value: object) -> bool:
    return _is_count(value) and isinstance(value, int) and 200 <= value <= 599


def _is_headers(value: object) -> bool:
    return is_object(value) and all(
        isinstance(item, str) and re.fullmatch(r"[A-Za-z0-9-]+", name) and re.fullmatch(r"[\x20-\x7e]*", item)
        for name, item in value.items()
    )


def _is_length(value: object) -> bool:
    return value == "half" or _is_count(value)


CHECKS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "method": ("an HTTP method", _is_text),
    "path": (
        "a regular expression of up to 200 characters, with one * or + in each alternative and no repeated groups",
        _is_pattern,
    ),
    "operation": ("an operation's name, `*` as wildcard", _is_text),
    "workspace": ("a workspace's name", _is_text),
    "skip": ("a non-negative integer", _is_count),
    "count": ("a non-negative integer, or null for no limit", _is_count),
    "probability": ("a number from 0 to 1", _is_amount(1)),
    "delay": ("seconds, at most 3600", _is_amount(3600)),
    "status": ("a status from 200 to 599", _is_status),
    "headers": ("an object of strings", _is_headers),
    "body": ("JSON or a string", lambda _: True),
    "expired": ("true or false", _is_flag),
    "drop": (f"one of {DROPS}", _is_one_of(*DROPS)),
    "truncate": ("a number of bytes", _is_count),
    "shorten": ('a number of bytes or "half"', _is_length),
    "next_link": ("a URL", _is_text),
    "retry_after": ("seconds, at most 1e6", _is_amount(1e6)),
    "spelling": (f"one of {SPELLINGS}", _is_one_of(*SPELLINGS)),
    "flip": ("an offset in the body", _is_count),
    "job": (f"one of {JOBS}", _is_one_of(*JOBS)),
    "endpoint": (f"one of {ENDPOINTS}", _is_one_of(*ENDPOINTS)),
    "seconds": ("seconds, at most 1e9", _is_amount(1e9)),
    "calls": ("a non-negative integer", _is_count),
    "code": ("424 or 503", _is_one_of(424, 503)),
    "reason": ("a sentence", _is_text),
    "loss": (f"one of {LOSSES}", _is_one_of(*LOSSES)),
    "step": ("a non-negative integer", _is_count),
    "quoted": ("true or false", _is_flag),
}
