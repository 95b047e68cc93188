"""Names of a workflow's job and endpoint, and whether an existing job is the requested one. Decisions only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalog.model_id import ModelName
from ..core.http_messages import json_body
from ..core.json_fields import Document, dig, is_object, part
from ..core.names import check_name, slug
from ..jobs.job import Job, JobStatus
from ..jobs.request import FINGERPRINT

if TYPE_CHECKING:
    from ..endpoints.endpoint import Endpoint
    from ..jobs.spec import JobSpec

TAG = "maas-run"
"""The tag of an endpoint that a workflow created; its value is the job's name."""

DIGEST = 10
"""Characters of a job's digest. Should two requests ever share one, the second is refused: another job has its name."""

LONGEST_ENDPOINT = 32

_TRAINED = ("fineTuningDetails", "computeId", "resources", "queueSettings")
"""What decides what is trained, and so a job's name; labels and display names do not."""

_WHOLE = ("hyperParameters", "validationData")
"""What of the details counts by what is missing, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowPlan:
    """What a workflow would use: names, data, and what already exists.

    Data sets are ids, those that files will have; `job` and `endpoint` are None where there is none yet.
    """

    job_name: str
    endpoint_name: str
    model: str
    training_data: str
    validation_data: str | None
    hyperparameters: Mapping[str, str]
    job: Job | None = None
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class JobNames:
    """The names that a job has by what it trains: one for each attempt, and the endpoint's of each."""

    base: str
    digest: str

    def of(self, attempt: int) -> str:
        """Return the name of the first attempt, or of a later one."""
        return f"{self.base}-{self.digest}" + (f"-{attempt}" if attempt > 1 else "")

    def endpoint(self, job: str) -> str:
        """Return the name of a job's endpoint: as much of the base as fits, and all that tells the job from others."""
        tail = job[len(self.base) + 1 :]
        head = slug(self.base.replace(".", "-"))
        head = head if head[0].isalpha() else f"e-{head}"
        return f"{head[: LONGEST_ENDPOINT - len(tail) - 1].rstrip('-')}-{tail}"


def base_of(spec: JobSpec) -> str:
    """Return the prefix of a job's name."""
    return spec.name or slug(f"run-{ModelName.parse(spec.model).name}")


def names_of(base: str, body: Mapping[str, Any], workspace: str) -> JobNames:
    """Name a job after what it trains, on what and where; raise InvalidInput for an invalid prefix."""
    content = {key: body["properties"][key] for key in _TRAINED if key in body["properties"]}
    told = json_body({"workspace": workspace.lower(), "trained": _sorted(content)})
    names = JobNames(base, hashlib.sha256(told).hexdigest()[:DIGEST])
    check_name("job", names.of(1))
    return names


def ended_badly(job: Document) -> bool:
    """Return whether a job has failed or was canceled, or is being canceled."""
    bad = {JobStatus.FAILED.value, JobStatus.CANCEL_REQUESTED.value, JobStatus.CANCELED.value}
    return dig(job, "properties", "status") in bad


def differences(there: Document, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how an existing job differs from the requested one, a line per key; empty if it is the same.

    What the service or a colleague has added to it is no difference, nor is anything where both have the fingerprint
    of the same request.
    """
    if dig(there, "properties", "properties", FINGERPRINT) == dig(wanted, "properties", "properties", FINGERPRINT):
        return ()
    before, after = dict(_leaves(part(there, "properties"))), dict(_leaves(wanted["properties"]))
    keys = {key: None for key in after if key != ("properties", FINGERPRINT)}
    keys |= {key: None for key in before if key[0] == "fineTuningDetails" and key[1:2] and key[1] in _WHOLE}
    return tuple(
        f"{'.'.join(key)} is {_told(before.get(key))} there and {_told(after.get(key))} here"
        for key in keys
        if before.get(key) != after.get(key)
    )


def _told(value: object) -> str:
    return "not set" if value is None else repr(value)


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if is_object(value):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


def _sorted(value: object) -> object:
    """Put every mapping in one order: equal content has one name."""
    return {key: _sorted(value[key]) for key in sorted(value)} if is_object(value) else value
