"""Run history: why a job failed, what it measured, what it wrote. A job itself carries none of this."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..azure.signers import for_signed_url
from ..azure.workspace import AsyncWorkspace
from ..core.errors import NotFound, ServiceError, UnexpectedReply
from ..core.http_messages import Request
from ..core.json_fields import Document, dig, is_object, items, part, text
from ..core.metrics import MetricPoint, metric_value
from ..core.redaction import redact_document
from ..core.secret_text import SecretText, SecretUrl
from ..core.text import one_line
from ..core.url_paths import segment
from ..http.channel import Channel
from ..http.trusted_hosts import Audience
from .log_lines import LARGEST_PART, LogPart, line_of, part_of
from .run_details import RunDetails
from .step import JobStep

MAX_METRIC_PAGES = 10_000
MAX_ROWS = 1_000_000
"""Points of one metric that are kept, about 100 MB of them; a training logs some thousands."""

MAX_METRICS = 1_000
MAX_CHILDREN = 10_000
"""Runs below one run; the components for fine-tuning have five."""

LARGEST_LOG = 4 << 30
"""Bytes. An answer without end would never let go of who follows it."""

_STD_LOG = re.compile(r"user_logs/std_log[\D]*[0]*(?:_ps)?\.txt")
_LONGEST_LINE = 1 << 20
_PARTIAL, _NOTHING_THERE = 206, 416


@dataclass(frozen=True, slots=True)
class RunHistory:
    """The run-history and metric services of one workspace."""

    workspace: AsyncWorkspace
    channel: Channel

    async def details(self, name: str) -> RunDetails:
        """Return what run history knows of a job."""
        document = redact_document(await self._details(name))[1]
        error = part(document, "error", "error")
        logs = part(document, "logFiles")
        return RunDetails(
            status=text(document, "status"),
            started=text(document, "startTimeUtc"),
            ended=text(document, "endTimeUtc"),
            error_code=text(error, "code"),
            error_message=text(error, "message"),
            warnings=tuple(text(warning, "message") for warning in items(document, "warnings")),
            log_files={one_line(file): url for file, url in logs.items() if isinstance(url, str)},
        )

    async def logs(self, name: str) -> Mapping[str, SecretText]:
        """Return the addresses of a job's log files by name, with the signatures that open them."""
        found = part(await self._details(name), "logFiles")
        return {one_line(file): SecretUrl(url) for file, url in found.items() if isinstance(url, str)}

    async def hide(self, name: str, experiment: str, *, hidden: bool) -> None:
        """Hide a run, which the service shows as an archived job, or show it again."""
        path = f"/experiments/{segment(experiment)}/runs/{segment(name)}"
        await self.workspace.history("PATCH", "history/v1.0", path, {"hidden": hidden})

    async def children(self, name: str) -> Sequence[Document]:
        """Return the runs directly below a run, in the order of run history; pages are read to the end."""
        found: list[Document] = []
        seen = {""}
        path, url = f"/runs/{segment(name)}/children", ""
        while True:
            document = await self.workspace.history("GET", "history/v1.0", path, url=url)
            found += [each for each in items(document, "value") if is_object(each)]
            url = text(document, "nextLink")
            if not url:
                return found
            if url in seen or len(found) > MAX_CHILDREN:
                raise _absurd(f"the steps of job {name!r}", "the listing never ends")
            seen.add(url)

    async def steps(self, name: str) -> tuple[JobStep, ...]:
        """Return the steps of a pipeline job that have begun, in their order.

        A pipeline's children are the components that it runs, and the children of those are the steps.
        """
        # Assumption: The runs below a pipeline job are its components, and the runs below these are the steps.
        # Shown wrong by: A pipeline with a step of the component among the job's own children, or further runs below
        #   the steps.
        # Verified by: pipeline job results
        # If wrong: A component is shown as a step, and the reason and log of the step that failed are not found.
        # Also in: mock_server/resources/pipeline_runs.py
        nodes = [node for node in await self.children(name) if text(node, "runId")]
        below = await self.channel.wire.gather((partial(self.children, text(node, "runId")) for node in nodes), limit=4)
        found = [each for node, steps in zip(nodes, below, strict=True) for each in (steps or [node])]
        steps = [JobStep.of(each) for each in found]
        return tuple(sorted(steps, key=lambda step: text(step.raw, "createdUtc")))  # stable, where none is given

    async def _details(self, name: str) -> Document:
        return await self.workspace.history("GET", "history/v1.0", f"/runs/{segment(name)}/details")

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return every metric of a job, each as its points in the order of steps."""
        listing = self._rows(f"/runs/{segment(name)}/list", {})
        named = set[str]()
        async for row in listing:
            named |= {metric} if (metric := text(row, "metricKey", "name")) else set()
            if len(named) > MAX_METRICS:
                raise _absurd(f"the metrics of job {name!r}", f"there are more than {MAX_METRICS}")
        names = sorted(named)
        points = await self.channel.wire.gather((partial(self._points, name, metric) for metric in names), limit=4)
        return dict(zip(names, points, strict=True))

    async def _points(self, name: str, metric: str) -> tuple[MetricPoint, ...]:
        points: list[MetricPoint] = []
        async for row in self._rows(f"/runs/{segment(name)}/full", {"metricName": metric}):
            # Assumption: The value of a metric is in `data` under the metric's own name, and its step in `step`.
            # Shown wrong by: A row whose `data` has another key, or whose `step` is missing.
            # Verified by: newest job, job results
            # If wrong: The metric has no points, or all of them at step 0.
            value, step = metric_value(dig(row, "data", metric)), dig(row, "step")
            if value is not None:
                number = step if isinstance(step, int) else 0
                points.append(MetricPoint(number, value, text(row, "createdUtc")))
        return tuple(sorted(points, key=lambda point: point.step))

    async def _rows(self, path: str, body: Mapping[str, str]) -> AsyncIterator[object]:
        """Yield the rows of a metric listing, following its continuation token."""
        token, seen, count = "", set[str](), 0
        while True:
            more = {"continuationToken": token} if token else {}
            document = await self.workspace.history("POST", "metric/v2.0", path, {**body, **more})
            for row in items(document, "value"):
                if is_object(row):
                    count += 1
                    yield row
            # Assumption: The next page of a list of metrics is asked for by the `continuationToken` of the page before,
            #   in the body of the request.
            # Shown wrong by: A `nextLink` that is not null, or a second page that repeats the first.
            # Verified by: newest job, job results
            # If wrong: Metrics are cut short after the first page, or UnexpectedReply says that the listing never ends.
            token = text(document, "continuationToken")
            if not token:
                return
            if token in seen or len(seen) > MAX_METRIC_PAGES or count > MAX_ROWS:
                raise _absurd(f"POST {path}", "the listing never ends: each page names another one")
            seen.add(token)

    async def lines_of(self, name: str, log: tuple[str, SecretText]) -> AsyncGenerator[str]:
        """Yield the lines of a job's log file, by the file's name and address."""
        # Assumption: The addresses in `logFiles` are signed URLs of Blob Storage, which need no token.
        # Shown wrong by: Another host than that of a storage account, an address without a signature, or 401.
        # Verified by: newest job, job results
        # If wrong: UntrustedHost or an error 401: logs cannot be read.
        chosen, url = log
        request, signer = for_signed_url(url, Request("GET", ""))
        rest, size = bytearray(), 0
        async with self.channel.open(request, audience=Audience.BLOB, signer=signer) as incoming:
            async for chunk in incoming.chunks:
                # Only what ends a line is joined: a long line in many small pieces costs no more than a short one.
                head, *lines = chunk.split(b"\n")
                rest += head
                for line in lines:
                    yield line_of(rest)
                    rest = bytearray(line)
                if len(rest) > _LONGEST_LINE:
                    yield line_of(rest)
                    rest = bytearray()
                if (size := size + len(chunk)) > LARGEST_LOG:
                    raise _absurd(f"log {chosen!r} of job {name!r}", f"it is larger than {LARGEST_LOG} bytes")
        if rest:
            yield line_of(rest)

    async def log_part(self, name: str, file: str | None, offset: int) -> LogPart:
        """Return the lines of one of a job's log files from a byte on; raise NotFound without one.

        A file that has become shorter has been begun anew, and so it is read from its beginning.
        """
        _, url = await self.log(name, file)
        try:
            return await self._log_from(url, offset)
        except ServiceError as error:
            if error.status != _NOTHING_THERE or not offset:
                raise
        return await self._log_from(url, 0)

    async def _log_from(self, url: SecretText, offset: int) -> LogPart:
        """Read a log file from a byte on; one that ends before it is a ServiceError."""
        # The byte before is asked for as well: it is there unless the file has become shorter.
        headers = {"Range": f"bytes={offset - 1}-"} if offset else {}
        request, signer = for_signed_url(url, Request("GET", "", headers=headers))
        content, more, size = bytearray(), False, 0
        async with self.channel.open(request, audience=Audience.BLOB, signer=signer) as incoming:
            is_part = incoming.status == _PARTIAL
            known = min(offset, 1) if is_part else offset  # who does not know ranges sends all
            async for chunk in incoming.chunks:
                content += chunk[max(known - size, 0) :]
                size += len(chunk)
                if more := len(content) >= LARGEST_PART:
                    break
        return part_of(bytes(content), offset, more=more)

    async def log(self, name: str, file: str | None) -> tuple[str, SecretText]:
        """Return a log file's name and address, by default those of the standard output; raise NotFound without one."""
        logs = await self.logs(name)
        chosen = file or standard_log(tuple(logs))
        if chosen is None or chosen not in logs:
            raise NotFound(
                f"log {file or 'std_log'!r} of job {name!r}",
                status=404,
                detail=f"there are: {', '.join(logs) or 'no logs yet'}",
            )
        return chosen, logs[chosen]


def standard_log(files: Sequence[str]) -> str | None:
    """Pick the file that holds the standard output, else the first one (azure-ai-ml 1.35.2 `constants/_job/job.py`)."""
    return next((file for file in files if _STD_LOG.match(file)), files[0] if files else None)


def _absurd(what: str, why: str) -> UnexpectedReply:
    return UnexpectedReply(what, status=200, detail=why)
