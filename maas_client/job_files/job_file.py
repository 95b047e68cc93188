"""A job file: a fine-tuning job as YAML or JSON, in our own format, Azure's, or that of axolotl or TRL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from ..jobs.spec import JobKind, JobSpec
from ..pipelines.input_check import MODEL_SOURCES
from .file_text import file_text
from .json_reader import read_json
from .keys import KEYS
from .located import Located

if TYPE_CHECKING:
    from ..catalog.tuning_methods import TuningMethod
    from ..core.surfaces import Surface
    from ..datasets.rows.schemas import Task
    from .mistakes import Mistakes
    from .service_limits import Service
    from .tool_config import OtherTool

Adapter = Literal["lora", "qlora", "dora", "qdora", "none"]

_ONLY_PIPELINES = ("component", "inputs", "test_data", "force_rerun", "continue_on_step_failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFile(PlainValue):
    """The contents of a job file; None or empty for omitted keys.

    `hyperparameters` have a tuple where the file has a list, for a sweep. `prices` is a path, as is data in a local
    file. `ignored` are keys of another format that have no counterpart, with their lines; `tool` is the one, axolotl
    or TRL, whose configuration the file is.
    """

    model: str | None = None
    training_data: str | None = None
    validation_data: str | None = None
    name: str | None = None
    task: Task | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    output_name: str | None = None
    experiment: str | None = None
    display_name: str | None = None
    compute: str | None = None
    instance_types: tuple[str, ...] = ()
    job_tier: str | None = None
    kind: JobKind | None = None
    component: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    test_data: str | None = None
    force_rerun: bool = False
    continue_on_step_failure: bool = False
    allow_retired: bool = False
    force: bool = False
    surface: Surface | None = None
    method: TuningMethod | None = None
    grader: Mapping[str, Any] | None = None
    response_format: Mapping[str, Any] | None = None
    training_tier: str | None = None
    suffix: str | None = None
    seed: int | None = None
    integrations: tuple[Mapping[str, Any], ...] = ()
    allow_unlisted: bool = False
    wait: bool = False
    prices: Path | None = None
    max_cost: float | None = None
    endpoint_name: str | None = None
    endpoint_instance_type: str | None = None
    endpoint_instance_count: int | None = None
    sku: str | None = None
    capacity: int | None = None
    model_format: str | None = None
    prompt: str | None = None
    sweep: bool = False
    parallel: int | None = None
    adapter: Adapter | None = None
    tool: OtherTool | None = None
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        *,
        overrides: Iterable[tuple[str, str]] = (),
        environ: Mapping[str, str] | None = None,
    ) -> JobFile:
        """Read a job file: JSON if its name ends in .json, else YAML.

        A configuration of axolotl or TRL becomes a job as far as it goes; `ignored` is the rest.

        Args:
            path: the file. Relative paths in it are relative to it.
            overrides: dotted keys and YAML values that replace the file's: `("hyperparameters.seed", "7")`. Relative
                paths in them are relative to the working directory.
            environ: the variables for `${VAR}` and `${VAR:-default}` in values, by default the environment.

        Returns:
            The contents of the file.

        Raises:
            InvalidInput: one error for all mistakes, each with its line: unknown and duplicate keys, invalid values,
                unset variables; or for a file that is neither YAML nor JSON, or describes something else.
            OSError: the file cannot be read.
        """
        from .azure_ml_kinds import refuse_other_kinds
        from .mistakes import Mistakes
        from .overrides import with_overrides
        from .validation import resolved_paths

        file = Path(path)
        mistakes = Mistakes(str(file))
        document = _document(file, mistakes)
        refuse_other_kinds(document.table("a job file"))  # before `${{…}}` of a pipeline is taken for a variable
        ours, ignored, tool = _translated(document, file.parent, os.environ if environ is None else environ, mistakes)
        ours.pop("$schema", None)
        ours = with_overrides(resolved_paths(ours, file.parent, mistakes), overrides, mistakes)
        values = _values(ours, mistakes)
        with mistakes.collected():
            _check_adapter(ours, values)
        mistakes.raise_all()
        return cls(**values, ignored=ignored, tool=tool)

    @property
    def several(self) -> tuple[str, ...]:
        """The hyperparameters with several values."""
        return tuple(name for name, value in self.hyperparameters.items() if isinstance(value, tuple))

    @property
    def wanted_surface(self) -> Surface | None:
        """The platform that the file asks for, or else the only one that trains its model; None if neither says.

        Own compute is Azure Machine Learning's.
        """
        if self.surface is not None:
            return self.surface
        if self.compute or self.instance_types or self.is_pipeline or self.endpoint_instance_type:
            return "azureml"
        if not self.model:
            return None
        from ..catalog.surface_of_model import surface_of  # here: most jobs are created where one platform is selected

        return surface_of(self.model)

    @property
    def is_pipeline(self) -> bool:
        """Whether the file describes a pipeline job."""
        return self.kind == "pipeline"

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys without which there is no job; a pipeline's `inputs` may say where its model is."""
        has_model = self.model or (self.is_pipeline and any(name in self.inputs for name in MODEL_SOURCES))
        return (*(() if has_model else ("model",)), *(() if self.training_data else ("training_data",)))

    def for_service(self) -> JobFile:
        """Return the job without what its service does not take of a file of axolotl or TRL, listed in `ignored`.

        Any other file is returned as it is: what a service does not take is a mistake there.
        """
        from .service_limits import fitted  # here: most files are none of such a tool

        own = bool(self.compute or self.instance_types or self.is_pipeline)
        service: Service = "foundry" if self.wanted_surface == "foundry" else "own compute" if own else "serverless"
        taken = fitted(service, self.hyperparameters, tool=self.tool, adapter=self.adapter)
        return replace(
            self,
            hyperparameters=taken.hyperparameters,
            seed=self.seed if taken.seed is None else taken.seed,
            ignored=(*self.ignored, *taken.left),
        )

    def spec(self) -> JobSpec:
        """Return the requested job, a PipelineSpec of a pipeline; raise InvalidInput without model or training data.

        Hyperparameters with several values are kept: `sweeps.grid` expands them.
        """
        if self.missing:
            raise InvalidInput(f"the job has no {' and '.join(self.missing)}")
        if not self.is_pipeline:
            only = {name: getattr(self, name) for name in _ONLY_PIPELINES if getattr(self, name)}
            if only:
                raise InvalidInput(f"{', '.join(only)}: only a pipeline has such keys; add `kind: pipeline`")
            return JobSpec(**{each.name: getattr(self, each.name) for each in fields(JobSpec)})
        from ..jobs.pipeline_spec import PipelineSpec  # here: most jobs are none

        values: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(PipelineSpec)}
        values["model"] = self.model or ""
        return PipelineSpec(**values)


