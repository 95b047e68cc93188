"""One exchange of a recording: a request and its answer, as far as they were kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..contract.match import match
from ..contract.operation import Operation
from ..contract.table import OPERATIONS
from ..core.json_fields import Document, is_object
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


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    Args:
        number: the exchange's number in its recording.
        method: the HTTP method.
        url: the whole URL, with placeholders for names.
        at: when it began, in seconds since the first request.
        operation: the operation's name in the contract; empty for one that the contract does not have.
        status: the HTTP status; None if no whole answer came.
        failure: why none came, such as `timeout`.
        headers: the answer's headers; None if they were not kept.
        body: the answer's body as a recording writes it; see `body_kind`.
        request_headers: the harmless headers of the request.
        request_body: the request's body as a recording writes it.
        credential: the kind of credential that the request had: `bearer`, `api-key`, `sas` or `none`.
    """

    number: int
    method: str
    url: str
    at: float = 0.0
    operation: str = ""
    status: int | None = None
    failure: str = ""
    headers: Mapping[str, str] | None = None
    body: Document | None = None
    has_body: bool = True
    request_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    request_body: Document | None = None
    credential: str = "none"

    @property
    def contract(self) -> Operation | None:
        """The operation of the contract; None for one that it does not have."""
        if self.operation in OPERATIONS:
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
        return kind_of(self.body) if self.has_body else BodyKind.NOT_KEPT


def kind_of(body: Document | None) -> BodyKind:
    """Return what a body is, by the key that a recording gives it."""
    if body is None:
        return BodyKind.EMPTY
    known = (BodyKind.JSON, BodyKind.EVENTS, BodyKind.XML, BodyKind.DATA, BodyKind.FORM)
    return next((one for one in known if is_object(body) and one.value in body), BodyKind.DATA)
