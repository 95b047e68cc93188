"""Writing a job as a job file that recreates it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import InvalidInput
from ..core.json_fields import is_array, is_object, items, part, text
from ..core.text import printable
from ..jobs.job import Job
from ..jobs.request import FINGERPRINT
from ..jobs.submission import TASKS
from .variables import escaped

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
    return job_file_text(keys_of(job))


def job_file_text(keys: Mapping[str, Any]) -> str:
    """Return the keys of a job file as YAML."""
    return "".join(f"{line}\n" for line in (SCHEMA_LINE, *_lines(keys)))


def keys_of(job: Job) -> dict[str, Any]:
    """Return the keys of the job file, without those that only repeat defaults."""
    if (own := job._file_keys()) is not None:  # pyright: ignore[reportPrivateUsage] -- what its platform's jobs have
        return {key: value for key, value in own.items() if value not in (None, "", [], {})}
    output = next(iter(part(job.raw, "properties", "outputs").values()), None)
    output_name = text(output, "assetName")
    instances = items(job.raw, "properties", "resources", "instanceTypes")
    keys: dict[str, Any] = {
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


def _lines(keys: Mapping[str, Any]) -> Iterator[str]:
    for key, value in keys.items():
        if not _is_written_as_block(value):
            yield f"{key}: {_quoted(value)}"
        elif is_object(value):
            yield f"{key}:"
            yield from (f"  {_key(name)}: {_quoted(item)}" for name, item in value.items())
        elif is_array(value):
            yield f"{key}:"
            yield from (f"  - {_quoted(item)}" for item in value)
        else:
            yield f"{key}: {_quoted(value)}"


def _is_written_as_block(value: Any) -> bool:
    """Return whether a value is simple, or simple ones in a list or by name; any other is written as JSON."""
    values = value.values() if is_object(value) else value if is_array(value) else [value]
    return all(isinstance(each, str | int | float) for each in values)


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _in_quotes(name)


def _quoted(value: object) -> str:
    return _in_quotes(_escaped(value))


def _escaped(value: object) -> object:
    """Return a value whose texts are read again as they are."""
    if is_object(value):
        return {name: _escaped(item) for name, item in value.items()}
    if is_array(value):
        return [_escaped(item) for item in value]
    return escaped(value) if isinstance(value, str) else value


def _in_quotes(value: object) -> str:
    """Write a value as JSON, which is valid YAML, except for characters that YAML requires to be escaped."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
