"""A recorded exchange as it is compared: the operation of the contract, and what kind of body its answer has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..contract.match import match
from ..contract.operation import Operation
from ..contract.table import OPERATIONS
from ..core.json_fields import Document, is_object
from ..recording.exchange import Exchange
from .path_patterns import path_pattern


class BodyKind(StrEnum):
    """What a body of a recording is."""

    EMPTY = "empty"
    JSON = "json"
    EVENTS = "events"
    XML = "xml"
    DATA = "data"
    FORM = "form"
    NOT_KEPT = "not kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedExchange(Exchange):
    """A recorded exchange, with what the contract says of it.

    Args:
        has_content: whether headers and body of the answer are known; without them only the status is compared.
    """

    has_content: bool = True

    @property
    def contract(self) -> Operation | None:
        """The operation of the contract; None for one that it does not have."""
        if self.operation is not None and self.operation in OPERATIONS:
            return OPERATIONS[self.operation]
        found = match(self.method, self.url)
        return None if found is None else found.operation

    @property
    def label(self) -> str:
        """The operation's name, or method and path where the contract has none."""
        known = self.contract
        return f"{self.method} {path_pattern(self.url)}" if known is None else known.name

    @property
    def body_kind(self) -> BodyKind:
        """What the answer's body is."""
        return kind_of(self.body) if self.has_content else BodyKind.NOT_KEPT


def kind_of(body: Document | None) -> BodyKind:
    """Return what a body is, by the key that a recording gives it."""
    if body is None:
        return BodyKind.EMPTY
    known = (BodyKind.JSON, BodyKind.EVENTS, BodyKind.XML, BodyKind.DATA, BodyKind.FORM)
    return next((one for one in known if is_object(body) and one.value in body), BodyKind.DATA)
