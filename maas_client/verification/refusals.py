"""Refusals: statuses that are an ordinary answer as such, and not where a step asks for what has to succeed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..contract.differences import DifferenceKind
from ..contract.operation import ACCESS, OUTAGE
from ..core.errors import CredentialError, ServiceError, TransportError, UntrustedHost, WaitTimeout
from ..jobs.errors import JobFailed
from .observation import Observation
from .seen import Seen
from .slowness import STATES
from .step_context import Violation

EXPECTED: Mapping[str, frozenset[int]] = {
    "chat.complete": frozenset({404, 424}),  # an endpoint whose model is not ready yet
    "foundry.chat": frozenset({404, 424}),
    "foundry.jobs.cancel": frozenset({400, 409}),  # the job has ended before
    "jobs.cancel": frozenset({400, 409}),
    "scoring.chat": frozenset({404, 424}),
    "scoring.score": frozenset({404, 424}),
}
"""Refusals of requests that change something, by operation, which the client takes for an ordinary answer."""

_STATUS = str(DifferenceKind.UNEXPECTED_STATUS)


def refusal(one: Seen) -> Iterator[Violation]:
    """Yield that something was refused that a step needs, although the client could make do with that."""
    if one.is_reading or one.status not in one.operation.errors or one.status in {*ACCESS, *OUTAGE}:
        return
    if one.status not in EXPECTED.get(one.operation.name, frozenset()):
        yield Violation(one.step, "status", "success", str(one.status), _STATUS, one.operation.name)


def named_failure(step: str, error: Exception, observations: Sequence[Observation]) -> Violation | None:
    """Return which answer a failed step is from; None if it is known, or says nothing of the contract.

    Args:
        step: the step's name.
        error: what it failed with.
        observations: what was seen during the step.
    """
    if isinstance(error, CredentialError | JobFailed | TransportError | UntrustedHost):
        return None
    known = [one for one in observations if one.operation and not one.is_outage and one.status not in ACCESS]
    if not known or any(each.is_contradiction for one in known for each in one.differences):
        return None
    last = known[-1]
    if isinstance(error, ServiceError):
        last = next((one for one in reversed(known) if one.status == error.status), None) or last
        if last.status != error.status:
            return None
    if last.status is not None and last.status >= 400:
        return Violation(step, "status", "success", str(last.status), _STATUS, last.operation)
    if isinstance(error, WaitTimeout):
        polled = Counter(one.operation for one in known if one.operation in STATES).most_common(1)
        operation = polled[0][0] if polled else last.operation
        return Violation(step, STATES.get(operation, "the answer"), "an end of the wait", "none", None, operation)
    where = STATES.get(last.operation, "the answer")
    return Violation(step, where, "what the client can use", type(error).__name__, None, last.operation)
