"""A reason why a job or a deployment does not fit a machine, with the numbers it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..core.plain_values import PlainValue

MisfitKind = Literal[
    "failed", "not_offered", "no_gpus", "purpose", "retired", "memory", "quota", "low_priority", "nodes"
]
"""What does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit(PlainValue):
    """A reason against a machine: what is needed and what there is, in GiB or vCPUs, where it is a number.

    `is_certain` says that it can never run; otherwise it has to wait, or the service's own data are in doubt.
    """

    kind: MisfitKind
    message: str
    needed: float | None = None
    there: float | None = None
    is_certain: bool = True
