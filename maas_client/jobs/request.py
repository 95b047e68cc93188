"""The request body that creates a fine-tuning job, and how it compares with an existing job. Decisions only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.http_messages import json_body
from ..core.json_fields import dig, is_object, part
from .job import Job

# Assumption: A job keeps the properties that it was created with, also under names with a dot.
# Shown wrong by: A job that is read back without `maas_client.fingerprint`.
# Verified by: create job, create pipeline job
# If wrong: Creating the same job again is a Conflict instead of the job that there is.
FINGERPRINT = "maas_client.fingerprint"
"""The job property that identifies this request among others with the same name."""

_TRAINED = ("fineTuningDetails", "computeId", "resources", "queueSettings")
"""What decides what is trained; labels and display names do not."""

_COMPUTE = ("computeId",)

_COMPLETE = ("hyperParameters", "validationData")
"""Details of which a missing key is a difference as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """The request for a fine-tuning job. `training_data` and `validation_data` are URIs or ARM ids."""

    name: str
    model_id: str
    training_data: str
    validation_data: str | None = None
    task: str = "chatCompletion"
    hyperparameters: Mapping[str, str] = field(default_factory=dict[str, str])
    output_name: str = ""
    display_name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    compute_id: str | None = None
    instance_types: Sequence[str] = ()
    job_tier: str | None = None

    @property
    def trained(self) -> Mapping[str, object]:
        """What decides what is trained, as JSON values; labels do not."""
        properties = self.to_document()["properties"]
        return {key: properties[key] for key in _TRAINED if key in properties}

    def variant(self, *, name: str, output_name: str, hyperparameters: Mapping[str, str] | None = None) -> JobRequest:
        """Return the same job with another name and output, and other hyperparameters if there are any."""
        chosen = self.hyperparameters if hyperparameters is None else hyperparameters
        return replace(self, name=name, hyperparameters=chosen, output_name=output_name)

    def differences(self, job: Job) -> tuple[str, ...]:
        """Return how an existing job differs from this one, a line per setting; empty if it is the same.

        What the service or a colleague has added is not a difference, nor is anything where both have the fingerprint
        of the same request.
        """
        there, wanted = job.raw, self.to_document()
        if dig(there, "properties", "properties", FINGERPRINT) == dig(wanted, "properties", "properties", FINGERPRINT):
            return ()
        before, after = dict(_leaves(part(there, "properties"))), dict(_leaves(wanted["properties"]))
        if _cluster(before.get(_COMPUTE)) == _cluster(after.get(_COMPUTE)):
            for each in (before, after):
                each.pop(_COMPUTE, None)
        keys = {key: None for key in after if key != ("properties", FINGERPRINT)}
        keys |= {key: None for key in before if key[0] == "fineTuningDetails" and key[1:2] and key[1] in _COMPLETE}
        return tuple(
            f"{'.'.join(key)} is {shown_value(before.get(key))} there and {shown_value(after.get(key))} here"
            for key in keys
            if before.get(key) != after.get(key)
        )

    def to_document(self) -> dict[str, Any]:
        """Build the body of the PUT, field for field as azure-ai-ml 1.35.2 sends it."""
        details: dict[str, Any] = {
            "modelProvider": "Custom",
            "taskType": self.task,
            "model": {"jobInputType": "mlflow_model", "uri": self.model_id},
            "trainingData": {"jobInputType": "uri_file", "uri": self.training_data},
        }
        if self.validation_data is not None:
            details["validationData"] = {"jobInputType": "uri_file", "uri": self.validation_data}
        if self.hyperparameters:
            details["hyperParameters"] = dict(self.hyperparameters)
        body: dict[str, Any] = {
            "jobType": "FineTuning",
            "isArchived": False,
            "fineTuningDetails": details,
            "outputs": {"registered_model": {"jobOutputType": "mlflow_model", "assetName": self.output_name}},
            "displayName": self.display_name or self.name,
            "tags": dict(self.tags),
        }
        if self.experiment:
            body["experimentName"] = self.experiment
        if self.compute_id:
            body["computeId"] = self.compute_id
        # Assumption: A fine-tuning job takes the sizes of its machines in `resources.instanceTypes`, and tries them in
        #   their order.
        # Shown wrong by: 400 for the request, or a job that fails before it is canceled.
        # Verified by: create job on own compute, cancel job on own compute
        # If wrong: The job is rejected, or runs on another size than the first; a pipeline job names each step's size.
        if self.instance_types:
            body["resources"] = {"instanceTypes": list(self.instance_types)}
        if self.job_tier:
            body["queueSettings"] = {"jobTier": self.job_tier}
        fingerprint = hashlib.sha256(json_body(body)).hexdigest()[:32]
        return {"properties": {**body, "properties": {**self.properties, FINGERPRINT: fingerprint}}}


def _cluster(value: object) -> object:
    """Return what names a cluster: the service may return the id of one that was sent by its bare name."""
    return value.rpartition("/computes/")[2].lower() if isinstance(value, str) else value


def shown_value(value: object) -> str:
    """Return a setting's value for a message about two jobs that differ."""
    return "not set" if value is None else repr(value)


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if is_object(value):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value
