"""Names of a workflow's job and endpoint, which follow from what is trained. Decisions only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalog.model_id import ModelName
from ..core.http_messages import json_body
from ..core.json_fields import is_object
from ..core.names import check_name, slug
from ..core.plain_values import PlainValue

if TYPE_CHECKING:
    from ..endpoints.endpoint import Endpoint
    from ..jobs.job import Job
    from ..jobs.spec import JobSpec

TAG = "maas-run"
"""The tag of an endpoint that a workflow created; its value is the job's name."""

DIGEST = 10
"""Characters of a job's digest. Should two requests ever share one, the second is refused: another job has its name."""

LONGEST_ENDPOINT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowPlan(PlainValue):
    """What a workflow would use: names, data, and what already exists.

    Data is given as ids, those that files will have; `job` and `endpoint` are None where there is none yet.
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
        """Return the name of a job's endpoint: as much of the base as fits, and all that makes the job unique."""
        tail = job[len(self.base) + 1 :] or self.digest  # the job may have the base alone as its name
        head = slug(self.base.replace(".", "-"))
        head = head if head[0].isalpha() else f"e-{head}"
        return f"{head[: LONGEST_ENDPOINT - len(tail) - 1].rstrip('-')}-{tail}"


def base_of(spec: JobSpec) -> str:
    """Return the prefix of a job's name."""
    return spec.name or slug(f"run-{ModelName.parse(spec.model).name}")


def names_of(base: str, trained: Mapping[str, object], scope: str) -> JobNames:
    """Name a job after what it trains, on what and where; raise InvalidInput for an invalid prefix."""
    content = json_body({"workspace": scope.lower(), "trained": _sorted(trained)})
    names = JobNames(base, hashlib.sha256(content).hexdigest()[:DIGEST])
    check_name("job", names.of(1))
    return names


def _sorted(value: object) -> object:
    """Put every mapping in one order: equal content has one name."""
    return {key: _sorted(value[key]) for key in sorted(value)} if is_object(value) else value
