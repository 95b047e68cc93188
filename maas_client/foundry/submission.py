"""From a JobSpec to a job of Foundry: options checked, data named and uploaded, the request sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.model_facts import ModelFacts
from ..catalog.tuning_methods import TuningMethod
from ..core.errors import Conflict, InvalidInput, NotFound, NotOffered
from ..core.names import check_name, unique_name
from ..core.secret_text import SecretText
from ..core.surfaces import SURFACE_TITLES
from ..core.url_paths import segment
from ..datasets.dataset import Dataset
from ..jobs.data_reference import (
    LocalFile,
    ServiceUri,
    asset_in,
    bare_name_in,
    is_azure_storage,
    is_in_azure,
    latest_asset_in,
)
from ..jobs.spec import JobSpec, PlannedRequest, TrainingData
from ..jobs.training_data import DataPreparation, RemoteFile, not_remote
from ..transfers.sources import existing
from .connection import FoundryConnection
from .file_processing import PROCESSED, until_processed
from .grader_rows import check_grader_keys
from .graders import item_keys
from .hyperparameters import FoundryHyperparameters
from .job_creation import create_job
from .job_directory import ID, JOBS, JobDirectory
from .job_reading import FoundryJob
from .job_request import FoundryJobRequest, check_labels
from .methods import check_method, chosen_method
from .model_offer import CheckedOffer, check_offer

if TYPE_CHECKING:
    from ..datasets.resource import AsyncDatasets
    from ..transfers.progress import OnProgress

logger = logging.getLogger("maas_client")

FILE_ID = "file-"
"""What the id of every file begins with."""

PLATFORM, OTHER_PLATFORM = SURFACE_TITLES["foundry"], SURFACE_TITLES["azureml"]
"""What messages call this platform, and the other one."""


@dataclass(frozen=True, slots=True)
class ResolvedFoundryJob:
    """Implements ResolvedJob."""

    spec: JobSpec
    method: TuningMethod
    hyperparameters: Mapping[str, str]
    offer: CheckedOffer

    @property
    def facts(self) -> ModelFacts | None:
        """Facts of Azure ML's catalogue: none."""
        return None

    @property
    def rules(self) -> Mapping[str, Any]:
        """The model and the method that the files are for."""
        return {"model": self.offer.model, "method": self.method}

    def prepared(self, training_data: str | Dataset, validation_data: str | Dataset | None) -> FoundryJobRequest:
        """Return the request for a job with its data; without a name, one is generated."""
        spec = self.spec
        return FoundryJobRequest(
            name=spec.name or unique_name(f"ft-{self.offer.model}"),
            model_id=self.offer.model,
            training=training_data,
            validation=validation_data,
            method=self.method,
            hyperparameters=self.hyperparameters,
            grader=spec.grader,
            response_format=spec.response_format,
            training_type=self.offer.training_type,
            suffix=spec.suffix,
            seed=spec.seed,
            tags=spec.tags,
            integrations=spec.integrations,
        )


