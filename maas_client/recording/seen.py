"""One exchange as it was seen on the wire, before anything of it is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_KEPT = 1 << 20
"""Bytes of a streamed body that are looked at; the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A body as far as it was kept: its size, how many lines end in it, and its beginning."""

    size: int = 0
    newlines: int = 0
    head: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, body: bytes) -> Sample:
        """Take a whole body."""
        return cls(len(body), body.count(b"\n"), body)

    @property
    def is_whole(self) -> bool:
        """Whether all of it was kept."""
        return self.size == len(self.head)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request and its answer; `status` is None, and `failure` a word, where no whole answer came."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    credential: str = "none"
    body: Sample = Sample()
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    answer: Sample = Sample()
    failure: str | None = None
    n: int = 0
    at: float = 0.0
    seconds: float = 0.0
