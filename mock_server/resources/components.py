"""The registry's fine-tuning pipelines and their steps, as documents that azure-ai-ml 1.35.2 can submit.

Sources: as in `component_inputs.py`. A step's document has `computeId`, without which azure-ai-ml refuses to submit
its pipeline ("Compute not set", `pipeline_component.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mock_server.core.json_values import Json
from mock_server.resources import component_inputs as tables
from mock_server.resources.component_inputs import ComponentInput, Inputs
from mock_server.training import base_models

ENVIRONMENT = f"azureml://registries/{base_models.REGISTRY}/environments/acft-hf-nlp-gpu/versions/112"
PORTS: Mapping[str, str] = {"pytorch_model_folder": "uri_folder", "mlflow_model_folder": "mlflow_model"}


@dataclass(frozen=True, slots=True)
class PipelineStep:
    """A step of a pipeline component: the component it runs, and the inputs of the pipeline that say where."""

    component: str
    where: str  # the end of the names of those inputs: compute_model_import, instance_type_model_import
    is_training: bool = False
    needs: Mapping[str, str] = field(default_factory=dict[str, str])  # its inputs from other steps' outputs
    gives: tuple[str, ...] = ()  # its outputs that are the pipeline's


@dataclass(frozen=True, slots=True)
class Component:
    """A component of the registry; one with steps is a pipeline, another a command."""

    name: str
    version: str
    title: str
    inputs: Inputs
    outputs: Mapping[str, str]
    steps: Mapping[str, PipelineStep] = field(default_factory=dict[str, PipelineStep])

    @property
    def id(self) -> str:
        """Return the id by which a job names it."""
        return f"azureml://registries/{base_models.REGISTRY}/components/{self.name}/versions/{self.version}"


def find(name: str, version: str | None = None) -> Component | None:
    """Return a component by its name, and by a version if one is given."""
    found = COMPONENTS.get(name)
    return found if found is not None and version in (None, "latest", found.version) else None


def document(component: Component) -> Json:
    """Return a version of a component in the registry's format."""
    spec: Json = {
        "name": component.name,
        "version": component.version,
        "type": "pipeline" if component.steps else "command",
        "display_name": component.title,
        "is_deterministic": True,
        "inputs": {name: each.document() for name, each in component.inputs.items()},
        "outputs": {name: {"type": kind, "mode": "rw_mount"} for name, kind in component.outputs.items()},
    }
    if component.steps:
        spec["jobs"] = {name: _step(component, name, step) for name, step in component.steps.items()}
    else:
        spec |= {"environment": ENVIRONMENT, "command": f"python {component.name}.py", "resources": {}}
    return {
        "id": component.id,
        "name": component.version,
        "type": "Microsoft.MachineLearningServices/registries/components/versions",
        "properties": {
            "componentSpec": spec,
            "description": component.title,
            "tags": {},
            "properties": {},
            "isAnonymous": False,
            "isArchived": False,
            "provisioningState": "Succeeded",
            "stage": "Production",
        },
        "systemData": _created(),
    }


def container(component: Component) -> Json:
    """Return a component without its versions."""
    return {
        "id": f"azureml://registries/{base_models.REGISTRY}/components/{component.name}",
        "name": component.name,
        "type": "Microsoft.MachineLearningServices/registries/components",
        "properties": {"latestVersion": component.version, "isArchived": False, "tags": {}, "properties": {}},
        "systemData": _created(),
    }


def _step(component: Component, name: str, step: PipelineStep) -> Json:
    used = COMPONENTS[step.component]
    bound = {each: f"${{{{parent.inputs.{each}}}}}" for each in used.inputs if each in component.inputs}
    bound |= step.needs
    resources = {"instance_type": f"${{{{parent.inputs.instance_type_{step.where}}}}}"}
    if step.is_training:
        resources["instance_count"] = "${{parent.inputs.num_nodes_finetune}}"
        resources["shm_size"] = "${{parent.inputs.shm_size_finetune}}"
    processes = "${{parent.inputs.number_of_gpu_to_use_finetuning}}"
    return {
        "name": name,
        "type": "command",
        "componentId": used.id,
        "computeId": f"${{{{parent.inputs.compute_{step.where}}}}}",
        "resources": resources,
        "distribution": {"type": "pytorch", "process_count_per_instance": processes} if step.is_training else None,
        "inputs": {each: {"job_input_type": "literal", "value": value} for each, value in bound.items()},
        "outputs": {each: {"type": "literal", "value": f"${{{{parent.outputs.{each}}}}}"} for each in step.gives},
    }


