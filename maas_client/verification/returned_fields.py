"""What was sent and does not come back: an answer to a creation is the resource, with the fields of the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..contract.pointers import below, every
from ..contract.shapes import MapOf, Record, Shape
from ..core.json_fields import is_object
from .seen import Seen
from .step_context import Violation

NOT_RETURNED = "field that does not come back"
"""The kind of this difference."""

CREATES = frozenset({"foundry.jobs.create"})
"""Operations besides PUT and PATCH whose answer is what was sent."""


def not_returned(one: Seen) -> Iterator[Violation]:
    """Yield each known field that was sent with a value and is not in the answer."""
    # Assumption: The answer to a creation or a change has each field of the request that the service knows and that has
    #   a value.
    # Shown wrong by: A field of the request that the answer lacks.
    # Verified by: upload data, create job, create cluster, deploy, create deployment, create tuning job
    # If wrong: The verification reports the field; nothing else relies on it.
    shape = one.operation.shape_for(one.status)
    if shape is None or not (one.operation.method in {"PUT", "PATCH"} or one.operation.name in CREATES):
        return
    for pointer in dict.fromkeys(_missing(shape, one.sent, one.answer, "")):
        yield Violation(one.step, pointer, "what was sent", "nothing", NOT_RETURNED, one.operation.name)


def _missing(shape: Shape, sent: object, answer: object, pointer: str) -> Iterator[str]:
    """Yield the places of what is missing; a field that the contract needs is found as such, and not here."""
    if not is_object(sent) or not is_object(answer):
        return
    for name, value in sent.items():
        if value is None or value in ("", [], {}):
            continue
        if isinstance(shape, MapOf):
            inner, is_needed, place = shape.item, False, every(pointer)
        elif isinstance(shape, Record) and (member := shape.members_for(_word(shape, sent)).get(name)):
            inner, is_needed, place = member.shape, member.is_needed, below(pointer, name)
        else:
            continue
        if answer.get(name) is not None:
            yield from _missing(inner, value, answer[name], place)
        elif not is_needed:
            yield place


def _word(shape: Record, sent: Mapping[str, object]) -> object:
    return sent.get(shape.by) if shape.by else None
