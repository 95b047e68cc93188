"""From a JobSpec to the job at the service: names resolved, data uploaded, the request sent once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from ..azure.arm import Arm
from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known
from ..catalog.model_facts import ModelFacts
from ..catalog.model_id import REGISTRY, ModelName, plain_name
from ..core.errors import Conflict, InvalidInput, NotFound, PermissionDenied, UntrustedHost
from ..core.json_fields import dig, text
from ..core.names import check_name, unique_name
from ..core.secret_text import SecretText
from ..core.surfaces import not_offered
from ..core.url_paths import segment
from ..datasets.dataset import Dataset
from .base_model import BaseModels
from .data_reference import (
    LocalFile,
    asset_in,
    bare_name_in,
    check_complete,
    is_in_azure,
    latest_asset_in,
    without_prefix,
)
from .hyperparameters import Hyperparameters
from .job import Job
from .pipeline_job import job_of
from .request import FINGERPRINT, JobRequest
from .spec import JobSpec, PlannedRequest, TrainingData
from .training_data import DataPreparation, RemoteFile, not_remote

if TYPE_CHECKING:
    from ..datasets.check.report import Role
    from ..datasets.resource import AsyncDatasets
    from ..datasets.rows.schemas import Task
    from ..http.auth import Signer
    from ..transfers.progress import OnProgress

logger = logging.getLogger("maas_client")

TASKS: Mapping[str, str] = {"chat": "chatCompletion", "text": "textCompletion"}
"""What a task is called here, and on the wire."""


@dataclass(frozen=True, slots=True)
class ResolvedSpec:
    """Implements ResolvedJob."""

    spec: JobSpec
    hyperparameters: Mapping[str, str]
    model_id: str
    facts: ModelFacts | None
    compute_id: str | None

    @property
    def task(self) -> Task:
        """The task to train for."""
        return self.spec.task or "chat"

    @property
    def rules(self) -> Mapping[str, Any]:
        """The model and the task that the files are for."""
        return {"model": self.facts.name if self.facts else None, "task": self.task}

    def prepared(self, training_data: str | Dataset, validation_data: str | Dataset | None) -> JobRequest:
        """Return the request for a job with the ids of its data; without a name, one is generated."""
        spec = self.spec
        name = spec.name or unique_name(f"ft-{plain_name(self.model_id)}")
        return JobRequest(
            name=name,
            model_id=self.model_id,
            training_data=_id(training_data),
            validation_data=None if validation_data is None else _id(validation_data),
            task=TASKS[self.task],
            hyperparameters=self.hyperparameters,
            output_name=spec.output_name or f"{name}-model",
            display_name=spec.display_name,
            experiment=spec.experiment,
            tags=spec.tags,
            properties=spec.properties,
            compute_id=self.compute_id,
            instance_types=spec.instance_types,
            job_tier=spec.job_tier,
        )


class CreationRequest(Protocol):
    """The request that creates a job of any kind."""

    @property
    def name(self) -> str:
        """The job's name."""
        ...

    def to_document(self) -> dict[str, Any]:
        """Build the body of the PUT."""
        ...