def _created() -> Json:
    moment = "2026-06-30T00:00:00Z"
    return {"createdAt": moment, "createdBy": "azureml", "createdByType": "User", "lastModifiedAt": moment}


def _output_of(step: str, port: str) -> str:
    return f"${{{{parent.jobs.{step}.outputs.{port}}}}}"


def _family(task: str, title: str, version: str, steps_version: str, kinds: Mapping[str, Inputs]) -> list[Component]:
    """Return a pipeline with the components of its own that it consists of, besides the two common ones."""
    model_import, preprocess, finetune = f"{task}_model_import", f"{task}_datapreprocess", f"{task}_finetune"
    folder = ComponentInput("uri_folder", optional=False, mode="rw_mount")
    validation = ComponentInput("uri_file", mode="rw_mount")
    imported = _output_of(model_import, "output_dir")
    return [
        Component(
            f"{task}_pipeline",
            version,
            f"{title} Pipeline",
            kinds["pipeline"],
            PORTS,
            {
                VALIDATION: PipelineStep(VALIDATION, "model_import"),
                model_import: PipelineStep(
                    model_import, "model_import", needs={"validation_output": _output_of(VALIDATION, "validation_info")}
                ),
                preprocess: PipelineStep(preprocess, "preprocess", needs={"model_selector_output": imported}),
                finetune: PipelineStep(
                    finetune,
                    "finetune",
                    is_training=True,
                    needs={
                        "preprocess_output": _output_of(preprocess, "output_dir"),
                        "model_selector_output": imported,
                    },
                    gives=("pytorch_model_folder",),
                ),
                CONVERTER: PipelineStep(
                    CONVERTER,
                    "finetune",
                    needs={"model_path": _output_of(finetune, "pytorch_model_folder"), "model_import_output": imported},
                    gives=("mlflow_model_folder",),
                ),
            },
        ),
        Component(
            model_import,
            "0.0.81" if task == "chat_completion" else steps_version,
            f"{title} Model Import",
            {**kinds["import"], "validation_output": validation},
            {"output_dir": "uri_folder"},
        ),
        Component(
            preprocess,
            steps_version,
            f"{title} DataPreProcess",
            {**kinds["preprocess"], "model_selector_output": folder},
            {"output_dir": "uri_folder"},
        ),
        Component(
            finetune,
            "0.0.81" if task == "chat_completion" else steps_version,
            f"{title} Finetune",
            {**kinds["finetune"], "preprocess_output": folder, "model_selector_output": folder},
            {"pytorch_model_folder": "uri_folder"},
        ),
    ]


VALIDATION, CONVERTER = "ft_nlp_common_validation", "ft_nlp_model_converter"
_CHECKED = ("mlflow_model_path", "compute_finetune", "compute_model_import", "num_nodes_finetune", *tables.DATA)
_COMMON: Sequence[Component] = (
    Component(
        VALIDATION,
        "0.0.80",
        "Common Validation Component",
        {name: tables.CHAT_COMPLETION[name] for name in _CHECKED},
        {"validation_info": "uri_file"},
    ),
    Component(
        CONVERTER,
        "0.0.80",
        "Common Model Converter",
        {
            "model_path": ComponentInput("uri_folder", optional=False, mode="rw_mount"),
            "model_import_output": ComponentInput("uri_folder", mode="rw_mount"),
            "system_properties": ComponentInput("string"),
        },
        {"mlflow_model_folder": "mlflow_model"},
    ),
)
COMPONENTS: Mapping[str, Component] = {
    each.name: each
    for each in (
        *_family(
            "chat_completion",
            "Chat Completion",
            "0.0.82",
            "0.0.80",
            {
                "pipeline": tables.CHAT_COMPLETION,
                "import": tables.IMPORT,
                "preprocess": {**tables.PREPROCESS, **tables.TRUST},
                "finetune": tables.FINETUNE,
            },
        ),
        *_family(
            "text_generation",
            "Text Generation",
            "0.0.77",
            "0.0.75",
            {
                "pipeline": tables.TEXT_GENERATION,
                "import": tables.MODEL,
                "preprocess": {**tables.TEXT_KEYS, **tables.PREPROCESS},
                "finetune": tables.TEXT_FINETUNE,
            },
        ),
        *_COMMON,
    )
}
"""The components by name; each has the one version that its facts were read from."""
