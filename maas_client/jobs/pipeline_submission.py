"""From a PipelineSpec to the job at the service: component read, inputs checked, data uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..azure.pipeline_token import HEADER, PipelineSigner
from ..catalog.model_facts import ModelFacts
from ..catalog.model_id import ModelName, plain_name
from ..core.errors import FileChanged, InvalidInput
from ..core.json_fields import text
from ..core.names import check_name, unique_name
from ..core.url_paths import segment
from ..datasets.dataset import Dataset
from ..pipelines.component import Component
from ..pipelines.component_name import ComponentName
from ..pipelines.input_check import CheckedInputs, check_inputs
from .base_model import BaseModels
from .data_reference import LocalFile
from .own_compute import Demand, check_fit
from .pipeline_request import PipelineRequest
from .pipeline_sizes import cluster_of, gpus_of, method_chosen, nodes_of, refuse_retired_size, size_of, with_all_gpus
from .pipeline_spec import PipelineSpec
from .spec import PlannedRequest, TrainingData
from .submission import JobSubmission, check_names, refuse_foreign_options

if TYPE_CHECKING:
    from ..datasets.check.report import Role
    from ..datasets.rows.schemas import Task
    from ..transfers.progress import OnProgress
    from .job import Job

TEXT_COLUMNS = ("text_key", "ground_truth_key")
"""The inputs of `text_generation_pipeline` that name the columns of the prompt and of the answer."""

MODEL, TRAINING, VALIDATION, TEST = "mlflow_model_path", "train_file_path", "validation_file_path", "test_file_path"


@dataclass(frozen=True, slots=True)
class ResolvedPipeline:
    """Implements ResolvedJob. `data` has the inputs that are files, folders or models, but for the two datasets."""

    spec: PipelineSpec
    component: Component
    checked: CheckedInputs
    model_id: str
    facts: ModelFacts | None
    data: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def rules(self) -> Mapping[str, Any]:
        """The model and the task that the files are for."""
        return {"model": self.facts.name if self.facts else None, "task": self.spec.task}

    def prepared(self, training_data: str | Dataset, validation_data: str | Dataset | None) -> PipelineRequest:
        """Return the request for a job with the ids of its data; without a name, one is generated."""
        spec = self.spec
        output = self.component.output_of_type("mlflow_model")
        if output is None:
            raise InvalidInput(f"component {self.component.reference} has no output that is a model (mlflow_model)")
        name = spec.name or unique_name(f"pipeline-{plain_name(self.model_id)}")
        uris = {**self.data, TRAINING: _id(training_data)}
        uris |= {} if validation_data is None else {VALIDATION: _id(validation_data)}
        return PipelineRequest(
            name=name,
            component_id=self.component.id,
            component_output=output,
            literals=self.checked.literals,
            data={key: (self.component.inputs[key].type, uri) for key, uri in sorted(uris.items())},
            files=self.files,
            model_id=self.model_id,
            training_data=_id(training_data),
            validation_data=None if validation_data is None else _id(validation_data),
            output_name=spec.output_name or f"{name}-model",
            display_name=spec.display_name,
            experiment=spec.experiment,
            tags=spec.tags,
            properties=spec.properties,
            force_rerun=spec.force_rerun,
            continue_on_step_failure=spec.continue_on_step_failure,
        )


@dataclass(frozen=True)
class PipelineSubmission:
    """Makes pipeline jobs of one workspace, with what makes its fine-tuning jobs."""

    jobs: JobSubmission

    async def pinned(self, spec: PipelineSpec) -> PipelineSpec:
        """Return the spec with the newest version of its component and its model, and data assets by version."""
        pinned = await self.jobs.pinned(spec) if spec.model else await self.jobs.with_versions(spec)
        assert isinstance(pinned, PipelineSpec)
        pinned = await self._with_task(pinned)
        return replace(pinned, component=(await self._component(pinned)).id)

    async def resolve(self, spec: PipelineSpec) -> ResolvedPipeline:
        """Check names and every input, and resolve the component and the model; nothing is uploaded.

        Raises what `jobs.create_pipeline` raises.
        """
        refuse_foreign_options(spec)
        check_names(spec)
        if spec.output_name:
            check_name("model", spec.output_name)
        given = spec.given()
        spec = await self._with_task(spec)
        component = await self._component(spec)
        datasets = {TRAINING: spec.training_data, VALIDATION: spec.validation_data, TEST: spec.test_data}
        named = {MODEL: spec.model or None, **datasets}
        if twice := [name for name, value in named.items() if value is not None and name in given]:
            raise InvalidInput(f"the input {twice[0]} is given by an argument of its own, too; nothing was sent")
        columns = await self._columns(spec, component)
        checked = check_inputs(component, {**columns, **given, **named})
        refuse_retired_size(component, checked.literals, today=self.jobs.today())
        await self.jobs.refuse_own_validation(spec)
        model_id, facts = await self._model(spec, checked)
        checked = replace(
            checked, literals=with_all_gpus(component, checked.literals, await self._size(component, checked))
        )
        resolved = ResolvedPipeline(spec, component, checked, model_id, facts, {}, {})
        return await self._with_data(resolved)

    async def request(self, spec: PipelineSpec, *, on_progress: OnProgress | None = None) -> PipelineRequest:
        """Resolve every name and upload the training and validation files."""
        with_versions = await self.jobs.with_versions(spec)
        assert isinstance(with_versions, PipelineSpec)
        resolved = await self.resolve(with_versions)
        spec = resolved.spec
        await self.check_fit(resolved, name=spec.name)
        training = self.jobs.reference(spec.training_data)
        validation = None if spec.validation_data is None else self.jobs.here(spec.validation_data)
        return resolved.prepared(*await self.jobs.data_of(resolved.rules).uploaded(training, validation, on_progress))

    async def check_fit(self, resolved: ResolvedPipeline, *, name: str | None = None) -> None:
        """Raise DoesNotFit for a job whose training cannot run where it is meant to, NotFound without such a cluster.

        A job that exists under this name is not checked.
        """
        if resolved.spec.force:
            return
        component, literals = resolved.component, resolved.checked.literals
        size = size_of(component, literals, "finetune")
        demand = Demand(
            cluster=cluster_of(component, literals),
            sizes=() if size is None else (size,),
            nodes=nodes_of(component, literals),
            gpus=gpus_of(literals),
            model=resolved.facts,
            chosen=method_chosen(component, literals),
        )
        await check_fit(self.jobs.arm, self.jobs.workspace, demand, name=name)

    async def plan(self, spec: PipelineSpec) -> PipelineRequest:
        """Return the request with the ids that files will have; the registry is asked for the component and model."""
        with_versions = await self.jobs.with_versions(spec)
        assert isinstance(with_versions, PipelineSpec)
        resolved = await self.resolve(with_versions)
        spec = resolved.spec
        training = await self._planned(self.jobs.here(spec.training_data), resolved.rules, "training")
        if spec.validation_data is None:
            return resolved.prepared(training, None)
        here = self.jobs.here(spec.validation_data)
        return resolved.prepared(training, await self._planned(here, resolved.rules, "validation"))

    async def preview(self, spec: PipelineSpec) -> PlannedRequest:
        """Return the request that would be sent; see `plan`."""
        planned = self.jobs.planned_request(await self.plan(spec))
        return replace(planned, headers={**planned.headers, HEADER: "***"})

    async def put(self, request: PipelineRequest, *, may_exist: bool) -> Job:
        """Upload the other files, and PUT the job as `JobSubmission.put` does.

        Raises FileChanged for a file that changed since the request was made.
        """
        for name, path in request.files.items():
            uploaded = await self.jobs.datasets().upload(path, check=False)
            if uploaded.id != request.data[name][1]:
                raise FileChanged(f"{path} changed while the job was prepared; no job was made of it; run it again")
        return await self.jobs.put(request, may_exist=may_exist, signer=self._signer)

    @cached_property
    def _signer(self) -> PipelineSigner:
        arm = self.jobs.arm
        return PipelineSigner(arm.tokens, arm.scope, f"{arm.settings.cloud.ml_resource}/.default")

    async def _with_task(self, spec: PipelineSpec) -> PipelineSpec:
        """Return the spec with a task; a component that was chosen decides it, so that no file is read for it."""
        if spec.task is None and spec.component is not None:
            task: Task = "text" if "text_generation" in spec.component else "chat"
            return replace(spec, task=task)
        found = await self.jobs.with_task(spec)
        assert isinstance(found, PipelineSpec)
        return found

    async def _component(self, spec: PipelineSpec) -> Component:
        """Return the component of the registry; raise NotFound without it."""
        wanted = ComponentName.parse(spec.component_of(spec.task or "chat"))
        document = await self.jobs.workspace.registry_component(wanted.name, wanted.version)
        return Component.read(wanted.name, document)

    async def _model(self, spec: PipelineSpec, checked: CheckedInputs) -> tuple[str, ModelFacts | None]:
        """Return the id of the model to train, from wherever it comes, and what the catalogue knows of it."""
        if not spec.model:
            named = checked.data.get("pytorch_model_path") or checked.literals.get("huggingface_id", "")
            return str(named), None
        models = BaseModels(self.jobs.workspace, self.jobs.arm.wire)
        model_id, facts = await models.for_training(spec.model, serverless=False, allow_retired=True)
        wanted = ModelName.parse(model_id)
        if wanted.registry is None and wanted.version and not model_id.startswith(("/", "azureml://")):
            return (
                f"{self.jobs.arm.settings.workspace_path}/models/{segment(wanted.name)}/versions/{segment(wanted.version)}",
                facts,
            )
        return model_id, facts

    async def _columns(self, spec: PipelineSpec, component: Component) -> Mapping[str, str]:
        """Return the inputs that name the columns of text rows, as a local file has them; none for a chat component."""
        data = self.jobs.reference(spec.training_data)
        if TEXT_COLUMNS[0] not in component.inputs or not isinstance(data, LocalFile):
            return {}
        report = await self.jobs.datasets().check(data.path, task="text", survey=False)
        return dict(zip(TEXT_COLUMNS, report.reading.schema.columns, strict=False))

    async def _size(self, component: Component, checked: CheckedInputs) -> str | None:
        """Return the VM size of the machines that train, of a cluster as the service has it; None if unknown."""
        cluster = cluster_of(component, checked.literals)
        if cluster is None:
            return size_of(component, checked.literals, "finetune")
        document = await self.jobs.arm.find(f"/computes/{segment(cluster)}")
        return text(document, "properties", "properties", "vmSize") or None

    async def _with_data(self, resolved: ResolvedPipeline) -> ResolvedPipeline:
        """Return the job with the address of every input but the two datasets, of files the one that they will have."""
        data: dict[str, str] = {}
        files: dict[str, str] = {}
        for name, value in resolved.checked.data.items():
            if name in {TRAINING, VALIDATION}:
                continue
            if name == MODEL:
                data[name] = resolved.model_id
                continue
            reference = self._reference(name, value)
            if isinstance(reference, LocalFile):
                files[name] = reference.path
                checked = name == TEST
                reference = await self._planned(reference, resolved.rules, "validation", check=checked)
            data[name] = reference.id if isinstance(reference, Dataset) else reference
        return replace(resolved, data=data, files=files)

    def _reference(self, name: str, value: object) -> str | Dataset | LocalFile:
        if not isinstance(value, str | PathLike | Dataset):
            raise InvalidInput(f"the input {name} must be a file, a data asset or an azureml:// URI")
        reference: TrainingData = value if isinstance(value, Dataset) else fspath(value)
        found = self.jobs.here(reference)
        if isinstance(found, LocalFile) and not Path(found.path).is_file():
            raise InvalidInput(f"the input {name}: there is no file {found.path!r}")
        return found

    async def _planned(
        self, data: str | Dataset | LocalFile, rules: Mapping[str, Any], role: Role, *, check: bool = True
    ) -> str:
        """Return the URI or id that data will have: that of a file follows from its name and content."""
        preparation = self.jobs.data_of(rules)
        plan = partial(preparation.planned, data, role) if check else partial(preparation.named, data)
        planned = await plan()
        return self.jobs.asset_id(planned) if isinstance(planned, Dataset) else planned


def _id(data: str | Dataset) -> str:
    return data.id if isinstance(data, Dataset) else data
