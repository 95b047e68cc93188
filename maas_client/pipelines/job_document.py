"""The body that creates a pipeline job with one component of a registry, field for field as azure-ai-ml sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.json_fields import Document, first, is_object, part, text

NODE = "finetune"
"""What the pipeline's only step of its own is called."""

OUTPUT = "trained_model"
"""What the pipeline's output is called, as in Microsoft's notebook for chat completion."""

OUTPUT_MODEL = "maas_client.output_model"
"""The job property with the name that the tuned model is registered under: a pipeline does not register it itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineDocument:
    """What a pipeline job with one component is made of. `data` has the type and the URI of each input by name."""

    component_id: str
    component_output: str
    literals: Mapping[str, str]
    data: Mapping[str, tuple[str, str]]
    display_name: str
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    force_rerun: bool = False
    continue_on_step_failure: bool = False

    @property
    def trained(self) -> dict[str, Any]:
        """What decides what is trained, as JSON values."""
        return {"componentId": self.component_id, "inputs": self._inputs()}

    def properties(self) -> dict[str, Any]:
        """Build the properties of the PUT, without those that label the job.

        azure-ai-ml 1.35.2, `entities/_job/pipeline/pipeline_job.py` and `_builders/pipeline.py`: a step's inputs are
        written in snake case and all of them as text, unlike the rest of the document.
        """
        step = {
            "name": NODE,
            "type": "pipeline",
            "_source": "REMOTE.REGISTRY",
            "componentId": self.component_id,
            "inputs": self._inputs(),
            "outputs": {self.component_output: {"value": f"${{{{parent.outputs.{OUTPUT}}}}}", "type": "literal"}},
        }
        body: dict[str, Any] = {
            "jobType": "Pipeline",
            "displayName": self.display_name,
            "tags": dict(self.tags),
            "isArchived": False,
            "inputs": {},
            "outputs": {OUTPUT: {"jobOutputType": "mlflow_model", "mode": "ReadWriteMount"}},
            "settings": {
                "force_rerun": self.force_rerun,
                "continue_on_step_failure": self.continue_on_step_failure,
                "_source": "DSL",
            },
            "jobs": {NODE: step},
        }
        return body | ({"experimentName": self.experiment} if self.experiment else {})

    def _inputs(self) -> dict[str, Any]:
        literals = {name: {"job_input_type": "literal", "value": value} for name, value in self.literals.items()}
        data = {name: {"job_input_type": kind, "uri": uri} for name, (kind, uri) in self.data.items()}
        return literals | data


def step_of(document: Document) -> Document:
    """Return the step of a pipeline job that runs a component of a registry; empty without one."""
    steps = list(part(document, "properties", "jobs").values())
    return first({"steps": [each for each in steps if is_object(each) and text(each, "componentId")]}, "steps")


def inputs_of(step: Document) -> dict[str, str]:
    """Return a step's inputs as text, by name: literals, and the URIs of files and models."""
    found = {name: text(each, "value") or text(each, "uri") for name, each in part(step, "inputs").items()}
    return {name: value for name, value in found.items() if value}
