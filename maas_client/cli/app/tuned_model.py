"""The tuned model of a job that has completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ... import Job, MaasClient


def tuned_model_of(maas: MaasClient, job: Job) -> str:
    """Return the tuned model of a completed job; that of a pipeline is registered now, unless it is already."""
    completed = maas.jobs.wait(job.name) if job.kind == "pipeline" else job
    return completed.output_model or ""
