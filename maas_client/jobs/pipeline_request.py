"""The request that creates a pipeline job, and how it compares with an existing job. Decisions only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.http_messages import json_body
from ..core.json_fields import dig, text
from ..pipelines.job_document import OUTPUT, OUTPUT_MODEL, PipelineDocument, inputs_of, step_of
from .job import Job
from .request import FINGERPRINT, shown_value


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRequest:
    """Implements PreparedJob. `data` has the type and the URI of each input, of files those that they will have.

    `files` are the local files among them, by input, which are uploaded when the job is created.
    """

    name: str
    component_id: str
    component_output: str
    literals: Mapping[str, str]
    data: Mapping[str, tuple[str, str]]
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    model_id: str
    training_data: str
    validation_data: str | None = None
    output_name: str = ""
    display_name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    force_rerun: bool = False
    continue_on_step_failure: bool = False

    @property
    def hyperparameters(self) -> Mapping[str, str]:
        """The literal inputs that were chosen."""
        return self.literals

    @property
    def trained(self) -> Mapping[str, object]:
        """What decides what is trained, as JSON values; labels do not."""
        return self._document().trained

    def variant(
        self, *, name: str, output_name: str, hyperparameters: Mapping[str, str] | None = None
    ) -> PipelineRequest:
        """Return the same job with another name and output, and other literal inputs if there are any."""
        literals = self.literals if hyperparameters is None else {**self.literals, **hyperparameters}
        return replace(self, name=name, literals=literals, output_name=output_name)

    def differences(self, job: Job) -> tuple[str, ...]:
        """Return how an existing job differs from this one, a line per input; empty if it is the same."""
        wanted = self.to_document()
        if dig(job.raw, "properties", "properties", FINGERPRINT) == dig(
            wanted, "properties", "properties", FINGERPRINT
        ):
            return ()
        before, after = _compared(job.raw), _compared(wanted)
        return tuple(
            f"{key} is {shown_value(before.get(key))} there and {shown_value(after.get(key))} here"
            for key in {**after, **before}
            if before.get(key) != after.get(key)
        )

    def to_document(self) -> dict[str, Any]:
        """Build the body of the PUT."""
        body = self._document().properties()
        own = {OUTPUT_MODEL: self.output_name} if self.output_name else {}
        fingerprint = hashlib.sha256(json_body(body | own)).hexdigest()[:32]
        return {"properties": {**body, "properties": {**self.properties, **own, FINGERPRINT: fingerprint}}}

    def _document(self) -> PipelineDocument:
        return PipelineDocument(
            component_id=self.component_id,
            component_output=self.component_output,
            literals=self.literals,
            data=self.data,
            display_name=self.display_name or self.name,
            experiment=self.experiment,
            tags=self.tags,
            force_rerun=self.force_rerun,
            continue_on_step_failure=self.continue_on_step_failure,
        )


def _compared(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what distinguishes two pipeline jobs, by name: the component, its inputs, and the name of the model."""
    step = step_of(document)
    own = {
        "component": text(step, "componentId"),
        "output_name": text(document, "properties", "properties", OUTPUT_MODEL),
        "output": text(document, "properties", "outputs", OUTPUT, "jobOutputType"),
    }
    return {key: value for key, value in (own | inputs_of(step)).items() if value}
