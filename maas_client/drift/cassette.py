"""Reading a recording: one exchange a line, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..core.errors import InvalidInput
from ..core.http_messages import parse_json
from ..core.json_fields import Document, is_object, part, text
from .exchange import Exchange

VERSION = 1
"""The version of the format that is read."""


def read_recording(path: Path) -> tuple[Exchange, ...]:
    """Read a recording.

    Args:
        path: the file.

    Returns:
        Its exchanges, in their order.

    Raises:
        InvalidInput: a line is no exchange of a recording, or of another version of the format.
    """
    return parse_recording(path.read_text(encoding="utf-8", errors="replace"), str(path))


def parse_recording(content: str, name: str) -> tuple[Exchange, ...]:
    """Parse the text of a recording; `name` says in errors what it is."""
    lines = enumerate(content.split("\n"), 1)
    read = [_exchange(line, f"{name}, line {number}") for number, line in lines if line.strip()]
    if not read:
        raise InvalidInput(f"{name} has no exchanges: record some requests with `maas record` first")
    return tuple(read)


def _exchange(line: str, where: str) -> Exchange:
    try:
        document = parse_json(line)
    except ValueError as error:
        raise InvalidInput(f"{where} is not JSON ({error}): give a recording as `maas record` writes it") from None
    if not is_object(document) or document.get("cassette") != VERSION:
        found = document.get("cassette") if is_object(document) else None
        version = f"version {found}" if isinstance(found, int) else "no version"
        raise InvalidInput(f"{where} has {version} of the format of recordings; {VERSION} can be read: record anew")
    status, number = document.get("status"), document.get("n")
    if not text(document, "method") or not text(document, "url") or not isinstance(status, int | None):
        raise InvalidInput(f"{where} lacks a method, a URL or a status: give a recording as `maas record` writes it")
    request, at = part(document, "request"), document.get("at")
    return Exchange(
        number=number if isinstance(number, int) else 0,
        method=text(document, "method"),
        url=text(document, "url"),
        at=float(at) if isinstance(at, int | float) else 0.0,
        operation=text(document, "operation"),
        status=status,
        failure=text(document, "failure"),
        headers=_headers(document["headers"]) if is_object(document.get("headers")) else None,
        body=_body(document.get("body")),
        has_body="body" in document,
        request_headers=_headers(part(request, "headers")),
        request_body=_body(request.get("body")),
        credential=text(request, "credential") or "none",
    )


def _headers(found: Document) -> Mapping[str, str]:
    return {name.lower(): value for name, value in found.items() if isinstance(value, str)}


def _body(found: object) -> Document | None:
    return found if is_object(found) else None
