"""The source of a copy once it is open: what is known of it, and its bytes as they come."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """What is copied: so many bytes, of one version, with the properties that go along with a whole blob."""

    size: int  # of what is wanted of it
    etag: str | None
    modified: float | None  # seconds since 1970
    properties: Mapping[str, str]
    pieces: AsyncGenerator[bytes]