@dataclass(frozen=True, slots=True)
class JobSubmission:
    """Makes jobs of one workspace. `datasets` is only called where there are files."""

    arm: Arm
    workspace: AsyncWorkspace
    datasets: Callable[[], AsyncDatasets]

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the spec with its model's newest version in its model's id, and data assets by version.

        Where the registry cannot be read, the catalogue's version is used, consistently. But transient errors
        are raised: with another version on the next call, a workflow would create another job.
        """
        wanted = ModelName.parse(spec.model)
        if wanted.registry == REGISTRY and wanted.version is None:
            facts = known(spec.model)
            wanted = replace(wanted, name=facts.name if facts else wanted.name)
            with suppress(NotFound, PermissionDenied, UntrustedHost):
                version = text(await self.workspace.registry_model(wanted.name), "name")
                spec = replace(spec, model=f"{wanted.registry_id}/versions/{version}") if version else spec
        return await self.with_versions(spec)

    async def with_versions(self, spec: JobSpec) -> JobSpec:
        """Return the spec with the version of data that is named alone or by the label `latest`.

        As azure-ai-ml 1.35.2 (`_asset_utils.py`, `_get_latest_version_from_container`), from the data container. Raises
        NotFound or InvalidInput if the workspace has no such data asset, InvalidInput for another label.
        """
        training, validation = await self._version_of(spec.training_data), spec.validation_data
        if validation is not None:
            validation = await self._version_of(validation)
        return replace(spec, training_data=training, validation_data=validation)

    async def _version_of(self, data: TrainingData) -> TrainingData:
        """Return the id of data that is named by `NAME@latest` or `NAME` and is no file; other data unchanged."""
        if not isinstance(data, str):
            return data
        labelled, bare = latest_asset_in(data), bare_name_in(data)
        if (labelled is None and bare is None) or self._is_file(data):
            return data
        try:
            return (await self.datasets().get(labelled or data)).id
        except NotFound as error:
            if labelled is not None:
                raise
            raise InvalidInput(f"there is no file {data!r}, and {error}") from error

    async def with_task(self, spec: JobSpec) -> JobSpec:
        """Return the spec with a task: that of most rows of the training file, chat for data elsewhere."""
        if spec.task is not None or not isinstance(data := self.reference(spec.training_data), LocalFile):
            return spec if spec.task is not None else replace(spec, task="chat")
        return replace(spec, task=(await self.datasets().check(data.path, survey=False)).task)

    async def resolve(self, spec: JobSpec) -> ResolvedSpec:
        """Check names and hyperparameters, and resolve the model; raise what `jobs.create` raises of them."""
        refuse_foreign_options(spec)
        hyperparameters = hyperparameters_of(spec)
        check_names(spec)
        await self.refuse_own_validation(spec)
        models = BaseModels(self.workspace, self.arm.wire)
        model_id, facts = await models.for_training(
            spec.model, serverless=not spec.own_compute, allow_retired=spec.allow_retired
        )
        spec = await self.with_task(spec)
        return ResolvedSpec(spec, hyperparameters, model_id, facts, self._compute_id(spec.compute))

    async def refuse_own_validation(self, spec: JobSpec) -> None:
        """Raise InvalidInput if a job would be validated on what it learns."""
        if spec.validation_data is not None:
            data = DataPreparation(self.arm.wire, self.datasets)
            training, validation = self.reference(spec.training_data), self.reference(spec.validation_data)
            await data.refuse_own_validation(training, validation)

    async def request(self, spec: JobSpec, *, on_progress: OnProgress | None = None) -> JobRequest:
        """Resolve every name and upload the files; raise what `jobs.create` raises."""
        resolved = await self.resolve(await self.with_versions(spec))
        await self.check_fit(resolved, name=spec.name)
        spec, training = resolved.spec, self.reference(resolved.spec.training_data)
        validation = None if spec.validation_data is None else self.here(spec.validation_data)
        return resolved.prepared(*await self.data_of(resolved.rules).uploaded(training, validation, on_progress))

    async def check_fit(self, resolved: ResolvedSpec, *, name: str | None = None) -> None:
        """Raise DoesNotFit for a job that cannot run on the user's own compute, NotFound without such a cluster.

        A cluster of another workspace is not known here, and not checked; nor is a job that exists under this name.
        """
        spec, cluster, facts = resolved.spec, resolved.compute_id, resolved.facts
        if spec.force or not spec.own_compute or (cluster or "").startswith("/"):
            return
        from .own_compute import Demand, check_fit  # here: serverless jobs do not need it

        demand = Demand(
            cluster=cluster,
            sizes=spec.instance_types,
            low_priority=(spec.job_tier or "").lower() == "spot",
            model=facts,
            chosen=resolved.hyperparameters,
            defaults=None if facts is None else facts.defaults,
        )
        await check_fit(self.arm, self.workspace, demand, name=name)

    async def plan(self, spec: JobSpec) -> JobRequest:
        """Return the request with the ids that files will have.

        The registry is only asked for a model's version, and the workspace for that of a data asset's label. Raises
        what `jobs.create` raises before it sends anything.
        """
        spec = await self.with_versions(spec)
        wanted, facts = ModelName.parse(spec.model), known(spec.model)
        if wanted.version is None or wanted.registry is None:
            resolved = await self.resolve(spec)
        else:
            hyperparameters = hyperparameters_of(spec)
            check_names(spec)
            await self.refuse_own_validation(spec)
            spec = await self.with_task(spec)
            resolved = ResolvedSpec(spec, hyperparameters, spec.model, facts, self._compute_id(spec.compute))
            if facts is not None and not spec.own_compute:
                self._warn_of_retirement(facts)
        spec = resolved.spec
        more = None if spec.validation_data is None else self.here(spec.validation_data)
        validation = None if more is None else await self._planned(more, resolved, "validation")
        return resolved.prepared(await self._planned(self.here(spec.training_data), resolved, "training"), validation)

    def data_of(self, rules: Mapping[str, Any]) -> DataPreparation:
        """Return what checks, names and uploads the files of a job; `rules` say what the files are for."""
        from ..transfers.azureml_layout import SALT, VERSION_LENGTH

        return DataPreparation(self.arm.wire, self.datasets, rules, SALT, VERSION_LENGTH)

    async def _planned(self, data: str | Dataset | LocalFile, resolved: ResolvedSpec, role: Role) -> str:
        """Return the URI or ARM id that data will have: that of a file follows from its name and content."""
        planned = await self.data_of(resolved.rules).planned(data, role)
        return self.asset_id(planned) if isinstance(planned, Dataset) else planned

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would be sent; see `plan`."""
        return self.planned_request(await self.plan(spec))

    def planned_request(self, request: CreationRequest) -> PlannedRequest:
        """Return a request that creates a job as it would be sent, without what authorizes it."""
        headers = {"Accept": "application/json", "Content-Type": "application/json", "Authorization": "Bearer ***"}
        return PlannedRequest("PUT", self.arm.url(f"/jobs/{segment(request.name)}"), headers, request.to_document())

    def _warn_of_retirement(self, facts: ModelFacts) -> None:
        """Say that the catalogue has a model as retired; only the registry, which is not asked, knows for certain."""
        if facts.finetune_retired(today := self.today()):
            logger.warning("%s The registry decides whether it is accepted anyway.", facts.status_line(today))

    def today(self) -> date:
        """Return the day by the wire's clock, in UTC."""
        return datetime.fromtimestamp(self.arm.wire.now(), UTC).date()

    async def put(self, request: CreationRequest, *, may_exist: bool, signer: Signer | None = None) -> Job:
        """PUT the job; take an equal one under this name for it, and refuse to touch another one.

        `signer` replaces the token for Resource Manager.
        """
        path = f"/jobs/{segment(request.name)}"
        body = request.to_document()
        document = await self.arm.find(path) if may_exist else None
        if document is None:
            document, reply = await self.arm.create(path, body, signer=signer)
            if reply is not None:
                return job_of(document)
        if _fingerprint(document) != _fingerprint(body):
            raise Conflict(
                f"create job {request.name!r}", status=409, detail="another job has this name; choose a new one"
            )
        return job_of(document)

    def here(self, data: TrainingData) -> str | Dataset | LocalFile:
        """As `reference`, but for data that is somewhere else InvalidInput: it can't be checked before its upload."""
        return not_remote(self.reference(data))

    def reference(self, data: TrainingData) -> str | LocalFile | RemoteFile:
        """The URI or ARM id that names data in the workspace, or the file that is to be uploaded."""
        if isinstance(data, SecretText):
            return RemoteFile(data)
        if isinstance(data, Dataset):
            return data.id
        if not isinstance(data, str | PathLike):
            raise InvalidInput("rows are written to a file before a job is prepared (`jobs.create`, `jobs.submit`)")
        reference = without_prefix(fspath(data))
        if is_in_azure(reference):
            return str(reference)
        if (asset := asset_in(reference)) is not None and not self._is_file(reference):
            return self._asset_id(*asset)
        check_complete(reference)
        return LocalFile(reference)

    @staticmethod
    def _is_file(reference: str) -> bool:
        return Path(reference).exists()

    def asset_id(self, planned: Dataset) -> str:
        """Return the id of a data asset by its name and version."""
        return self._asset_id(planned.name, planned.version)

    def _asset_id(self, name: str, version: str) -> str:
        return f"{self.arm.settings.workspace_path}/data/{segment(name)}/versions/{segment(version)}"

    def _compute_id(self, compute: str | None) -> str | None:
        """Return how a job names a cluster: by its bare name, as azure-ai-ml 1.35.2 does; others keep their id."""
        here = f"{self.arm.settings.workspace_path}/computes/"
        if compute is None or not compute.lower().startswith(here.lower()):
            return compute
        return unquote(compute[len(here) :]).rstrip("/")


