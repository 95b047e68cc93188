"""The registration of a job's output as a version of a model: where its files are, and which version has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import InvalidInput
from ..core.json_fields import Document, part, text
from ..core.url_paths import segment
from .registered_model import RegisteredModel

# Assumption: A registered model keeps the properties that it was created with, also under names with a dot.
# Shown wrong by: A version that is read back without `maas_client.source`.
# Verified by: pipeline job to its end, pipeline job results
# If wrong: Waiting for a pipeline job a second time registers the same model under another version.
SOURCE = "maas_client.source"
"""The property of a model that names the job's output it was registered from: the service may rewrite its address."""

_TYPES: Mapping[str, str] = {"mlflow_model": "mlflow_model", "triton_model": "triton_model"}
"""The type of the model that an output of this type becomes; any other files are a `custom_model`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A model to register: the output of a job, and what describes it."""

    source: str
    kind: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def is_of(self, model: RegisteredModel) -> bool:
        """Return whether a version was registered from the same output."""
        return self.source in {model.uri, text(model.raw, "properties", "properties", SOURCE)}

    def to_document(self) -> dict[str, Any]:
        """Build the body of the PUT, as azure-ai-ml 1.35.2 sends it (`entities/_assets/_artifacts/model.py`)."""
        described = {"description": self.description} if self.description else {}
        return {
            "properties": {
                **described,
                "tags": dict(self.tags),
                "properties": {SOURCE: self.source},
                "modelType": self.kind,
                "modelUri": self.source,
                "isAnonymous": False,
                "isArchived": False,
            }
        }


def output_of(job: Document, name: str, output: str | None) -> tuple[str, str]:
    """Return the name and the type of the output that a completed job is registered by.

    By default it is the job's only output, or the only one that is an MLflow model. Raises InvalidInput for a job that
    has not completed, and for an output that it does not have, naming those that it has.
    """
    status = text(job, "properties", "status")
    if status != "Completed":
        raise InvalidInput(f"job {name!r} is {status or 'in an unknown state'}: only a completed job has an output")
    kinds = {key: text(each, "jobOutputType") for key, each in part(job, "properties", "outputs").items()}
    kinds.pop("default", None)  # what the run itself wrote
    chosen = [output] if output is not None else _by_default(kinds)
    if len(chosen) != 1 or chosen[0] not in kinds:
        there = f"its outputs are {', '.join(kinds)}" if kinds else "it has none"
        asked = f"no output {output!r}" if output is not None else "no single output that is a model: name one"
        raise InvalidInput(f"job {name!r} has {asked}; {there}")
    return chosen[0], _TYPES.get(kinds[chosen[0]], "custom_model")


def _by_default(kinds: Mapping[str, str]) -> Sequence[str]:
    models = [name for name, kind in kinds.items() if kind in _TYPES]
    return models or list(kinds)


def source_of(job: str, output: str) -> str:
    """Return the address of a job's output, which the service resolves."""
    return f"azureml://jobs/{segment(job)}/outputs/{segment(output)}"
