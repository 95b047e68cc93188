"""The events of jobs: newest first as the service lists them, and all of a job's without reading a page twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ..core.json_fields import Document, dig, text
from ..jobs.job_event import JobEvent
from ..jobs.log_lines import LogPart
from .connection import FoundryConnection
from .event_texts import EventFacts, event_of, facts_of, read_events
from .job_directory import path_of

MOST_PAGES = 1_000
"""Pages of a hundred events that are read of one job; a training of thousands of steps has some hundred events."""


@dataclass(frozen=True, slots=True)
class KnownEvents:
    """The events of a job that were read so far, newest first, and what they report."""

    documents: tuple[Document, ...]
    facts: EventFacts


NONE = KnownEvents((), EventFacts({}))


class JobEvents:
    """Reads the events of an account's jobs, and remembers those that it has read."""

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection = connection
        self._known: dict[str, KnownEvents] = {}

    async def newest_first(self, job_id: str) -> AsyncIterator[JobEvent]:
        """Yield a job's events as they are listed; pages are fetched as they are needed."""
        async for document in self._connection.pages(path_of(job_id, "events")):
            yield event_of(document)

    async def facts(self, job_id: str) -> EventFacts:
        """Return what a job's events report; only those that are new since the last call are fetched."""
        return (await self.known(job_id)).facts

    async def lines(self, job_id: str, offset: int) -> LogPart:
        """Return a job's events as lines, the oldest first, without the first `offset` of them."""
        events = read_events((await self.known(job_id)).documents)
        return LogPart(tuple(map(str, events[offset:])), max(offset, len(events)))

    async def known(self, job_id: str) -> KnownEvents:
        """Return all events of a job, after those that are new have been fetched.

        They are kept once all new pages have been read: an error in between must not leave a gap.
        """
        before = self._known.get(job_id, NONE)
        ids = {text(document, "id") for document in before.documents}
        newest_first = _is_newest_first(before.documents)
        new: list[Document] = []
        async for document in self._connection.pages(path_of(job_id, "events"), most=MOST_PAGES):
            if text(document, "id") not in ids:
                new.append(document)
            elif newest_first:
                break
        if new:
            documents = (*new, *before.documents) if newest_first else (*before.documents, *new)
            before = KnownEvents(documents, facts_of(read_events(documents)))
            self._known[job_id] = before
        return before


def _is_newest_first(listed: tuple[Document, ...]) -> bool:
    """Return whether events are listed newest first, as the service does; an example of Azure's has the other order."""
    return len(listed) < 2 or _seconds(listed[0]) >= _seconds(listed[-1])


def _seconds(document: Document) -> float:
    at = dig(document, "created_at")
    return at if isinstance(at, int | float) and not isinstance(at, bool) else 0.0
