"""The check of one answer against its operation: status, headers and body, as a list of differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from enum import Enum
from urllib.parse import urlsplit

from ..core.http_messages import parse_json
from ..openai_api.server_sent_events import Decoder, EventTooLarge
from .body_check import Finding, compare, type_name
from .differences import Difference, DifferenceKind
from .json_types import json_type
from .operation import ACCESS, OUTAGE, Answer, Body, Events, Header, Opaque, Operation, ValueKind, Xml
from .xml_check import compare_xml

_END = "[DONE]"
_JSON, _XML, _EVENTS = "application/json", "application/xml", "text/event-stream"
_MEDIA: Mapping[type, str] = {Events: _EVENTS, Xml: _XML}

OPTIONAL_HEADERS = (Header(("Retry-After",), ValueKind.DELAY), Header(("Last-Modified",), ValueKind.DATE))
"""Headers that any answer may have, and that are read as what they should be."""


class Kept(Enum):
    """What is known of a body that was not kept."""

    NOT_KEPT = "not kept"


NOT_KEPT = Kept.NOT_KEPT
"""Stands for a body that a recording left out: status and headers are checked, and nothing else."""


def differences(
    operation: Operation, status: int, headers: Mapping[str, str], body: object = NOT_KEPT
) -> tuple[Difference, ...]:
    """Compare an answer with what its operation may answer.

    Args:
        operation: the operation that was asked for, as `match` returns it.
        status: the HTTP status.
        headers: the answer's headers; names in any case.
        body: the bytes as they came, the parsed JSON, or `NOT_KEPT`.

    Returns:
        The differences, each place of the body once; empty if the answer is as the table says.
    """
    named = {name.lower(): value for name, value in headers.items()}
    answer = operation.answers.get(status)
    if answer is None and (status < 400 or status not in {*operation.errors, *ACCESS, *OUTAGE}):
        known = ", ".join(str(one) for one in sorted({*operation.answers, *operation.errors}))
        return (Difference(operation.name, DifferenceKind.UNEXPECTED_STATUS, "status", known, str(status)),)
    wanted = (*operation.headers, *answer.headers) if answer else () if status in OUTAGE else operation.headers
    optional = () if status in OUTAGE else OPTIONAL_HEADERS
    in_headers = [
        *(_header(operation, header, named) for header in wanted),
        *(_header(operation, header, named) for header in optional if header.names[0].lower() in named),
        None if answer is None else _media_type(operation, answer, body, named),
    ]
    in_body = _of_answer(answer, body, named) if answer else _of_error(operation, status, body)
    return (
        *(one for one in dict.fromkeys(in_headers) if one is not None),
        *(Difference(operation.name, one.kind, one.pointer, one.expected, one.found) for one in in_body),
    )


def _header(operation: Operation, header: Header, headers: Mapping[str, str]) -> Difference | None:
    where = f"header {' or '.join(header.names)}"
    value = next((headers[name.lower()] for name in header.names if name.lower() in headers), None)
    if value is None:
        return Difference(operation.name, DifferenceKind.MISSING_HEADER, where, header.kind, "nothing")
    if _is_of(header.kind, value):
        return None
    return Difference(operation.name, DifferenceKind.WRONG_TYPE, where, header.kind, "another text")


def _media_type(operation: Operation, answer: Answer, body: object, headers: Mapping[str, str]) -> Difference | None:
    """Compare the content type with the kinds of bodies that the answer may have."""
    wanted = {_MEDIA.get(type(one), _JSON) for one in (answer.body, *answer.alternatives)}
    if any(isinstance(one, Opaque) for one in (answer.body, *answer.alternatives)) or body in (b"", "", None):
        return None
    where, expected, found = "header Content-Type", " or ".join(sorted(wanted)), headers.get("content-type")
    if found is None:
        return Difference(operation.name, DifferenceKind.MISSING_HEADER, where, expected, "nothing")
    media = found.partition(";")[0].strip().lower()
    if any(media == one or (media.endswith(f"+{one.partition('/')[2]}")) for one in wanted):
        return None
    if _XML in wanted and media == "text/xml":
        return None
    return Difference(operation.name, DifferenceKind.WRONG_TYPE, where, expected, "another media type")


def _is_of(kind: ValueKind, value: str) -> bool:
    if kind is ValueKind.URL:
        try:
            address = urlsplit(value)
        except ValueError:
            return False
        return address.scheme in {"http", "https"} and bool(address.netloc)
    if kind is ValueKind.TEXT:
        return bool(value.strip())
    if kind is ValueKind.DATE:
        return _is_date(value)
    if kind is ValueKind.DELAY:
        return value.strip().isdigit() or _is_date(value)
    return value.isascii() and value.isdigit()


def _is_date(value: str) -> bool:
    """Return whether a header is a date as HTTP writes them."""
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return True


def _of_answer(answer: Answer, body: object, headers: Mapping[str, str]) -> Iterable[Finding]:
    if body is NOT_KEPT:
        return ()
    is_stream = headers.get("content-type", "").startswith("text/event-stream")
    bodies = [one for one in (answer.body, *answer.alternatives) if isinstance(one, Events) == is_stream]
    return _closest(bodies or [answer.body], body)


def _of_error(operation: Operation, status: int, body: object) -> Iterable[Finding]:
    """Compare an error with the shapes that errors of its service have; an outage's body may be any gateway's."""
    if body is NOT_KEPT or status in OUTAGE or not operation.error_bodies:
        return
    for one in _closest(operation.error_bodies, body):
        kind = one.kind if one.kind is DifferenceKind.UNKNOWN_FIELD else DifferenceKind.ERROR_SHAPE
        yield Finding(kind, one.pointer, one.expected, one.found)


def _closest(bodies: Sequence[Body], body: object) -> list[Finding]:
    """Return where a body differs from the one of several that it is most like."""
    return min((list(_findings(one, body)) for one in bodies), key=_weight)


def _weight(found: list[Finding]) -> tuple[int, int]:
    return sum(one.kind is not DifferenceKind.UNKNOWN_FIELD for one in found), len(found)


def _findings(expected: Body, body: object) -> Iterator[Finding]:
    match expected:
        case Opaque.ANY:
            return
        case Opaque.EMPTY:
            if body not in (b"", "", None):
                yield Finding(DifferenceKind.WRONG_TYPE, "", "an empty body", _kind_of(body))
        case Opaque.BYTES | Opaque.TEXT:
            if not isinstance(body, bytes | str):
                yield Finding(DifferenceKind.WRONG_TYPE, "", expected, json_type(body))
        case Xml():
            yield from compare_xml(expected, _text_of(body))
        case Events():
            yield from _of_events(expected, body)
        case _:
            yield from _of_json(expected, body)


def _of_json(expected: Body, body: object) -> Iterator[Finding]:
    assert not isinstance(expected, Opaque | Events | Xml)
    if isinstance(body, bytes):
        try:
            body = parse_json(body)
        except ValueError:
            yield Finding(DifferenceKind.WRONG_TYPE, "", type_name(expected), _kind_of(body))
            return
    yield from compare(expected, body)


def _of_events(expected: Events, body: object) -> Iterator[Finding]:
    seen: set[Finding] = set()
    try:
        events = [event for event in Decoder().feed(_bytes_of(body)) if event != _END]
    except EventTooLarge:
        yield Finding(DifferenceKind.WRONG_TYPE, "", "a stream of events", "an event that is too large to be read")
        return
    for event in events:
        for finding in _of_json(expected.chunk, event.encode()):
            if finding not in seen:
                seen.add(finding)
                yield finding


def _text_of(body: object) -> str:
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace")
    return body if isinstance(body, str) else ""


def _bytes_of(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    return body if isinstance(body, bytes) else b""


def _kind_of(body: object) -> str:
    return ("text" if body else "an empty body") if isinstance(body, bytes | str) else json_type(body)
