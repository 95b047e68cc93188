"""A request as the player sees it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mock_server.core.json_values import parse
from mock_server.http.multipart import MultipartError, MultipartReader, PartData, PartHead
from mock_server.replay.addresses import Address

BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
READING_ACTIONS = frozenset({"listsecrets", "listkeys", "list", "full", "listnodes", "getlogs", "token"})
"""Last segments of paths that are POSTed to and change nothing."""


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of a form: its name, its file's name if it has one, and its content."""

    name: str
    filename: str | None
    content: bytes = field(repr=False)


@dataclass(frozen=True)  # without slots, for what is cached
class ReplayRequest:
    """A request for the player.

    Args:
        method: the HTTP method.
        address: its URL, as it is compared.
        base: scheme, host and port that URLs in the answer have; empty to leave them as they were recorded.
        content_type: the media type of its body.
        range: its header Range, or an empty string.
        is_of_service: whether it goes to the service if it fits nothing.
        body: its body.
    """

    method: str
    address: Address
    base: str
    content_type: str = ""
    range: str = ""
    is_of_service: bool = False
    body: bytes = field(default=b"", repr=False)

    @property
    def is_reading(self) -> bool:
        """Return whether the request changes nothing, so that it may be repeated."""
        return is_reading(self.method, self.address)

    @cached_property
    def json(self) -> object:
        """Return the body as JSON, or None if it is none."""
        try:
            return parse(self.body) if self.body.strip() else None
        except ValueError:
            return None

    @cached_property
    def form(self) -> Sequence[FormPart]:
        """Return the parts of a multipart body; none if it is no form."""
        found = BOUNDARY.search(self.content_type)
        if not self.content_type.lower().startswith("multipart/form-data") or found is None:
            return ()
        parts = list[tuple[PartHead, bytearray]]()
        try:
            for event in MultipartReader((found[1] or found[2]).encode("latin-1", "replace")).feed(self.body):
                if isinstance(event, PartData):
                    parts[-1][1].extend(event.data)
                else:
                    parts.append((event, bytearray()))
        except MultipartError:
            return ()
        return [FormPart(head.name, head.filename, bytes(content)) for head, content in parts]


def is_reading(method: str, address: Address) -> bool:
    """Return whether a request only reads, by its method or by the action at the end of its path."""
    return method in ("GET", "HEAD") or (method == "POST" and address.segments[-1].lower() in READING_ACTIONS)
