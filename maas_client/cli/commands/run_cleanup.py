"""What `maas run` deletes when it ends: the endpoint that it created."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...core.errors import MaasError, NotFound
from ...endpoints.errors import EndpointFailed
from ...jobs.errors import JobCanceled, JobFailed
from ..app.error_messages import message_of
from ..app.exit_codes import INTERRUPTED, Failed

if TYPE_CHECKING:
    from ... import Job, MaasClient
    from ...workflow.steps import StepUpdate

FINAL = (JobFailed, JobCanceled, EndpointFailed)
"""Errors after which the same command does not go on: what was created is of no use then."""


@dataclass(slots=True)
class RunCleanup:
    """Deletes what a run created: at its end, after an error that is final, and after Ctrl-C.

    After any other error nothing is deleted, because the same command goes on with what there is. `command` writes a
    command line that selects the same workspace.
    """

    command: Callable[..., str]
    delete_endpoint: bool
    job: Job | None = None
    endpoint: str = ""
    done: list[str] = field(default_factory=list[str])

    def on_step(self, update: StepUpdate) -> None:
        """Take note of the job and the endpoint."""
        self.job = update.job or self.job
        if update.endpoint is not None:
            self.endpoint = update.endpoint.name

    @contextmanager
    def after(self, maas: MaasClient, note: Callable[[str], None]) -> Generator[None]:
        """Delete when the block has ended, unless the same command goes on with what there is."""
        try:
            yield
        except FINAL:
            self._clean_up_after_error(maas, note)
            raise
        except KeyboardInterrupt:
            if self._left():
                note("interrupted: deleting what this command created; Ctrl-C again ends that")
                self._clean_up_after_error(maas, note)
            raise
        self._clean_up(maas, note)

    def _clean_up_after_error(self, maas: MaasClient, note: Callable[[str], None]) -> None:
        """Delete what can be deleted, and name the commands for the rest: the error before it is the one to raise."""
        try:
            self._clean_up(maas, note)
        except MaasError as error:
            note(f"cleaning up failed: {message_of(error)}")
            for command in self._left():
                note(f"still there: {command}")

    def _clean_up(self, maas: MaasClient, note: Callable[[str], None]) -> None:
        """Delete one thing after the other; Ctrl-C raises Failed with the commands for what is left."""
        try:
            if self.delete_endpoint and self.endpoint:
                self._delete_endpoint(maas, note)
        except KeyboardInterrupt:
            left = "\n".join(f"still there: {command}" for command in self._left())
            raise Failed("interrupted while cleaning up", code=INTERRUPTED, hint=left) from None

    def _left(self) -> list[str]:
        """Return the commands for what is to be deleted and has not been."""
        if self.delete_endpoint and self.endpoint and not self.done:
            return [self.command("endpoints", "delete", self.endpoint)]
        return []

    def _delete_endpoint(self, maas: MaasClient, note: Callable[[str], None]) -> None:
        """Delete the endpoint if `maas run` created it for this job."""
        from ...workflow.naming import TAG

        try:
            found = maas.endpoints.get(self.endpoint)
        except NotFound:
            return
        if self.job is None or found.tags.get(TAG) != self.job.name:
            note("endpoint kept: it was not created by `maas run` for this job")
            return
        maas.endpoints.delete(found.name, missing_ok=True)
        self.done.append(f"endpoint {found.name} was deleted")
        note(f"endpoint {found.name} deleted; the tuned model is kept")