def _translated(
    document: Located, folder: Path, environ: Mapping[str, str], mistakes: Mistakes
) -> tuple[dict[str, Located], tuple[str, ...], OtherTool | None]:
    """Return a file's keys as ours, what is left of them, and the tool whose configuration it is.

    Only job files and those of az ml have variables.
    """
    from .file_formats import format_of
    from .variables import substituted

    match format_of(document.table("a job file")):
        case "axolotl":
            from .axolotl_config import axolotl_job

            return axolotl_job(document.table("a job file"), folder, mistakes)
        case "trl":
            from .trl_config import trl_job

            return trl_job(document.table("a job file"), folder, mistakes)
        case "az ml":
            from .azure_ml import translated

            top = substituted(document, environ, mistakes).table("a job file")
            return *translated(top, mistakes), None
        case "ours":
            return {**substituted(document, environ, mistakes).table("a job file")}, (), None


def _values(keys: Mapping[str, Located], mistakes: Mistakes) -> dict[str, Any]:
    """Return the valid values of a file's keys by field; the others go to `mistakes`."""
    from .validation import FieldReader

    read = FieldReader(keys, mistakes)
    readers: Mapping[str, Callable[[str], Any]] = {
        "text": read.text,
        "path": read.text,
        "texts": read.texts,
        "labels": read.labels,
        "inputs": read.inputs,
        "switch": read.switch,
        "number": read.number,
        "integer": read.integer,
        "object": read.object,
        "objects": read.objects,
    }
    values: dict[str, Any] = {"hyperparameters": read.hyperparameters()}
    for name, key in KEYS.items():
        with mistakes.collected():
            if key.kind in readers:
                values[name] = readers[key.kind](name)
    with mistakes.collected():
        values["sweep"], values["parallel"] = read.sweep()
    if (prices := values.get("prices")) is not None:
        values["prices"] = Path(prices)
    return values


def _check_adapter(keys: Mapping[str, Located], values: Mapping[str, Any]) -> None:
    """Raise InvalidInput if a file asks for adapters and for none."""
    said = str(values["hyperparameters"].get("apply_lora", "")).lower()
    wrong = "true" if values.get("adapter") == "none" else "false"
    if values.get("adapter") and said == wrong:
        raise keys["adapter"].wrong(
            f"`adapter: {values['adapter']}` contradicts the hyperparameter `apply_lora: {said}`"
        )


def _document(file: Path, mistakes: Mistakes) -> Located:
    """Parse a file's bytes in the format given by its name."""
    text = file_text(file)
    if file.suffix.lower() == ".json":
        return read_json(text, str(file), mistakes)
    from .yaml_reader import read_yaml

    return read_yaml(text, str(file), mistakes)