class FoundrySubmission:
    """Makes jobs of one account. `datasets` is only called where there are files, or names of uploaded ones."""

    def __init__(
        self, connection: FoundryConnection, directory: JobDirectory, datasets: Callable[[], AsyncDatasets]
    ) -> None:
        self._connection, self._directory, self._datasets = connection, directory, datasets
        self._processed: set[str] = set()

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the spec with the model's id, and the data at the service as datasets."""
        refuse_foreign_options(spec)
        return await self._with_datasets(replace(spec, model=self._offer(spec).model))

    async def resolve(self, spec: JobSpec) -> ResolvedFoundryJob:
        """Check all that can be checked before a request, and choose the model's id, the method and the tier."""
        refuse_foreign_options(spec)
        check_names(spec)
        method, chosen = method_of(spec), hyperparameters_of(spec)
        notes = check_method(
            method,
            chosen,
            grader=spec.grader,
            response_format=spec.response_format,
            has_validation_data=spec.validation_data is not None,
        )
        offer = self._offer(spec)
        if spec.validation_data is not None:
            data = DataPreparation(self._connection.wire, self._datasets)
            await data.refuse_own_validation(reference(spec.training_data), reference(spec.validation_data))
        for note in (*notes, *offer.warnings, *await self._notes_on_rows(spec)):
            logger.warning("%s", note)
        return ResolvedFoundryJob(spec, method, chosen.as_text(), offer)

    async def _notes_on_rows(self, spec: JobSpec) -> tuple[str, ...]:
        """Look in local files for the keys that the grader reads."""
        if spec.grader is None:
            return ()
        keys, notes = item_keys(spec.grader), list[str]()
        for data in (spec.training_data, spec.validation_data):
            if data is not None and isinstance(file := reference(data), LocalFile):
                notes += await self._connection.wire.call(partial(check_grader_keys, existing(file.path), keys))
        return tuple(notes)

    async def prepare(self, spec: JobSpec, on_progress: OnProgress | None) -> FoundryJobRequest:
        """Resolve the job and upload its files; raise what `jobs.create` raises."""
        resolved = await self.resolve(await self._with_datasets(spec))
        training, validation = reference(resolved.spec.training_data), self._validation(resolved.spec)
        return resolved.prepared(*await self._data_of(resolved).uploaded(training, validation, on_progress))

    async def plan(self, spec: JobSpec) -> FoundryJobRequest:
        """Return the request as it would be; files that are not uploaded have no id yet, and are named instead."""
        resolved = await self.resolve(await self._with_datasets(spec))
        data, validation = self._data_of(resolved), self._validation(resolved.spec)
        more = None if validation is None else await data.planned(validation, "validation")
        training = await data.planned(not_remote(reference(resolved.spec.training_data)), "training")
        return resolved.prepared(training, more)

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would be sent; see `plan`."""
        request = await self.plan(spec)
        key = self._connection.settings.api_key
        authorization = {"api-key": "***"} if key else {"Authorization": "Bearer ***"}
        headers = {"Accept": "application/json", "Content-Type": "application/json", **authorization}
        return PlannedRequest("POST", self._connection.url(JOBS), headers, request.to_document())

    async def put(self, request: FoundryJobRequest, *, may_exist: bool) -> FoundryJob:
        """Create the job; take an equal one of this name for it, and raise Conflict for another one."""
        job = await self._directory.find(request.name) if may_exist else None
        if job is None:
            for file in (request.training, request.validation):
                if file is not None:
                    await self._until_processed(file)
            job = await create_job(self._connection, self._directory, request)
        if others := request.differences(job):
            raise Conflict(
                f"create job {request.name!r}",
                status=409,
                detail=f"another job has this name: {'; '.join(others)}",
                hint="Choose another name",
            )
        return job

    async def _until_processed(self, file: str | Dataset) -> None:
        """Wait until a file is processed: before that the service refuses a job that trains on it."""
        file_id = file.id if isinstance(file, Dataset) else file
        if file_id in self._processed or (isinstance(file, Dataset) and file.status == PROCESSED):
            return
        there = await self._connection.find(f"/files/{segment(file_id)}")
        await until_processed(self._connection, there or {"id": file_id}, "the same call, which creates the job then")
        self._processed.add(file_id)

    def _offer(self, spec: JobSpec) -> CheckedOffer:
        today = datetime.fromtimestamp(self._connection.wire.now(), UTC).date()
        return check_offer(
            spec.model, method_of(spec), spec.training_tier, today=today, allow_unlisted=spec.allow_unlisted
        )

    def _data_of(self, resolved: ResolvedFoundryJob) -> DataPreparation:
        return DataPreparation(self._connection.wire, self._datasets, resolved.rules)

    @staticmethod
    def _validation(spec: JobSpec) -> str | Dataset | LocalFile | None:
        return None if spec.validation_data is None else not_remote(reference(spec.validation_data))

    async def _with_datasets(self, spec: JobSpec) -> JobSpec:
        """Return the spec with the dataset of data that is named; raise NotFound without one of this name."""
        training, validation = await self._dataset_of(spec.training_data), spec.validation_data
        if validation is not None:
            validation = await self._dataset_of(validation)
        return replace(spec, training_data=training, validation_data=validation)

    async def _dataset_of(self, data: TrainingData) -> TrainingData:
        if not isinstance(data, str) or _is_file(data):
            return data
        named = asset_in(data) is not None or latest_asset_in(data) is not None or data.startswith(FILE_ID)
        if not named and bare_name_in(data) is None:
            return data
        try:
            return await self._datasets().get(data)
        except NotFound as error:
            if named:
                raise
            raise InvalidInput(f"there is no file {data!r}, and {error}") from error


def reference(data: TrainingData) -> str | Dataset | LocalFile | RemoteFile:
    """Return what names data at the service, or the file that is to be uploaded."""
    if isinstance(data, SecretText):
        return RemoteFile(data)
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, str | PathLike):
        raise InvalidInput("rows are written to a file before a job is prepared (`jobs.create`, `jobs.submit`)")
    named = fspath(data)
    if isinstance(data, ServiceUri) or is_in_azure(named) or is_azure_storage(named):
        raise NotOffered(
            "data in a workspace or in Azure storage", PLATFORM, instead="Name a local file, or NAME:VERSION."
        )
    is_id = named.startswith(FILE_ID) or asset_in(named) is not None
    return named if isinstance(data, str) and is_id and not _is_file(named) else LocalFile(named)


def method_of(spec: JobSpec) -> TuningMethod:
    """Return the method of a job; raise InvalidInput for one that there is not."""
    return chosen_method(spec.method, grader=spec.grader)


def hyperparameters_of(spec: JobSpec) -> FoundryHyperparameters:
    """Return a job's hyperparameters; raise InvalidHyperparameter for a wrong one, or one that its method lacks."""
    chosen = FoundryHyperparameters.of(spec.hyperparameters)
    chosen.to_wire(method_of(spec))
    return chosen


