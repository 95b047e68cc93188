"""A recording held to the contract: each difference once, with how many answers have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..contract.check import NOT_KEPT, differences
from ..contract.differences import Difference
from ..core.http_messages import json_body
from ..core.json_fields import items, text
from .exchange import BodyKind, ComparedExchange

DEVIATION_COLUMNS = ("operation", "difference", "where", "contract", "found", "answers")


@dataclass(frozen=True, slots=True)
class Deviation:
    """A difference between a recording and the contract, and how many answers have it."""

    difference: Difference
    answers: int

    @property
    def cells(self) -> list[str]:
        """The row of a table with the columns `DEVIATION_COLUMNS`."""
        one = self.difference
        return [one.operation, one.kind.value, one.where or "the body", one.expected, one.found, str(self.answers)]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        one = self.difference
        return {
            "operation": one.operation,
            "kind": one.kind.value,
            "where": one.where,
            "expected": one.expected,
            "found": one.found,
            "contradicts": one.is_contradiction,
            "answers": self.answers,
        }


def held_to_contract(exchanges: Iterable[ComparedExchange]) -> tuple[Deviation, ...]:
    """Compare each answer of a recording with the contract's table."""
    counts: Counter[Difference] = Counter()
    for exchange in exchanges:
        operation = exchange.contract
        if operation is not None and exchange.status is not None:
            found = differences(operation, exchange.status, exchange.headers, as_received(exchange))
            counts.update(one for one in found if exchange.has_content or not _is_of_header(one))
    return tuple(Deviation(difference, count) for difference, count in counts.items())


def _is_of_header(difference: Difference) -> bool:
    return difference.where.startswith("header ")


def as_received(exchange: ComparedExchange) -> object:
    """Return the body in the form that the check of answers takes.

    Data stands for bytes of which nothing is known, so that it differs from any JSON.
    """
    body = exchange.body
    match exchange.body_kind:
        case BodyKind.NOT_KEPT:
            return NOT_KEPT
        case BodyKind.JSON if body is not None:
            return body["json"]
        case BodyKind.EVENTS if body is not None:
            return b"".join(b"data: %b\n\n" % json_body(event) for event in items(body, "events"))
        case BodyKind.XML if body is not None:
            return text(body, "xml")
        case BodyKind.DATA | BodyKind.FORM:
            return b"data"
        case _:
            return b""
