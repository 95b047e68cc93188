"""HTTP messages as frozen values: a request, a reply, and bodies that can be read repeatedly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import InvalidInput
from .secret_text import SecretText

MAX_JSON = 16 << 20
"""Largest JSON document that is parsed, in bytes: as Python objects it may take twenty times as much memory."""

LONGEST_TIMEOUT = 1e9
"""Largest timeout in seconds, some 32 years: sockets accept no larger ones."""

MAX_DEPTH = 100
"""Maximum nesting of arrays and objects. The service's own documents have about ten levels."""

_ARRAY = frozenset({list})
_NESTS = frozenset({list, dict})

REPEATABLE_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class Body(Protocol):
    """Bytes of known size that can be read more than once, so that a request can be repeated."""

    @property
    def size(self) -> int:
        """How many bytes one iteration yields."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Read the bytes from the start."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    `repeatable` says whether the request is idempotent; `None` decides by the method (RFC 9110, section 9.2.2).
    `timeout` is in seconds, for connecting and for every wait for bytes; `fixed_timeout` says that the caller of a
    method chose it, so that a client's own does not replace it.

    Authorization is hidden in `repr`: the `signature` at the end of the URL, and `secret_headers`. If the response
    holds secrets (`secret_reply`), errors keep no part of it.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | Body = field(default=b"", repr=False)
    repeatable: bool | None = None
    timeout: float = 60.0
    signature: SecretText | None = field(default=None, repr=False)
    secret_headers: Mapping[str, SecretText] = field(default_factory=dict[str, SecretText], repr=False)
    secret_reply: bool = False
    fixed_timeout: bool = False

    def address(self) -> str:
        """Return the URL as it is sent, with its signature; keep it out of local variables."""
        if not self.signature:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{self.signature.reveal().lstrip('?')}"

    def __post_init__(self) -> None:
        """Raise InvalidInput for an invalid timeout."""
        if not 0 < self.timeout < LONGEST_TIMEOUT:
            raise InvalidInput(f"timeout must be a positive number of seconds, not {self.timeout!r}")

    @property
    def is_repeatable(self) -> bool:
        """Whether the request may be retried if its outcome is unknown."""
        return self.method in REPEATABLE_METHODS if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete HTTP response. Header names are lower case; `received` is wall-clock seconds."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    received: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Parse the body as JSON; raise ValueError if it is invalid, too large or too deeply nested."""
        return parse_json(self.body)


def parse_json(content: str | bytes) -> Any:
    """Parse untrusted JSON; raise ValueError if it is invalid, or beyond MAX_JSON or MAX_DEPTH."""
    if len(content) > MAX_JSON:
        del content  # it may be a key, and tracebacks may show local variables
        raise ValueError(f"the JSON is larger than {MAX_JSON} bytes")
    document, why = _parsed(content)
    del content
    if not why and _is_deep(document):
        why = f"the JSON is nested more than {MAX_DEPTH} levels deep"
    if why:
        del document
        raise ValueError(why)
    return document


def _parsed(content: str | bytes) -> tuple[object, str]:
    """Parse JSON, or return a description of the error. The parser's own error would hold the whole text."""
    try:
        return json.loads(content), ""
    except RecursionError:
        return None, "the JSON is nested too deeply"
    except ValueError as error:
        return None, str(error)


def _is_deep(document: Any) -> bool:
    """Return whether a parsed value is nested deeper than MAX_DEPTH; level by level, without recursion."""
    level: list[Any] = [document] if type(document) in _NESTS else []
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer if type(outer) in _ARRAY else outer.values())
            if type(inner) in _NESTS
        ]
        if not level:
            return False
    return True


def json_body(document: object) -> bytes:
    """Serialise a request body as compact UTF-8 JSON; raise InvalidInput for a value that JSON cannot represent."""
    try:
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the request cannot be written as JSON: {error}") from None
