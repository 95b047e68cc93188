"""A pipeline job as the file of Azure's own CLI: one component of the registry `azureml`, on one's own compute.

The keys are those of azure-ai-ml 1.35.2, `_schema/pipeline/pipeline_job.py`; the request is the one of
`jobs.create_pipeline`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...catalog.model_id import REGISTRY
from ...pipelines.component_name import LATEST
from ...pipelines.job_document import NODE, OUTPUT

SCHEMA = "https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json"
TRAINED = "mlflow_model_folder"
"""The output of the component with the trained model (Azure/azureml-assets, `chat_completion_pipeline` 0.0.82)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AzPipeline:
    """What the file is made of.

    `literals` are inputs of the component, `data` the type and the path of each file and model among them, relative to
    the file or as an id. `component` is a name, or a name and a version.
    """

    name: str
    component: str
    literals: Mapping[str, Any]
    data: Mapping[str, tuple[str, str]]
    output_name: str
    display_name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    force_rerun: bool = False
    continue_on_step_failure: bool = False

    def to_document(self) -> Mapping[str, Any]:
        """Return the file's content."""
        files = {name: {"type": kind, "path": path} for name, (kind, path) in self.data.items()}
        whole: dict[str, Any] = {
            "$schema": SCHEMA,
            "type": "pipeline",
            "name": self.name,
            "display_name": self.display_name or self.name,
            "experiment_name": self.experiment,
            "tags": dict(self.tags),
            "properties": dict(self.properties),
            "settings": {
                "force_rerun": self.force_rerun,
                "continue_on_step_failure": self.continue_on_step_failure,
            },
            "outputs": {OUTPUT: {"type": "mlflow_model", "mode": "rw_mount", "name": self.output_name}},
            "jobs": {
                NODE: {
                    "type": "pipeline",
                    "component": component_uri(self.component),
                    "inputs": {**files, **self.literals},
                    "outputs": {TRAINED: f"${{{{parent.outputs.{OUTPUT}}}}}"},
                }
            },
        }
        return {key: value for key, value in whole.items() if value not in (None, {})}


def component_uri(component: str) -> str:
    """Return the id by which a pipeline names a component of the registry: its newest version unless one is said."""
    if "://" in component:
        return component
    name, _, version = component.partition(":")
    label = f"versions/{version}" if version else f"labels/{LATEST}"
    return f"azureml://registries/{REGISTRY}/components/{name.removesuffix(f'@{LATEST}')}/{label}"
