"""The target `azureml-pipeline`: the registry's component on one's own compute, as `az ml` and as `maas` create it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...jobs.pipeline_sizes import GPUS
from ...jobs.pipeline_spec import COMPONENTS, PipelineSpec
from ..errors import NotExportable
from ..export_job import ExportJob
from ..target import Exported, ExportedFile
from ..translation import Translation, changed, default, given_keys, left_out, same, with_the_rest
from ..yaml_text import yaml_text
from .az_data import IN_THE_FOLDER, az_files, az_model, check_az_names
from .az_pipeline import AzPipeline
from .pipeline_inputs import DATA_INPUTS, component_inputs, input_translations
from .pipeline_machine import Machine, machine_of

PIPELINE, JOB = "pipeline.yaml", "job.yaml"

_DATA: Mapping[str, str] = {"training_data": "train_file_path", "validation_data": "validation_file_path"}
_SAME: Mapping[str, str] = {
    "name": "name",
    "display_name": "display_name",
    "experiment": "experiment_name",
    "tags": "tags",
    "properties": "properties",
    "force_rerun": "settings.force_rerun",
    "continue_on_step_failure": "settings.continue_on_step_failure",
    "output_name": "outputs.trained_model.name",
}
"""The keys of a job that a pipeline has as well, under another name."""


class AzureMlPipeline:
    """Implements Target."""

    name = "azureml-pipeline"
    title = "Azure Machine Learning, a pipeline on own compute"
    tried_with = "azure-ai-ml 1.35.2 and chat_completion_pipeline 0.0.82, against a mock server, 2026-11"
    all_tokens = False

    def export(self, job: ExportJob) -> Exported:
        """Return the pipeline's file, the same as a job file of maas, and the data."""
        check_az_names(job)
        references, files = az_files(job, as_columns=job.task == "text")
        machine = machine_of(job)
        spec = PipelineSpec(
            model=job.file.model or "",
            training_data=references["training_data"],
            hyperparameters=component_inputs(job),
            compute=machine.cluster,
            instance_types=machine.sizes,
            inputs={**machine.inputs, **_literals(job)},
        )
        component = job.file.component or COMPONENTS[job.task]
        document = AzPipeline(
            name=job.name,
            component=component,
            literals={name: _as_text(name, value) for name, value in spec.given().items()},
            data=_data(job, references),
            output_name=job.output_name,
            display_name=job.file.display_name,
            experiment=job.file.experiment,
            tags=job.file.tags,
            properties=job.file.properties,
            force_rerun=job.file.force_rerun,
            continue_on_step_failure=job.file.continue_on_step_failure,
        ).to_document()
        return Exported(
            files=(
                ExportedFile(path=PIPELINE, content=yaml_text(document, remark=f"az ml job create --file {PIPELINE}")),
                ExportedFile(path=JOB, content=yaml_text(_job_file(job, spec, component), remark=_HEADER)),
                *files,
            ),
            translations=tuple(with_the_rest(job.file, _translations(job, references, machine, component))),
            warnings=machine.warnings,
            commands=(
                f"az ml job create --file {PIPELINE} --resource-group GROUP --workspace-name WORKSPACE",
                f"az ml job stream --name {job.name} --resource-group GROUP --workspace-name WORKSPACE",
            ),
            expected=machine.expected,
            notes=(_notes(job), IN_THE_FOLDER),
            gpus=machine.inputs.get(GPUS),
        )


AZUREML_PIPELINE = AzureMlPipeline()


_HEADER = f"maas jobs create -f {JOB}"


def _notes(job: ExportJob) -> str:
    return (
        f"Without az: `maas jobs create -f {JOB}` creates the same job and checks first that it fits, and "
        f"`maas jobs watch {job.name}` follows it."
    )


def _as_text(name: str, value: Any) -> Any:
    """Return an input as the component's choices have it: truth values and some numbers are texts there."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if name in {"precision", "deepspeed_stage"} else value


def _literals(job: ExportJob) -> dict[str, Any]:
    """Return the inputs of a pipeline's own job file that are no files, and the columns of text rows."""
    columns = {"text_key": "prompt", "ground_truth_key": "completion"} if job.task == "text" else {}
    given = {name: value for name, value in job.file.inputs.items() if name not in DATA_INPUTS}
    return {**columns, **given} if job.training_file else given


def _data(job: ExportJob, references: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    found = {"mlflow_model_path": ("mlflow_model", az_model(job))}
    found |= {_DATA[key]: ("uri_file", path) for key, path in references.items()}
    for name, value in job.file.inputs.items():
        if name in DATA_INPUTS:
            if "://" not in str(value) and not str(value).startswith("azureml:"):
                raise NotExportable(
                    job.target, f"the input {name} is a file, {value}: upload it, and name the data asset"
                )
            found[name] = (DATA_INPUTS[name], str(value))
    return found


def _job_file(job: ExportJob, spec: PipelineSpec, component: str) -> Mapping[str, Any]:
    """Return the same job as maas creates it."""
    file = job.file
    keys: dict[str, Any] = {
        "kind": "pipeline",
        "name": job.name,
        "model": file.model,
        "component": component,
        "training_data": spec.training_data,
        "validation_data": az_files(job)[0].get("validation_data"),
        "task": job.task,
        "hyperparameters": dict(component_inputs(job)),
        "inputs": {**spec.inputs, **{name: value for name, value in file.inputs.items() if name in DATA_INPUTS}},
        "compute": spec.compute,
        "instance_types": list(spec.instance_types),
        "output_name": job.output_name,
        "display_name": file.display_name,
        "experiment": file.experiment,
        "tags": dict(file.tags),
        "properties": dict(file.properties),
        "force_rerun": file.force_rerun or None,
        "continue_on_step_failure": file.continue_on_step_failure or None,
    }
    return {key: value for key, value in keys.items() if value not in (None, {}, [])}


def _translations(
    job: ExportJob, references: Mapping[str, str], machine: Machine, component: str
) -> Iterator[Translation]:
    node = "jobs.finetune"
    for key, value in given_keys(job.file).items():
        if key == "model":
            yield same(key, value, f"{node}.inputs.mlflow_model_path", az_model(job))
        elif key in references:
            yield same(key, value, f"{node}.inputs.{_DATA[key]}", references[key])
        elif key in _SAME:
            yield same(key, value, _SAME[key])
        elif key == "component" or key == "task":
            yield same(key, value, f"{node}.component", component)
        elif key == "kind" and value == "pipeline":
            yield same(key, value, "type")
        elif key == "adapter":
            is_lora = job.settings.method == "lora"
            yield changed(key, value, f"{node}.inputs.apply_lora", str(is_lora).lower(), "the component's name")
        elif key == "seed" and "hyperparameters.seed" not in given_keys(job.file):
            yield same(key, value, f"{node}.inputs.seed")
        elif key == "job_tier":
            yield left_out(key, value, "low priority is a property of the cluster that a pipeline runs on")
    if not job.file.component:
        yield default(f"{node}.component", component, "the component that trains for the task, its newest version")
    yield from input_translations(job)
    yield from machine.translations
