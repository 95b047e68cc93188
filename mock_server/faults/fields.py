"""The fields of a fault rule: what each accepts and means. The reference in the documentation is this table."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPMethod

from mock_server.core.json_values import is_object, number

DROPS = ("before", "after", "headers", "body")
SPELLINGS = ("seconds", "date", "retry-after-ms", "x-ms-retry-after-ms")
JOBS = ("fail", "stall", "queue", "pause", "nan", "evicted")
FOUNDRY_JOBS = ("unsafe_data", "unsafe_model", "passed_through", "bom", "quota")
FILES = ("hidden", "slow", "error", "quota")
LOSSES = ("NaN", "Infinity", "-Infinity")
ENDPOINTS = ("fail", "unready")
ONLINE_ENDPOINTS = ("full",)
DEPLOYMENTS = ("fail", "quota")
FOUNDRY_DEPLOYMENTS = ("not_found", "not_ready", "not_loaded", "instant", "headerless")
ONLINE_DEPLOYMENTS = ("probe", "image", "capacity")
SCORE_FORMS = ("earlier", "list", "empty", "error")
GATEWAY = ("unrouted", "slow", "busy", "crash")
COMPUTES = ("no_capacity", "quota", "fail")
CHATS = ("throttled", "filtered", "broken")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a rule: what it belongs to, the values that it accepts, and what it means."""

    group: str
    accepts: str
    is_valid: Callable[[object], bool]
    meaning: str


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


def _is_method(value: object) -> bool:
    return isinstance(value, str) and value.upper() in set(HTTPMethod)


