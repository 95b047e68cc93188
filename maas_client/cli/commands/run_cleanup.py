"""What `maas run` deletes when it ends: the endpoint that it created, and the cluster that the job was trained on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from ...core.errors import MaasError, NotFound
from ...endpoints.errors import EndpointFailed
from ...jobs.cluster_use import clusters_of
from ...jobs.errors import JobCanceled, JobError, JobFailed
from ...jobs.phase import JobPhase
from ..app.error_messages import message_of
from ..app.exit_codes import INTERRUPTED, Failed

if TYPE_CHECKING:
    from ... import Cluster, Job, MaasClient
    from ...jobs.spec import JobKind
    from ...workflow.steps import StepUpdate

FINAL = (JobFailed, JobCanceled, EndpointFailed)
"""Errors after which the same command does not continue: what was created is of no use then."""

LATEST_JOBS = 200
"""How many jobs of a kind are looked at for one that needs the cluster, too."""

KINDS: tuple[JobKind, ...] = ("fine_tuning", "pipeline")
"""The kinds of jobs that may need the cluster, too."""


@dataclass(slots=True)
class RunCleanup:
    """Deletes what a run created and used: at its end, after an error that is final, and after Ctrl-C.

    After any other error nothing is deleted, because the same command continues with what there is. `computes` are the
    clusters to delete, and `command` writes a command line that selects the same workspace.
    """

    command: Callable[..., str]
    delete_endpoint: bool
    computes: Sequence[str] = ()
    job: Job | None = None
    endpoint: str = ""
    done: list[str] = field(default_factory=list[str])
    _deleted: list[Cluster] = field(default_factory=list["Cluster"])
    _settled: set[str] = field(default_factory=set[str])

    def on_step(self, update: StepUpdate) -> None:
        """Take note of the job and the endpoint."""
        self.job = update.job or self.job
        if update.endpoint is not None:
            self.endpoint = update.endpoint.name

    @property
    def canceled(self) -> bool:
        """Whether the job was canceled because its cluster was to be deleted."""
        return "job" in self._settled

    def needed_first(self) -> Sequence[str]:
        """Return the commands that create the clusters again which another job needs."""
        if self.job is not None and self.job.phase == JobPhase.DONE:
            return ()
        return [self.command("computes", "create", each.name, *options_of(each)) for each in self._deleted]

    @contextmanager
    def after(self, maas: MaasClient, note: Callable[[str], None]) -> Generator[None]:
        """Delete when the block has ended, unless the same command continues with what there is."""
        clean_up = partial(self._clean_up, maas, note)
        try:
            yield
        except FINAL:
            self._after_error(clean_up, note)
            raise
        except KeyboardInterrupt:
            if self._left():
                note("interrupted: deleting what this command created; Ctrl-C again ends that")
                self._after_error(clean_up, note)
            raise
        clean_up()

    def _after_error(self, clean_up: Callable[[], None], note: Callable[[str], None]) -> None:
        """Delete what can be deleted, and name the commands for the rest: the error before it is the one to raise."""
        try:
            clean_up()
        except MaasError as error:
            note(f"cleaning up failed: {message_of(error)}")
            for command in self._left():
                note(f"still there: {command}")

    def _clean_up(self, maas: MaasClient, note: Callable[[str], None]) -> None:
        """Delete one thing after the other; Ctrl-C raises Failed with the commands for what is left."""
        try:
            if self.delete_endpoint and self.endpoint:
                self._delete_endpoint(maas, note)
                self._settled.add("endpoint")
            if self.computes:
                self._cancel_job(maas, note)
            for name in self.computes:
                self._delete_cluster(maas, note, name)
                self._settled.add(f"compute {name}")
        except KeyboardInterrupt:
            left = "\n".join(f"still there: {command}" for command in self._left())
            raise Failed("interrupted while cleaning up", code=INTERRUPTED, hint=left) from None

    def _left(self) -> list[str]:
        """Return the commands for what is to be deleted and has not been."""
        left: list[str] = []
        if self.delete_endpoint and self.endpoint and "endpoint" not in self._settled:
            left.append(self.command("endpoints", "delete", self.endpoint))
        kept = (name for name in self.computes if f"compute {name}" not in self._settled)
        return left + [self.command("computes", "delete", name) for name in kept]

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

    def _cancel_job(self, maas: MaasClient, note: Callable[[str], None]) -> None:
        """Cancel the job if it has not ended, and wait until it has."""
        if self.job is None:
            return
        try:
            if maas.jobs.get(self.job.name).status.is_final:
                return
        except NotFound:  # it was interrupted before the service had it
            return
        maas.jobs.cancel(self.job.name)
        with suppress(JobError):
            maas.jobs.wait(self.job.name)
        self._settled.add("job")
        self.done.append(f"job {self.job.name} was canceled")
        note(f"job {self.job.name} canceled")

    def _delete_cluster(self, maas: MaasClient, note: Callable[[str], None], name: str) -> None:
        """Delete the cluster unless another job runs on it, or waits for it."""
        ours = "" if self.job is None else self.job.name
        try:
            nodes = maas.computes.nodes(name)
        except NotFound:
            return
        waiting = (
            job.name
            for kind in KINDS
            for job in islice(maas.jobs.list(kind=kind), LATEST_JOBS)
            if job.name != ours and not job.status.is_final and name.lower() in clusters_of(job)
        )
        running = (node.job for node in nodes if node.job not in {"", ours})  # of a pipeline the id of a step
        other = next(waiting, None) or next(running, None)
        if other is not None:
            note(f"cluster {name} kept: job {other} needs it, too")
            return
        with suppress(NotFound):
            cluster = maas.computes.get(name)
            maas.computes.delete(name, missing_ok=True)
            self._deleted.append(cluster)
        self.done.append(f"cluster {name} was deleted")
        note(f"cluster {name} deleted")


def options_of(cluster: Cluster) -> list[str]:
    """Return the options of `maas computes create` that make a cluster like this one, without its identity and tags."""
    options = ["--size", cluster.size, "--max-nodes", str(cluster.max_nodes)]
    options += ["--min-nodes", str(cluster.min_nodes)] if cluster.min_nodes else []
    options += ["--idle-after", f"{cluster.idle_seconds:g}s"] if cluster.idle_seconds is not None else []
    return options + (["--low-priority"] if cluster.low_priority else [])