def refuse_foreign_options(spec: JobSpec) -> None:
    """Raise NotOffered for an option that only Azure Machine Learning has."""
    given = {
        "a pipeline": spec.kind == "pipeline",
        "task 'text'": spec.task == "text",
        "output_name": spec.output_name is not None,
        "display_name": spec.display_name is not None,
        "experiment": spec.experiment is not None,
        "properties": bool(spec.properties),
        "compute": spec.compute is not None,
        "instance_types": bool(spec.instance_types),
        "job_tier": spec.job_tier is not None,
        "allow_retired": spec.allow_retired,
        "force": spec.force,
    }
    instead = {
        "output_name": "The service names the tuned model; `suffix` is what the name ends with.",
        "display_name": "`name` is the job's name.",
        "properties": "`tags` are kept as the job's metadata.",
        "job_tier": "`training_tier` chooses where and at which price it is trained.",
        "allow_retired": "`allow_unlisted` lets the service decide.",
    }
    if option := next((name for name, is_given in given.items() if is_given), None):
        raise NotOffered(
            f"{option} (of a job)",
            PLATFORM,
            offered_by=[OTHER_PLATFORM],
            instead=instead.get(option, ""),
        )
    if spec.task not in {None, "chat"}:
        raise InvalidInput(f"there is no task {spec.task!r}; on Foundry the task is 'chat'")


def check_names(spec: JobSpec) -> None:
    """Raise InvalidInput when a name or label would not be accepted."""
    if spec.name:
        check_name("job", spec.name)
        if spec.name.startswith(ID):
            raise InvalidInput(f"{spec.name!r} looks like the id of a job: a name cannot begin with {ID!r}")
    check_labels(spec.tags, spec.suffix, spec.seed)


def _is_file(data: str) -> bool:
    return Path(data).exists()
