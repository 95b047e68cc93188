"""One recorded exchange, a request and its answer, as it is written: without a name, a secret or a row of data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import InvalidInput
from ..core.http_messages import parse_json
from ..core.json_fields import is_object

VERSION = 1
"""The version of the format, in every line."""

Body = Mapping[str, Any] | None
"""A body as it is written: None if it is empty, else an object with `json`, `events`, `xml`, `data` or `form`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange; every string is harmless or a placeholder such as `job-1`.

    Args:
        n: its number in the recording, from 0.
        at: seconds since the first request of the recording.
        seconds: how long the answer took, to its end.
        operation: its name in the contract's table; None for a request that is not in the table.
        method, url: of the request.
        request_headers: those that are kept, names in lower case.
        credential: `bearer`, `api-key`, `shared-key`, `sas` or `none`.
        request_body: what was sent.
        status: None where no whole answer came.
        failure: `timeout` or `connection` where no whole answer came.
        headers: of the answer, names in lower case.
        body: what was answered.
    """

    n: int
    method: str
    url: str
    at: float = 0.0
    seconds: float = 0.0
    operation: str | None = None
    request_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    credential: str = "none"
    request_body: Body = None
    status: int | None = None
    failure: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Body = None

    def to_line(self) -> str:
        """Return the line of the cassette, without its end."""
        return json.dumps(self.to_document(), ensure_ascii=False, separators=(",", ":"))

    def to_document(self) -> dict[str, Any]:
        """Return the line as a JSON object."""
        return {
            "cassette": VERSION,
            "n": self.n,
            "at": round(self.at, 3),
            "seconds": round(self.seconds, 3),
            "operation": self.operation,
            "method": self.method,
            "url": self.url,
            "request": {
                "headers": dict(self.request_headers),
                "credential": self.credential,
                "body": self.request_body,
            },
            "status": self.status,
            **({"failure": self.failure} if self.failure else {}),
            "headers": dict(self.headers),
            "body": self.body,
        }

    @classmethod
    def from_line(cls, line: str) -> Exchange:
        """Read a line; raise InvalidInput for one that is no exchange of this version."""
        try:
            document = parse_json(line)
        except ValueError as error:
            raise InvalidInput(f"the line is not JSON: {error}") from None
        if not is_object(document) or document.get("cassette") != VERSION:
            raise InvalidInput(f'the line has no `"cassette": {VERSION}`, so it is not of a recording of this version')
        try:
            return cls(
                n=int(document["n"]),
                at=float(document["at"]),
                seconds=float(document["seconds"]),
                operation=document["operation"],
                method=document["method"],
                url=document["url"],
                request_headers=document["request"]["headers"],
                credential=document["request"].get("credential", "none"),
                request_body=document["request"]["body"],
                status=document["status"],
                failure=document.get("failure"),
                headers=document["headers"],
                body=document["body"],
            )
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise InvalidInput(f"the line is not an exchange: {type(error).__name__} {error}") from None