def hyperparameters_of(spec: JobSpec) -> dict[str, str]:
    """Return the string map that the service takes; raise InvalidInput for one it could not use or an unknown task."""
    if spec.task is not None and spec.task not in TASKS:
        raise InvalidInput(f"there is no task {spec.task!r}; the tasks are {' and '.join(map(repr, TASKS))}")
    chosen = spec.hyperparameters
    return Hyperparameters.of(chosen).to_wire(serverless=not spec.own_compute)


def refuse_foreign_options(spec: JobSpec) -> None:
    """Raise NotOffered for an option that only Azure AI Foundry has."""
    supervised = spec.method in {None, "supervised"}
    given = {
        f"method {spec.method!r}": not supervised,
        "grader": spec.grader is not None,
        "response_format": spec.response_format is not None,
        "training_tier": spec.training_tier is not None,
        "suffix": spec.suffix is not None,
        "seed": spec.seed is not None,
        "integrations": bool(spec.integrations),
    }
    if option := next((name for name, is_given in given.items() if is_given), None):
        raise not_offered(f"{option} (of a job)", "azureml", offered_by="foundry")


def check_names(spec: JobSpec) -> None:
    """Raise InvalidInput when the service would not take a name."""
    if spec.name:
        check_name("job", spec.name)
    if spec.output_name:
        check_name("model", spec.output_name)
    if spec.compute is not None and not spec.compute.startswith("/"):
        segment(spec.compute)


def _fingerprint(body: Mapping[str, Any]) -> object:
    return dig(body, "properties", "properties", FINGERPRINT)


def _id(data: str | Dataset) -> str:
    return data.id if isinstance(data, Dataset) else data
