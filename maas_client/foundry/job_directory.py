"""Jobs of a Foundry account by name: names are ours and in the jobs' metadata, the service knows ids only.

The account has a hundred jobs at most, finished ones included, so that one page of its list has them all.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from ..core.errors import InvalidInput, NotFound
from ..core.json_fields import Document, text
from ..core.missing_names import names_there
from ..core.text import one_line
from ..core.url_paths import segment
from ..jobs.phase import JobPhase
from .connection import FoundryConnection
from .job_reading import FoundryJob, own_name

JOBS = "/fine_tuning/jobs"

_ENDED_BADLY = frozenset({JobPhase.FAILED, JobPhase.CANCELED})

ID = "ftjob-"
"""What every id of a job begins with; other ids are found in the list."""

_ID_IN_URL = re.compile(r"ftjob-[A-Za-z0-9]+")


def job_name(reference: str) -> str:
    """Return the name or id of a job, or the id in a URL of the portal; raise InvalidInput for another URL."""
    reference = reference.strip()
    if not reference.startswith(("https://", "http://")):
        return reference
    parts = urlsplit(reference)
    found = _ID_IN_URL.findall(f"{parts.path}?{parts.query}#{parts.fragment}")
    if not found:
        raise InvalidInput(
            f"{one_line(reference)!r} does not name a job: it has no id such as ftjob-0123…; a job's name is the one "
            "that `maas jobs list` shows"
        )
    return str(found[-1])


def path_of(job_id: str, *rest: str) -> str:
    """Return the path of a job, or of something of it."""
    return "/".join((f"{JOBS}/{segment(job_id)}", *rest))


class JobDirectory:
    """Finds jobs by name or id, and remembers which id a name has."""

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection = connection
        self._ids: dict[str, str] = {}

    def known_id(self, name: str) -> str | None:
        """Return the id of a job if it is known without asking."""
        return self._ids.get(name) or (name if name.startswith(ID) else None)

    def remember(self, name: str, document: Document) -> None:
        """Take note of a job's id."""
        if job_id := text(document, "id"):
            self._ids[name] = job_id

    def forget(self, name: str) -> None:
        """Forget the id of a job that there is no more."""
        self._ids.pop(name, None)

    async def all(self) -> AsyncIterator[FoundryJob]:
        """Yield the jobs, newest first; pages are fetched as they are needed.

        Of several jobs with one name the newest has it, and one that was canceled or failed only if all were: of two
        that a repeated request made, one was canceled.
        """
        # Assumption: The list of jobs has the newest first.
        # Shown wrong by: A page on which `created_at` rises.
        # Verified by: list tuning jobs
        # If wrong: Of several jobs with one name an older one is meant.
        # Also in: mock_server/surfaces/foundry/jobs.py
        named: dict[str, FoundryJob] = {}
        async for document in self._connection.pages(JOBS):
            job, name = FoundryJob.read(document), own_name(document)
            if name and is_rather(job, named.get(name)):
                named[name] = job
                self.remember(name, document)
            yield job

    async def find(self, name: str) -> FoundryJob | None:
        """Return a job, or None."""
        job, _ = await self._find(name)
        return job

    async def get(self, name: str) -> FoundryJob:
        """Return a job; raise NotFound, with the nearest names, without one."""
        job, there = await self._find(name)
        if job is None:
            raise no_such_job(name, self._connection.settings.place, there)
        return job

    async def id_of(self, name: str) -> str:
        """Return a job's id; raise NotFound, with the nearest names, without such a job."""
        return self.known_id(name) or (await self.get(name)).id

    async def missing(self, name: str) -> NotFound:
        """Return the error about a job that the service does not have, with the nearest names."""
        return no_such_job(name, self._connection.settings.place, [job.name async for job in self.all()])

    async def _find(self, name: str) -> tuple[FoundryJob | None, list[str]]:
        """Return a job, or None and the names that there are."""
        segment(name)  # raises InvalidInput for what cannot be a name
        if job_id := self.known_id(name):
            document = await self._connection.find(path_of(job_id))
            if document is not None:
                return FoundryJob.read(document), []
            self.forget(name)
        there: list[str] = []
        found: FoundryJob | None = None
        async for job in self.all():
            there.append(job.name)
            if name in {job.name, job.id} and is_rather(job, found):
                found = job
        if found is not None:
            self.remember(name, found.raw)
        return found, there


def is_rather(job: FoundryJob, newer: FoundryJob | None) -> bool:
    """Return whether a name means a job rather than a newer one with the same name."""
    return newer is None or (newer.phase in _ENDED_BADLY and job.phase not in _ENDED_BADLY)


def no_such_job(name: str, place: str, there: list[str]) -> NotFound:
    """Return the error for a job that does not exist, with the names of those that do."""
    detail = f"no job {name!r} in {place}; {names_there(name, there)}"
    return NotFound(f"job {name!r}", status=404, detail=detail, summary=detail)
