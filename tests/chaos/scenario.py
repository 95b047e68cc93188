"""The whole job, call by call: each is repeated after a client error, as a user would, before the next one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from maas_client import MaasError, ServiceError, WaitTimeout
from maas_client.client import Resources
from maas_client.transfers.uploads import blocks as plan
from tests.chaos.environment import Hang, RunEnvironment
from tests.chaos.secrets import full_text

T = TypeVar("T")

MODEL = "Phi-4-mini-instruct"
SIZE = "Standard_NC24ads_A100_v4"
BLOCK = 1500
"""Bytes of a block, and so of the largest file that goes at once, where the scenario runs."""

TRAINING, VALIDATION = 30, 6
"""Rows: some 3,000 bytes, which go in three blocks, and some 600, which go at once."""

PAUSE = 90.0
"""Seconds after which the user calls again."""

LONGEST_CALL = 3600.0
"""Seconds that a call without a timeout of its own may take, whatever the service does."""

JOB, READY, GONE = 7200.0, 3600.0, 900.0
"""Seconds that are given to a job, an endpoint, and a deletion."""

INTERVAL = 130.0
"""Seconds by which a wait may end after its time: one interval, and one look that is not answered."""


@dataclass
class Work:
    """A client, a folder to work in, and what the calls before have brought."""

    maas: Resources
    folder: Path
    job: str = "the-job"
    canceled: str = "nothing"
    endpoint: str = "the-endpoint"
    own: str = "the-own-one"
    cluster: str = "the-cluster"
    made: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def train(self) -> Path:
        return self.folder / "train.jsonl"

    @property
    def validation(self) -> Path:
        return self.folder / "validation.jsonl"


async def collected(items: AsyncIterator[T]) -> list[T]:
    """Read an asynchronous iterator to its end."""
    return [item async for item in items]


async def _check(work: Work) -> object:
    return await work.maas.datasets.check(work.train, model=MODEL)


async def _upload_in_blocks(work: Work) -> object:
    work.made["training"] = await work.maas.datasets.upload(work.train)
    return work.made["training"]


async def _upload_at_once(work: Work) -> object:
    work.made["validation"] = await work.maas.datasets.upload(work.validation, role="validation")
    return work.made["validation"]


async def _create(work: Work) -> object:
    training = work.made.get("training", work.train)
    validation = work.made.get("validation", work.validation)
    return await work.maas.jobs.create(
        name=work.job, model=MODEL, training_data=training, validation_data=validation, allow_retired=True
    )


async def _wait(work: Work) -> object:
    job = await work.maas.jobs.wait(work.job, timeout=JOB)
    work.made["model"] = job.output_model
    return job


async def _create_another(work: Work) -> object:
    """A job that names itself: created once or not at all, and never requested again."""
    job = await work.maas.jobs.create(model=MODEL, training_data=work.train, allow_retired=True)
    work.canceled = job.name
    return job


async def _cancel(work: Work) -> object:
    return await work.maas.jobs.cancel(work.canceled)


async def _deploy(work: Work) -> object:
    return await work.maas.endpoints.create(name=work.endpoint, model=work.made.get("model") or "Phi-4")


async def _deploy_another(work: Work) -> object:
    return await work.maas.endpoints.create(model="Phi-4", tags={"purpose": "none"})


async def _deploy_on_own_compute(work: Work) -> object:
    """Endpoint, deployment and traffic, each followed to its end."""
    return await work.maas.endpoints.create(name=work.own, model="Phi-4", instance_type=SIZE, timeout=READY)


async def _create_a_cluster(work: Work) -> object:
    return await work.maas.computes.create(work.cluster, size=SIZE, timeout=READY)


async def _scale_the_cluster(work: Work) -> object:
    return await work.maas.computes.scale(work.cluster, max_nodes=2, timeout=READY)


async def _download_data(work: Work) -> object:
    data = work.made.get("training") or "train:1"
    return await work.maas.datasets.download(data, work.folder / "data.jsonl", overwrite=True)


Call = Callable[[Work], Awaitable[object]]


@dataclass(frozen=True)
class Step:
    """One call: what it is, the seconds that it may take, and how often it is made at the most.

    `settles` says that calling again is all it takes once a fault is over. A call without retries, once the client's
    retry budget is used up, meets each fault of each of its operations in turn: about four faults, each five times.
    """

    call: Call
    seconds: float = LONGEST_CALL
    tries: int = 25
    settles: bool = True


STEPS: Mapping[str, Step] = {
    "datasets.check": Step(_check),
    "datasets.upload in blocks": Step(_upload_in_blocks),
    "datasets.upload at once": Step(_upload_at_once),
    "jobs.create": Step(_create),
    "jobs.create without a name": Step(_create_another, tries=1, settles=False),
    "jobs.cancel": Step(_cancel, tries=3, settles=False),
    "jobs.wait": Step(_wait, JOB + INTERVAL, tries=12),
    "jobs.get": Step(lambda work: work.maas.jobs.get(work.job)),
    "jobs.details": Step(lambda work: work.maas.jobs.details(work.job)),
    "jobs.metrics": Step(lambda work: work.maas.jobs.metrics(work.job)),
    "jobs.logs": Step(lambda work: collected(work.maas.jobs.logs(work.job))),
    "jobs.list": Step(lambda work: collected(work.maas.jobs.list())),
    "jobs.download": Step(lambda work: work.maas.jobs.download(work.job, work.folder / "job", overwrite=True)),
    "datasets.download": Step(_download_data),
    "endpoints.create": Step(_deploy),
    "endpoints.create without a name": Step(_deploy_another, tries=1, settles=False),
    "endpoints.wait": Step(lambda work: work.maas.endpoints.wait(work.endpoint, timeout=READY), READY + INTERVAL),
    "endpoints.list": Step(lambda work: collected(work.maas.endpoints.list())),
    "endpoints.keys": Step(lambda work: work.maas.endpoints.keys(work.endpoint)),
    "chat.complete": Step(lambda work: work.maas.chat.complete(work.endpoint, "question 7")),
    "chat.stream": Step(lambda work: collected(work.maas.chat.stream(work.endpoint, "question 7"))),
    "endpoints.regenerate_key": Step(
        lambda work: work.maas.endpoints.regenerate_key(work.endpoint, timeout=GONE),
        GONE + LONGEST_CALL,
        tries=1,
        settles=False,
    ),
    "endpoints.delete": Step(
        lambda work: work.maas.endpoints.delete(work.endpoint, missing_ok=True, timeout=GONE), GONE + LONGEST_CALL
    ),
    "computes.sizes": Step(lambda work: work.maas.computes.sizes()),
    "computes.quota": Step(lambda work: work.maas.computes.quota()),
    "computes.create": Step(_create_a_cluster, READY + LONGEST_CALL + INTERVAL),
    "computes.scale": Step(_scale_the_cluster, READY + LONGEST_CALL + INTERVAL),
    "computes.list": Step(lambda work: collected(work.maas.computes.list())),
    "computes.nodes": Step(lambda work: work.maas.computes.nodes(work.cluster)),
    "computes.delete": Step(
        lambda work: work.maas.computes.delete(work.cluster, missing_ok=True, timeout=GONE), GONE + LONGEST_CALL
    ),
    "endpoints.create on own compute": Step(_deploy_on_own_compute, READY + LONGEST_CALL + INTERVAL),
    "endpoints.scale": Step(
        lambda work: work.maas.endpoints.scale(work.own, instance_count=2, timeout=READY), READY + LONGEST_CALL
    ),
    "endpoints.traffic": Step(
        lambda work: work.maas.endpoints.traffic(work.own, {"main": 100}, timeout=READY), READY + LONGEST_CALL
    ),
    "endpoints.logs": Step(lambda work: work.maas.endpoints.logs(work.own)),
    "chat.complete on own compute": Step(lambda work: work.maas.chat.complete(work.own, "question 7")),
    "endpoints.delete on own compute": Step(
        lambda work: work.maas.endpoints.delete(work.own, missing_ok=True, timeout=GONE), GONE + LONGEST_CALL
    ),
}

OPERATIONS = (
    "workspaces.get",
    "datastores.get",
    "datastores.list_secrets",
    "blob.head",
    "blob.put",
    "blob.get_block_list",
    "blob.put_block",
    "blob.put_block_list",
    "blob.get",
    "blob.list",
    "data.get",
    "data.create",
    "registry.discovery",
    "registry.list_versions",
    "models.get",
    "jobs.get",
    "jobs.create",
    "jobs.list",
    "jobs.cancel",
    "history.discovery",
    "history.details",
    "history.log",
    "metrics.list",
    "metrics.full",
    "endpoints.get",
    "endpoints.create",
    "endpoints.list",
    "endpoints.list_keys",
    "endpoints.regenerate_keys",
    "endpoints.delete",
    "vm_sizes.list",
    "usages.list",
    "computes.create",
    "computes.get",
    "computes.scale",
    "computes.list",
    "computes.list_nodes",
    "computes.delete",
    "operations.compute_status",
    "online_endpoints.get",
    "online_endpoints.put",
    "online_endpoints.list",
    "online_endpoints.list_keys",
    "online_endpoints.delete",
    "online_deployments.get",
    "online_deployments.put",
    "online_deployments.list",
    "online_deployments.scale",
    "online_deployments.logs",
    "scoring.chat",
    "vm_sizes.list",
    "usages.list",
    "operations.status",
    "operations.result",
    "chat.complete",
)
"""What the calls ask of the server, by the names in its journal."""


HANG = Hang.__name__


@dataclass
class Outcome:
    """The outcome of one call, after `seconds`: success, a client error, or any other error, with its message.

    `retry_after` are the seconds for which the service asks to wait.
    """

    step: str
    seconds: float
    error: str = ""
    is_client_error: bool = True
    retry_after: float = 0.0
    message: str = field(default="", repr=False)


async def whole_job(
    environment: RunEnvironment, work: Work, before: Callable[[str], None] = lambda _: None, most_calls: int = 25
) -> list[Outcome]:
    """Make every call, again after a client error, and return the outcome of each.

    `before` is called with the name of the next step; each is made `most_calls` times at most.
    """
    outcomes: list[Outcome] = []
    for name, step in STEPS.items():
        before(name)
        for _ in range(min(step.tries, most_calls)):
            outcomes.append(await _made(environment, work, name, step))
            if outcomes[-1].error == HANG:
                return outcomes
            if not outcomes[-1].error:
                break
            environment.advance(max(PAUSE, outcomes[-1].retry_after))
    return outcomes


async def _made(environment: RunEnvironment, work: Work, name: str, step: Step) -> Outcome:
    began, environment.deadline = environment.time, environment.time + step.seconds
    try:
        await step.call(work)
    except MaasError as error:
        retry_after = error.retry_after or 0.0 if isinstance(error, ServiceError) else 0.0
        retry_after = READY if isinstance(error, WaitTimeout) else retry_after
        return Outcome(
            name, environment.time - began, type(error).__name__, retry_after=retry_after, message=full_text(error)
        )
    except (Exception, Hang) as error:  # what a run is looking for
        return Outcome(
            name, environment.time - began, type(error).__name__, is_client_error=False, message=full_text(error)
        )
    finally:
        environment.deadline = float("inf")
    return Outcome(name, environment.time - began)


def write_rows(folder: Path) -> None:
    """Write what the scenario trains on."""
    for name, count in (("train", TRAINING), ("validation", VALIDATION)):
        turns = ([("user", f"question {n}"), ("assistant", f"answer {n} of {name}")] for n in range(count))
        rows = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
        (folder / f"{name}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")


def small_blocks(size: int = BLOCK) -> int:
    """Let files go in blocks of this many bytes; return how large they were."""
    before, plan.BLOCK = plan.BLOCK, size
    return before
