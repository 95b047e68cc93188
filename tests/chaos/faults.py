"""Every fault that the mock server knows, as rules that strike whatever operation they are added to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.scenario import OPERATIONS

ELSEWHERE = "https://evil.example/next"
PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"

Rule = Mapping[str, Any]  # Any: a rule is JSON


@dataclass(frozen=True)
class Fault:
    """What a rule does; `silent` if a connection that breaks is to look like an answer that never comes.

    `passes` says that the whole job ends well once the fault is over: its answers are true. `often` is how many
    times in a row it occurs, so that no call outlasts it.
    """

    rule: Rule
    silent: bool = False
    passes: bool = True
    often: int = 5
    on: Sequence[str] = field(default=OPERATIONS)


FAULTS: Mapping[str, Fault] = {
    "no answer, nothing done": Fault({"drop": "before"}, silent=True),
    "no answer, and done": Fault({"drop": "after"}, silent=True),
    "reset before the work": Fault({"drop": "before"}),
    "reset after the work": Fault({"drop": "after"}),
    "reset within the headers": Fault({"drop": "headers"}),
    "half a body, then reset": Fault({"drop": "body"}),
    "one byte, then reset": Fault({"truncate": 1}),
    "half a body as if whole": Fault({"shorten": "half"}, passes=False, often=2),
    "an empty body as if whole": Fault({"shorten": 0}, passes=False, often=2),
    "an empty 200": Fault({"status": 200, "body": ""}, passes=False, often=2),
    "a 200 of another type": Fault(
        {"status": 200, "body": "hello", "headers": {"Content-Type": "text/plain"}}, passes=False, often=2
    ),
    "an HTML page with 200": Fault({"status": 200, "body": PAGE}, passes=False, often=2),
    "an HTML page with 502": Fault({"status": 502, "body": PAGE}),
    "a list in place of an object": Fault({"status": 200, "body": [1, 2]}, passes=False, often=2),
    "an object with nothing in it": Fault({"status": 200, "body": {}}, passes=False, often=2),
    "wrong types in every place": Fault(
        {
            "status": 200,
            "body": {"name": 1, "id": [], "properties": "x", "value": 7, "status": None, "choices": {}, "nextLink": 3},
        },
        passes=False,
        often=2,
    ),
    "202 without an operation": Fault({"status": 202, "body": ""}, passes=False, often=2),
    "204": Fault({"status": 204}, passes=False, often=2),
    "304": Fault({"status": 304}, often=2),
    "302 to another host": Fault({"status": 302, "headers": {"Location": ELSEWHERE}}, often=2),
    "307 to the same host": Fault({"status": 307, "headers": {"Location": "/subscriptions/elsewhere"}}, often=2),
    "400": Fault({"status": 400}, often=2),
    "401 of an expired token": Fault({"expired": True}, often=2),
    "401": Fault({"status": 401}, often=2),
    "403": Fault({"status": 403}, often=2, on=tuple(name for name in OPERATIONS if not name.startswith("blob."))),
    "403 of the storage": Fault(
        {"status": 403}, often=2, on=tuple(name for name in OPERATIONS if name.startswith("blob."))
    ),
    "404": Fault({"status": 404}, passes=False, often=2),
    "408": Fault({"status": 408}),
    "409": Fault({"status": 409}, often=2),
    "412": Fault({"status": 412}, often=2),
    "422": Fault({"status": 422}, often=2),
    "429": Fault({"status": 429}),
    "429 for seven seconds": Fault({"status": 429, "retry_after": 7}),
    "429 until a date": Fault({"status": 429, "retry_after": 20, "spelling": "date"}),
    "429 in milliseconds": Fault({"status": 429, "retry_after": 3, "spelling": "retry-after-ms"}),
    "429 in Microsoft's milliseconds": Fault({"status": 429, "retry_after": 3, "spelling": "x-ms-retry-after-ms"}),
    "429 for an hour": Fault({"status": 429, "retry_after": 3600}, often=2),
    "500": Fault({"status": 500}),
    "502": Fault({"status": 502}),
    "503": Fault({"status": 503}),
    "503 for ten seconds": Fault({"status": 503, "retry_after": 10}),
    "504": Fault({"status": 504}),
    "an answer that asks for patience": Fault({"retry_after": 15}, on=("operations.status", "operations.result")),
    "a bit of what was sent is flipped": Fault({"flip": 3}, on=("blob.put", "blob.put_block")),
    "a next page elsewhere": Fault(
        {"next_link": ELSEWHERE}, on=("jobs.list", "endpoints.list", "data.list_versions"), passes=False
    ),
    "an operation elsewhere": Fault(
        {"headers": {"Azure-AsyncOperation": ELSEWHERE, "Location": ELSEWHERE}},
        on=("endpoints.create", "endpoints.delete", "endpoints.regenerate_keys", "jobs.cancel"),
        passes=False,
    ),
    "a job that fails": Fault({"job": "fail", "reason": "out of memory"}, on=("jobs.create",), passes=False),
    "a job that stalls": Fault({"job": "stall", "seconds": 1200}, on=("jobs.create",), passes=False),
    "a job that stalls for ever": Fault({"job": "stall"}, on=("jobs.create",), passes=False),
    "a job that is paused": Fault({"job": "pause", "seconds": 300}, on=("jobs.create",)),
    "a job that queues": Fault({"job": "queue", "seconds": 3000}, on=("jobs.create",)),
    "an endpoint that fails": Fault(
        {"endpoint": "fail", "reason": "no capacity"}, on=("endpoints.create",), passes=False
    ),
    "an endpoint that is not ready": Fault({"endpoint": "unready", "seconds": 300}, on=("endpoints.create",)),
    "an endpoint that is not ready, says 503": Fault(
        {"endpoint": "unready", "calls": 9, "code": 503}, on=("endpoints.create",)
    ),
}


def rules_of(fault: Fault, times: int | None) -> list[dict[str, Any]]:
    """Give the rules that let a fault strike each of its operations this many times, or for ever."""
    return [{**fault.rule, "operation": operation, "count": times} for operation in fault.on]
