"""A pipeline job as a value, and reading the document of a job of either kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from ..catalog.model_id import plain_name
from ..core.json_fields import Document, part, text
from ..core.values import Text, TextMap, at
from ..pipelines.job_document import OUTPUT_MODEL, inputs_of, step_of
from .job import Job

_NOT_TRAINING = ("compute_", "instance_type_", "shm_size_")
"""Beginnings of inputs that say where a step runs."""

_SERVICE = ("azureml.", "_azureml.", "__azureml", "mlflow.", "maas_client.", "runSource", "runType")
"""Beginnings of properties set by the service or this library."""

_TASKS: Mapping[str, str] = {"chat_completion_pipeline": "chatCompletion", "text_generation_pipeline": "textCompletion"}


class PipelineJob(Job):
    """A job that runs a pipeline component on the user's own compute, or on serverless nodes of the own quota.

    `component` is the component's id, and `inputs` are its inputs as they were sent; `hyperparameters` are those of
    them that decide how it is trained. `output_model` is the name under which the tuned model is registered, by
    `jobs.wait`; the job itself does not register it.
    """

    kind: ClassVar[str] = "pipeline"

    component: Text = ""
    inputs: TextMap = Field(default={})
    output_name: Annotated[Text, at("properties", "properties", OUTPUT_MODEL)] = ""

    def _more(self) -> Mapping[str, Any]:
        return {"component": self.component.partition("/components/")[2].replace("/versions/", ":") or self.component}

    def _file_keys(self) -> Mapping[str, Any] | None:
        step = step_of(self.raw)
        settings = part(self.raw, "properties", "settings")
        files = {"mlflow_model_path", "train_file_path", "validation_file_path", "test_file_path"}
        return {
            "kind": "pipeline",
            "name": self.name,
            "component": text(step, "componentId"),
            "model": self.model_id if "mlflow_model_path" in self.inputs else "",
            "training_data": self.inputs.get("train_file_path", ""),
            "validation_data": self.inputs.get("validation_file_path", ""),
            "test_data": self.inputs.get("test_file_path", ""),
            "inputs": {name: value for name, value in self.inputs.items() if name not in files},
            "tags": self.tags,
            "properties": {key: value for key, value in self.properties.items() if not key.startswith(_SERVICE)},
            "output_name": "" if self.output_name == f"{self.name}-model" else self.output_name,
            "experiment": "" if self.experiment == "Default" else self.experiment,
            "display_name": "" if self.display_name == self.name else self.display_name,
            "force_rerun": settings.get("force_rerun") is True or None,
            "continue_on_step_failure": settings.get("continue_on_step_failure") is True or None,
        }

    @classmethod
    def read(cls, document: Document) -> Self:
        """Read a pipeline job's document; fields of an unexpected type count as absent."""
        job = super().read(document)
        step = step_of(job.raw)
        inputs = inputs_of(step)
        component = text(step, "componentId")
        model = inputs.get("mlflow_model_path") or inputs.get("pytorch_model_path") or inputs.get("huggingface_id", "")
        hyperparameters = {
            name: value
            for name, value in inputs.items()
            if text(step, "inputs", name, "job_input_type") == "literal" and not name.startswith(_NOT_TRAINING)
        }
        ended_badly = job.phase in {"failed", "canceled"}
        return job.model_copy(
            update={
                "component": component,
                "inputs": inputs,
                "model_id": model,
                "model": plain_name(model),
                "task": _TASKS.get(component.partition("/components/")[2].partition("/")[0], ""),
                "training_data": inputs.get("train_file_path") or inputs.get("train_mltable_path", ""),
                "validation_data": inputs.get("validation_file_path") or inputs.get("validation_mltable_path", ""),
                "hyperparameters": hyperparameters,
                "compute": inputs.get("compute_finetune", ""),
                "output_model": None if ended_badly else job.output_name or None,
            }
        )


def job_of(document: Document) -> Job:
    """Read a job's document as the kind of job that it is."""
    is_pipeline = text(document, "properties", "jobType").lower() == "pipeline"
    return PipelineJob.read(document) if is_pipeline else Job.read(document)
