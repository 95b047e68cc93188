"""How long the jobs of a recording took: a server that answers the same requests has to be done by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..core.json_fields import is_object, text
from .exchange import ComparedExchange

LONGEST = 60.0
"""Seconds of a job on the server where the recording has no shorter one."""

_CREATED = frozenset({"jobs.create", "foundry.jobs.create"})
_READ = frozenset({"jobs.get", "foundry.jobs.get"})
_COMPLETED = frozenset({"completed", "succeeded"})
_SHARE = 0.6
"""Of the time from a job's creation to the first answer that it is done: the rest is for queueing and preparation."""


def job_seconds(exchanges: Sequence[ComparedExchange]) -> float:
    """Return how many seconds a job may take on a server, so that each is done when the recording asks for results.

    Args:
        exchanges: those of the recording, in their order.

    Returns:
        A share of the time that the shortest job of the recording took, and at most `LONGEST` seconds.
    """
    return min([LONGEST, *(_SHARE * seconds for seconds in _durations(exchanges))])


def _durations(exchanges: Sequence[ComparedExchange]) -> Iterator[float]:
    """Yield the time from each job's creation until an answer says that it is done."""
    created: dict[str, float] = {}
    for exchange in exchanges:
        operation = exchange.contract
        document = exchange.body.get("json") if exchange.body is not None else None
        if operation is None or not is_object(document):
            continue
        name = text(document, "id")
        properties = document.get("properties")
        status = text(properties if is_object(properties) else document, "status")
        if operation.name in _CREATED and exchange.status in {200, 201}:
            created.setdefault(name, exchange.at)
        elif operation.name in _READ and name in created and status.lower() in _COMPLETED:
            yield exchange.at - created.pop(name)
