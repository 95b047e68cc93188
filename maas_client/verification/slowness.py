"""What took longer than expected: the operation that was asked again and again, and the place of the state in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from .observation import Observation
from .step import Step
from .step_context import SLOW, Violation

STATES: Mapping[str, str] = {
    "computes.get": "/properties/provisioningState",
    "endpoints.get": "/properties/provisioningState",
    "foundry.deployments.get": "/properties/provisioningState",
    "foundry.files.get": "/status",
    "foundry.jobs.get": "/status",
    "foundry.operations.status": "/status",
    "jobs.get": "/properties/status",
    "online_deployments.get": "/properties/provisioningState",
    "online_endpoints.get": "/properties/provisioningState",
    "operations.compute_status": "/status",
    "operations.status": "/status",
}
"""Where an answer says how far something has come, by the operation that is polled."""

_WORD = re.compile(r"\A[A-Za-z][A-Za-z0-9_.]{0,60}\Z")


def slowness(step: Step, seconds: float, observations: Iterable[Observation], states: Mapping[str, float]) -> Violation:
    """Return that a step took longer than expected.

    Args:
        step: the step.
        seconds: how long it took.
        observations: what was seen during the step.
        states: seconds by state, where something was waited for.
    """
    polled = Counter(one.operation for one in observations if one.operation in STATES)
    operation = polled.most_common(1)[0][0] if polled else ""
    longest = max(states, key=lambda name: states[name], default="")
    within = f", of which {states[longest]:,.0f} s in {longest}" if longest and _WORD.match(longest) else ""
    return Violation(
        step.name,
        STATES.get(operation, "the time of the step"),
        f"at most {step.expected:,.0f} s",
        f"{seconds:,.0f} s{within}",
        SLOW,
        operation,
    )
