"""Writing a job as a job file that recreates it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from ..core.errors import InvalidInput
from ..core.json_fields import items, part, text
from ..core.text import printable
from ..jobs.job import Job
from ..jobs.request import FINGERPRINT
from ..jobs.submission import TASKS
from .variables import escaped

Keyed = str | dict[str, str] | list[str]
"""The value of a key."""

SCHEMA_LINE = "# yaml-language-server: $schema=job.schema.json"

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that JSON allows unescaped and YAML does not (yaml.org/spec/1.2.2, section 5.1)."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SERVICE = ("azureml.", "_azureml.", "__azureml", "mlflow.", FINGERPRINT)
"""Prefixes of properties set by the service or this library."""


def job_file_of(job: Job) -> str:
    """Return a YAML job file from which `maas jobs create -f` creates the same job.

    Its hyperparameters are those that were sent. Raises InvalidInput for a job with an unsupported task.
    """
    return "".join(f"{line}\n" for line in (SCHEMA_LINE, *_lines(keys_of(job))))


def keys_of(job: Job) -> dict[str, Keyed]:
    """Return the keys of the job file, without those that only repeat defaults."""
    output = next(iter(part(job.raw, "properties", "outputs").values()), None)
    output_name = text(output, "assetName")
    instances = items(job.raw, "properties", "resources", "instanceTypes")
    keys: dict[str, Keyed] = {
        "name": job.name,
        "model": job.model_id,
        "task": _task(job),
        "training_data": job.training_data,
        "validation_data": job.validation_data,
        "hyperparameters": job.hyperparameters,
        "tags": job.tags,
        "properties": {key: value for key, value in job.properties.items() if not key.startswith(_SERVICE)},
        "output_name": "" if output_name == f"{job.name}-model" else output_name,
        "experiment": "" if job.experiment == "Default" else job.experiment,  # the service's default
        "display_name": "" if job.display_name == job.name else job.display_name,
        "compute": job.compute,
        "instance_types": [printable(each) for each in instances if isinstance(each, str)],
        "job_tier": text(job.raw, "properties", "queueSettings", "jobTier"),
    }
    return {key: value for key, value in keys.items() if value}


def _task(job: Job) -> str:
    ours = {theirs.lower(): task for task, theirs in TASKS.items()}
    if job.task.lower() not in ours:
        raise InvalidInput(f"job {job.name!r} has the task {job.task!r}, which job files do not support")
    return ours[job.task.lower()]


def _lines(keys: Mapping[str, Keyed]) -> Iterator[str]:
    for key, value in keys.items():
        if isinstance(value, dict):
            yield f"{key}:"
            yield from (f"  {_key(name)}: {_quoted(item)}" for name, item in value.items())
        elif isinstance(value, list):
            yield f"{key}:"
            yield from (f"  - {_quoted(item)}" for item in value)
        else:
            yield f"{key}: {_quoted(value)}"


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _in_quotes(name)


def _quoted(text: str) -> str:
    return _in_quotes(escaped(text))


def _in_quotes(text: str) -> str:
    """Quote a text: a JSON string is valid YAML, except for characters that YAML requires to be escaped."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
