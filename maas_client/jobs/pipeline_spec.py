"""What a pipeline job is asked to do: the choices of `jobs.create_pipeline` as one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..core.arguments import check_mapping, check_text
from ..core.errors import InvalidHyperparameter, InvalidInput
from ..datasets.dataset import Dataset
from .hyperparameter_set import HyperparameterSet
from .hyperparameters import Hyperparameters
from .spec import JobKind, JobSpec, TrainingData

if TYPE_CHECKING:
    from ..datasets.rows.schemas import Task

COMPONENTS: Mapping[Task, str] = {"chat": "chat_completion_pipeline", "text": "text_generation_pipeline"}
"""The component that trains for each task (Azure/azureml-assets, `training/finetune_acft_hf_nlp`)."""

ARGUMENTS: Mapping[str, str] = {
    "mlflow_model_path": "model",
    "validation_file_path": "validation_data",
    "test_file_path": "test_data",
}
"""Inputs that are arguments of their own, and their names as such."""

WANTED: Mapping[str, str] = {
    "model": "a model's name or id",
    "validation_data": "a file, a data asset or an azureml:// URI",
    "test_data": "a file, a data asset or an azureml:// URI",
}

SERVERLESS = "serverless"

GPU_STEPS, CPU_STEPS = ("finetune",), ("model_import", "preprocess")
"""The ends of the names of inputs that say where a step runs: `compute_finetune`, `instance_type_finetune`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSpec(JobSpec):
    """A pipeline job to create; each field is the argument of `jobs.create_pipeline` that has its name."""

    component: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    test_data: TrainingData | None = None
    force_rerun: bool = False
    continue_on_step_failure: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidInput for arguments of another type, and for those that a pipeline has no use for.

        Inputs that are arguments of their own, such as `validation_file_path`, become these, and are checked like them.
        """
        check_mapping("inputs", self.inputs)
        self._take_arguments()
        JobSpec.__post_init__(self)
        if self.component is not None:
            check_text("component", self.component)
        if self.job_tier is not None:
            raise InvalidInput("a pipeline job has no job_tier: low priority is a property of the cluster it runs on")
        if self.compute is not None and self.instance_types:
            raise InvalidInput("compute and instance_types exclude each other: a step runs on a cluster or serverless")
        if len(self.instance_types) > 2:
            raise InvalidInput("instance_types takes the size for the step that trains, and one for the other steps")

    def _take_arguments(self) -> None:
        """Move inputs to the arguments that mean the same; one that is given twice is left for the check."""
        for name, argument in ARGUMENTS.items():
            value = self.inputs.get(name)
            if value is None or getattr(self, argument) not in {None, ""}:
                continue
            if not isinstance(value, str | PathLike | Dataset) or value == "":
                raise InvalidInput(f"the input {name} must be {WANTED[argument]}, not {value!r}; nothing was sent")
            object.__setattr__(self, argument, value)
            others = {key: each for key, each in self.inputs.items() if key != name}
            object.__setattr__(self, "inputs", others)

    @property
    def kind(self) -> JobKind:
        """The kind of job."""
        return "pipeline"

    @property
    def own_compute(self) -> bool:
        """A pipeline always runs on the user's own quota, also where its steps are serverless."""
        return True

    def component_of(self, task: Task) -> str:
        """Return the component that was chosen, or the one for a task."""
        return self.component or COMPONENTS[task]

    def given(self) -> dict[str, Any]:
        """Return the inputs of the component that the arguments amount to, without files and the model.

        Raises InvalidHyperparameter for an input that is given twice with different values.
        """
        found: dict[str, Any] = {}
        for name, value in self._pairs():
            if value is None:
                continue
            if name in found and found[name] != value:
                raise InvalidHyperparameter(
                    f"the input {name} is given twice, as {found[name]!r} and as {value!r}; nothing was sent"
                )
            found[name] = value
        return found

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        chosen = self.hyperparameters
        if isinstance(chosen, Hyperparameters):
            yield from chosen.to_wire(serverless=False).items()
        else:
            yield from (chosen.to_dict() if isinstance(chosen, HyperparameterSet) else chosen or {}).items()
        yield from self.inputs.items()
        computes = self._of_steps("compute", self.compute, self.compute)
        sizes = self._of_steps("instance_type", *((*self.instance_types, None, None)[:2]))
        serverless = self._of_steps("compute", SERVERLESS, SERVERLESS) if self.instance_types else {}
        own = {name: value for name, value in (computes | sizes | serverless).items() if name not in self.inputs}
        yield from own.items()

    @staticmethod
    def _of_steps(kind: str, gpu: str | None, others: str | None) -> dict[str, str | None]:
        return {f"{kind}_{step}": gpu for step in GPU_STEPS} | {f"{kind}_{step}": others for step in CPU_STEPS}
