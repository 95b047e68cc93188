"""Recordings as exchanges to compare; what no recorder writes is refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import InvalidInput
from ..core.json_fields import Document, is_object
from ..recording.cassette import read_cassette
from ..recording.exchange import Exchange
from .exchange import ComparedExchange

LONGEST = 1e8
"""The longest recording in seconds, some three years."""

_METHOD = re.compile(r"\A[A-Z]{1,20}\Z")
_URL = re.compile(r"\Ahttps?://[!-~]{1,16000}\Z")
_HEADER = re.compile(r"\A[ -~]{0,16000}\Z")


def read_recording(path: Path) -> tuple[ComparedExchange, ...]:
    """Read a recording.

    Args:
        path: the file.

    Returns:
        Its exchanges, in their order.

    Raises:
        InvalidInput: a line is no exchange of a recording, or of another version of the format; or there is none.
        OSError: the file cannot be read.
    """
    read = tuple(compared(one) for one in read_cassette(path))
    if not read:
        raise InvalidInput(f"{path} has no exchanges: record some requests with `maas record` first")
    return read


def compared(recorded: Exchange) -> ComparedExchange:
    """Return a recorded exchange in the form that is compared; raise InvalidInput for what no recorder writes."""
    wrong = [
        name
        for name, is_right in (
            ("method", _is_like(recorded.method, _METHOD)),
            ("url", _is_like(recorded.url, _URL)),
            ("time", 0 <= recorded.at < LONGEST),
            ("status", recorded.status is None or type(recorded.status) is int),
            ("operation", recorded.operation is None or _is_text(recorded.operation)),
            ("failure", recorded.failure is None or _is_text(recorded.failure)),
            ("credential", _is_text(recorded.credential)),
            ("headers", is_object(recorded.headers) and is_object(recorded.request_headers)),
            ("body", _is_body(recorded.body) and _is_body(recorded.request_body)),
        )
        if not is_right
    ]
    if wrong:
        raise InvalidInput(f"exchange {recorded.n} has a {wrong[0]} that no recorder writes: record it again")
    fields: dict[str, Any] = {field.name: getattr(recorded, field.name) for field in dataclasses.fields(recorded)}
    fields |= {"headers": _headers(recorded.headers), "request_headers": _headers(recorded.request_headers)}
    return ComparedExchange(**fields)


def _is_text(value: object) -> bool:
    """Return whether a value is a string, whatever its type says: it was read from a line of JSON."""
    return isinstance(value, str)


def _is_like(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


def _is_body(body: object) -> bool:
    """Return whether a body is empty, or has one of the keys of a recording with a value of its type."""
    if body is None:
        return True
    if not is_object(body):
        return False
    kinds = {"events": list, "xml": str, "data": dict, "form": list}
    return "json" in body or any(isinstance(body.get(name), kind) for name, kind in kinds.items())


def _headers(headers: Document) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items() if _is_like(value, _HEADER)}
