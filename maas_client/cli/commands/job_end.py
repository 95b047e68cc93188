"""What happens for each job that ends: a command that is run, and a URL that a document is posted to."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ...core.errors import MaasError
from ...core.origins import is_loopback
from ...core.redaction import redact

if TYPE_CHECKING:
    from ... import Job, MaasClient
    from ...wire import BlockingWire

NOTIFY_SECONDS = 10.0
"""Longest time that a notification may take."""


class NotifyUrl(click.types.StringParamType):
    """An https URL without credentials, or an http URL of this machine."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the URL, or fail without repeating it: it may contain a secret."""
        try:
            parts = urlsplit(str(value))
            host, _ = parts.hostname or "", parts.port  # a port that is none raises
        except ValueError:
            self.fail("must be a URL", param, ctx)
        if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
            self.fail("must be an https URL, or an http URL of this machine", param, ctx)
        if parts.username or parts.password:
            self.fail("must not contain a user name or password", param, ctx)
        return str(value)


def masked(url: str) -> str:
    """Return a URL's origin only: the path of a webhook is its secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/***"


@dataclass(slots=True)
class JobEndActions:
    """Runs `command` and posts to `url`, once for each job that ends; `wire` makes the connection for the post."""

    command: str | None
    url: str | None = field(repr=False)
    wire: Callable[[], BlockingWire]
    failed: list[str] = field(default_factory=list[str])

    def __call__(self, maas: MaasClient, job: Job, note: Callable[[str], None]) -> None:
        """Take the actions for a job; what goes wrong is a warning, given to `note`."""
        if self.command is None and self.url is None:
            return
        document = _document(maas, job)
        if self.command is not None:
            self._run(self.command, job, document, note)
        if self.url is not None:
            self._post(self.url, document, note)

    def _run(self, command: str, job: Job, document: Mapping[str, Any], note: Callable[[str], None]) -> None:
        """Run the command, without a shell: a job's name is data, and never part of a command line."""
        variables = {
            "MAAS_JOB_NAME": job.name,
            "MAAS_JOB_STATUS": job.status.value,
            "MAAS_JOB_OUTPUT_MODEL": job.output_model or "",
        }
        try:
            done = subprocess.run(  # noqa: S603 -- the user's own command
                shlex.split(command, posix=os.name != "nt"),
                input=json.dumps(document),
                env={**os.environ, **variables},
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except (OSError, ValueError) as error:
            self.failed.append(job.name)
            note(f"warning: {job.name}: --exec could not be run: {_why(error)}")
            return
        for line in (done.stdout + done.stderr).splitlines():
            note(f"{job.name}: {line}")
        if done.returncode != 0:
            self.failed.append(job.name)
            note(f"warning: {job.name}: --exec ended with exit code {done.returncode}")

    def _post(self, url: str, document: Mapping[str, Any], note: Callable[[str], None]) -> None:
        """Post the document; no failure of this changes what the command returns."""
        from ...core.blocking import run
        from ...core.http_messages import Request

        body = json.dumps(document).encode()
        request = Request(
            "POST", url, {"Content-Type": "application/json"}, body, repeatable=False, timeout=NOTIFY_SECONDS
        )
        try:
            with closing(self.wire()) as wire, wire.within(NOTIFY_SECONDS):
                reply = run(wire.send(request))
        except MaasError as error:
            why = str(error).replace(url, masked(url))
            note(f"warning: {document['name']}: {masked(url)} was not notified: {redact(why)}")
            return
        if not 200 <= reply.status < 300:
            note(f"warning: {document['name']}: {masked(url)} was not notified: it answered with {reply.status}")


def _why(error: OSError | ValueError) -> str:
    """Return why a command could not be started: the system's words with the command, without its number."""
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)


def _document(maas: MaasClient, job: Job) -> dict[str, Any]:
    """Return what is said of a job that has ended; `text` is what chat services show."""
    reason = ""
    if job.phase == "failed":
        with suppress(MaasError):
            details = maas.jobs.details(job.name)
            reason = redact(": ".join(part for part in (details.error_code, details.error_message) if part))
    return {
        "event": "job_ended",
        "text": f"job {job.name}: {job.status.value}" + (f" ({reason})" if reason else ""),
        "name": job.name,
        "status": job.status.value,
        "model": job.model,
        "output_model": job.output_model,
        "error": reason or None,
        "created_at": job.created_at,
        "studio_url": job.studio_url,
    }