FIELDS: Mapping[str, Field] = {
    "method": Field("which requests", "an HTTP method", _is_method, "the request's method"),
    "path": Field(
        "which requests",
        "a regular expression of up to 200 characters, with one * or + in each alternative and no repeated groups",
        _is_pattern,
        "searched in path and query",
    ),
    "operation": Field("which requests", "an operation's name, `*` as wildcard", _is_text, "the request's operation"),
    "workspace": Field("which requests", "a workspace's name", _is_text, "the request's workspace"),
    "skip": Field("how often", "a non-negative integer", _is_count, "matching requests to leave alone first (0)"),
    "count": Field(
        "how often",
        "a non-negative integer, or null for no limit",
        _is_count,
        "then apply it this many times (1)",
    ),
    "probability": Field(
        "how often",
        "a number from 0 to 1",
        _is_amount(1),
        "of each application, by a seeded generator: same seed, same requests, same faults (1.0)",
    ),
    "delay": Field("before anything else", "seconds, at most 3600", _is_amount(3600), "real seconds to wait"),
    "status": Field(
        "instead of the response",
        "a status from 200 to 599",
        _is_status,
        "send this status, with `headers` and `body`; the request is not carried out",
    ),
    "carried_out": Field(
        "instead of the response",
        "true or false",
        _is_flag,
        "carry the request out before `status` is sent instead of its response (false)",
    ),
    "body": Field(
        "instead of the response", "JSON or a string", lambda _: True, "the body for `status`, such as JSON or HTML"
    ),
    "expired": Field("instead of the response", "true or false", _is_flag, "send 401 as if the token had just expired"),
    "drop": Field(
        "instead of the response",
        f"one of {DROPS}",
        _is_one_of(*DROPS),
        "close the connection before the request is carried out; after it, without a response (a lost reply); or in "
        "the middle of the response's headers or body",
    ),
    "truncate": Field(
        "to the response",
        "a number of bytes",
        _is_count,
        "send this many bytes of the real body, then close the connection",
    ),
    "shorten": Field(
        "to the response",
        'a number of bytes or "half"',
        _is_length,
        "send this many bytes and end the response normally: half a JSON document",
    ),
    "headers": Field(
        "to the response", "an object of strings", _is_headers, "add these headers, for example a foreign `Location`"
    ),
    "next_link": Field("to the response", "a URL", _is_text, "replaces `nextLink`"),
    "retry_after": Field("to the response", "seconds, at most 1e6", _is_amount(1e6), "adds Retry-After"),
    "spelling": Field(
        "to the response", f"one of {SPELLINGS}", _is_one_of(*SPELLINGS), "how `retry_after` is written (seconds)"
    ),
    "ignored": Field(
        "to the request", "a query parameter's name", _is_text, "ignore this parameter: `after` of a list, a filter"
    ),
    "flip": Field("to the request", "an offset in the body", _is_count, "flip one bit of the request's body there"),
    "job": Field(
        "to the job being created",
        f"one of {JOBS}, and on Foundry one of {FOUNDRY_JOBS}",
        _is_one_of(*JOBS, *FOUNDRY_JOBS),
        "fail; stay NotResponding (stall), Queued or Paused; have losses that are not numbers (nan); or lose its "
        "low-priority nodes (evicted), by default after half of the training, else after `step`. On Foundry: "
        "be refused by the safety check of its data or of its model; be shown as OpenAI's platform shows it; have a "
        "results.csv that begins with a byte order mark; or be refused for lack of quota",
    ),
    "endpoint": Field(
        "to the endpoint being created",
        f"one of {ENDPOINTS}, and for a managed online one `fail` or one of {ONLINE_ENDPOINTS}",
        _is_one_of(*ENDPOINTS, *ONLINE_ENDPOINTS),
        "fail; or succeed, with each chat answered by `code` for `calls` chats or `seconds` (unready); or be refused "
        "because the region has as many as it may have (full)",
    ),
    "file": Field(
        "to the Foundry file being created",
        f"one of {FILES}",
        _is_one_of(*FILES),
        "be answered 404 for `seconds` (5); be processed for `seconds` (60); end as error; or be refused for lack of "
        "quota",
    ),
    "deployment": Field(
        "to the deployment being created",
        f"one of {DEPLOYMENTS}, on Foundry one of {FOUNDRY_DEPLOYMENTS}, of an online endpoint one of "
        f"{ONLINE_DEPLOYMENTS}",
        _is_one_of(*DEPLOYMENTS, *FOUNDRY_DEPLOYMENTS, *ONLINE_DEPLOYMENTS),
        "fail; be refused for lack of quota. On Foundry: succeed, with each chat answered DeploymentNotFound, "
        "DeploymentNotReady or 500 for `calls` chats, for `seconds`, or without end; be ready, and later deleted, at "
        "once; or be created without Azure-AsyncOperation. Of an online endpoint: fail because the liveness probe "
        "gives up, the image cannot be built, or the region has no such machine",
    ),
    "scoring": Field(
        "to a request to score",
        f"one of {SCORE_FORMS} for the address /score, or one of {GATEWAY}",
        _is_one_of(*SCORE_FORMS, *GATEWAY),
        "answer in the form of an earlier image, as a list, by an empty object, or by an error with status 200; or be "
        "refused by the gateway: 404 without a deployment, 408 after the time limit, 429 for too many at once, 424 of "
        "a crashed model",
    ),
    "compute": Field(
        "to the cluster being created",
        f"one of {COMPUTES}",
        _is_one_of(*COMPUTES),
        "get no nodes for `seconds`, or without end (no_capacity); be refused for lack of quota; or fail after it was "
        "accepted, with `reason`",
    ),
    "chat": Field(
        "to a chat with a Foundry deployment, or a response of one",
        f"one of {CHATS}",
        _is_one_of(*CHATS),
        "answer 429 of the model; refuse the prompt by the content filter; or break the stream with an error event",
    ),
    "seconds": Field(
        "to a job, endpoint, file, deployment or cluster",
        "seconds, at most 1e9",
        _is_amount(1e9),
        "how long it lasts (a job, a deployment or a cluster: without end; an endpoint: 60)",
    ),
    "reason": Field("to a job, endpoint, file, deployment or cluster", "a sentence", _is_text, "the error message"),
    "calls": Field(
        "to the endpoint or deployment being created",
        "a non-negative integer",
        _is_count,
        "how many chats an unready one rejects",
    ),
    "code": Field(
        "to the endpoint or deployment being created",
        "424 or 503, for a deployment 400 or 404",
        _is_one_of(424, 503, 400, 404),
        "the status of its chats (424, for a deployment 404)",
    ),
    "loss": Field(
        "to the job being created", f"one of {LOSSES}", _is_one_of(*LOSSES), "the value of its losses for nan (NaN)"
    ),
    "child": Field(
        "to the job being created",
        "a step's name",
        _is_text,
        "the step of a pipeline job that the fault is for (the step that trains)",
    ),
    "step": Field(
        "to the job being created",
        "a non-negative integer",
        _is_count,
        "from which step on losses are not numbers, or after which the nodes are lost (half of the training)",
    ),
    "quoted": Field(
        "to the job being created",
        "true or false",
        _is_flag,
        "write such a loss as text, not a JSON literal (false)",
    ),
}
