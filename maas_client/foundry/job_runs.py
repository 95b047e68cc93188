"""What a job of Foundry reports while it runs: its times and stage from its events, its curves from both its sources.

A loss is in an event first and in the results table later, with more digits and with the validation's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import NotFound, ServiceUnavailable, TransportError, UnexpectedReply
from ..core.http_messages import Request
from ..core.url_paths import segment
from ..jobs.run_details import RunDetails
from .connection import FoundryConnection
from .event_texts import EventFacts
from .events import JobEvents
from .failure_reasons import explained_failure
from .job_directory import path_of
from .job_reading import FoundryJob
from .metric_names import merged
from .results_table import read_results

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint

LARGEST_TABLE = 64 << 20
"""Bytes of a results table that are read; a training of ten thousand steps has less than one megabyte."""


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A results table as it was read, the number of events that the job had then, and whether it had ended."""

    events: int
    metrics: dict[str, tuple[MetricPoint, ...]]


class FoundryRuns:
    """Reads what the jobs of an account report."""

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection = connection
        self.events = JobEvents(connection)
        self._tables: dict[tuple[str, str], ReadTable] = {}

    async def details(self, job: FoundryJob) -> RunDetails:
        """Return a job's times, stage and warnings; what went wrong, and at which stage, if it failed."""
        facts = await self.events.facts(job.id)
        message = ""
        if job.error_code or job.error_message:
            message = explained_failure(job.error_code, job.error_message, started=bool(facts.training_started))
        return RunDetails(
            status=job.status.value,
            started=facts.training_started,
            ended=job.finished_at,
            error_code=job.error_code,
            error_message=message,
            warnings=facts.warnings,
            log_files={},
            stage="" if job.phase.is_final else facts.stage,
            billed_tokens=facts.billed_tokens,
        )

    async def metrics(self, job_id: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a job's metrics, each as points in the order of steps."""
        known = await self.events.known(job_id)
        table = await self._table(job_id, known.facts, len(known.documents))
        return merged(known.facts.metrics, table)

    async def _table(self, job_id: str, facts: EventFacts, events: int) -> dict[str, tuple[MetricPoint, ...]]:
        """Return the metrics of a job's results table; none while it has none.

        It is read again once there are more events: a table that grows comes with new ones.
        """
        files = facts.result_files
        if not files:
            files = FoundryJob.read(await self._connection.get(path_of(job_id))).result_files
        if not files:
            return {}
        key = job_id, files[-1]
        read = self._tables.get(key)
        if read is None or read.events != events:
            content = await self._content(files[-1])
            if content is None:
                return read.metrics if read else {}
            read = self._tables[key] = ReadTable(events, read_results(content, growing=not facts.training_ended))
        return read.metrics

    async def _content(self, file_id: str) -> bytes | None:
        """Return a file's content, or None if it cannot be read now: the events have most of it."""
        url = self._connection.url(f"/files/{segment(file_id)}/content")
        request = Request("GET", url, {"Accept": "application/octet-stream"})
        try:
            async with self._connection.open(request) as incoming:
                return await incoming.read(LARGEST_TABLE)
        except (NotFound, ServiceUnavailable, TransportError, UnexpectedReply):
            return None
