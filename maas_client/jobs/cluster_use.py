"""Which clusters a job runs on, or waits for, as its document names them. Decisions only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..core.json_fields import Document, is_object, part, text
from .job import Job

_COMPUTE = "compute_"
"""The beginning of a component's inputs that say where a step runs."""


def clusters_of(job: Job) -> frozenset[str]:
    """Return the names of the clusters that any step of a job runs on, in lower case; empty for a serverless job."""
    named = (bare_name(each).lower() for each in (job.compute or "", *_in_steps(job.raw)))
    return frozenset(named) - {"", "serverless"}


def clusters_named(compute: str | None, inputs: Mapping[str, object]) -> tuple[str, ...]:
    """Return the bare names of the clusters that a job to create is to run on, each once."""
    values = (value for name, value in inputs.items() if name.startswith(_COMPUTE) and isinstance(value, str))
    named = {bare_name(each).lower(): bare_name(each) for each in (compute or "", *values)}
    return tuple(name for key, name in named.items() if key not in {"", "serverless"})


def bare_name(compute: str) -> str:
    """Return the bare name of a cluster from its name or its id."""
    return compute.rpartition("/")[2].removeprefix("azureml:")


def _in_steps(document: Document) -> Iterator[str]:
    """Yield the clusters that a pipeline job names, by any client: a default, each step's own, and inputs for them."""
    yield text(document, "properties", "settings", "default_compute")
    for step in part(document, "properties", "jobs").values():
        if is_object(step):
            yield text(step, "computeId")
            yield from (
                text(value, "value") for name, value in part(step, "inputs").items() if name.startswith(_COMPUTE)
            )
