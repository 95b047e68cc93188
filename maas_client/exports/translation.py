"""What became of each key of a job on another platform. Nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ..core.plain_values import PlainValue
from ..job_files.job_file import JobFile

Kind = Literal["same", "changed", "default", "left out"]
"""The same value under the platform's name; another one, for the same effect; chosen here; without a counterpart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation(PlainValue):
    """What became of one key: `key` and `value` of the job, and what the platform's files have instead.

    `key` is empty for a default, `target_key` for what has no counterpart. `remark` says why it is not the same.
    """

    key: str
    value: Any
    target_key: str
    target_value: Any
    kind: Kind
    remark: str = ""


def same(key: str, value: Any, target_key: str, target_value: Any = None) -> Translation:
    """Return the translation of a value that is kept."""
    written = value if target_value is None else target_value
    return Translation(key=key, value=value, target_key=target_key, target_value=written, kind="same")


def changed(key: str, value: Any, target_key: str, target_value: Any, remark: str) -> Translation:
    """Return the translation of a value that is written as another one; `remark` says why."""
    return Translation(
        key=key, value=value, target_key=target_key, target_value=target_value, kind="changed", remark=remark
    )


def default(target_key: str, target_value: Any, remark: str = "") -> Translation:
    """Return what is written although the job does not say it."""
    return Translation(
        key="", value=None, target_key=target_key, target_value=target_value, kind="default", remark=remark
    )


def left_out(key: str, value: Any, remark: str) -> Translation:
    """Return the translation of a value without a counterpart; `remark` says why."""
    return Translation(key=key, value=value, target_key="", target_value=None, kind="left out", remark=remark)


_NO_COUNTERPART: Mapping[str, str] = {
    "adapter": "the service chooses how the model is adapted",
    "surface": "the platform of the job that was exported",
    "experiment": "Studio's list of jobs",
    "display_name": "Studio's list of jobs",
    "tags": "labels of the workspace",
    "properties": "labels of the workspace",
    "compute": "a cluster of the workspace",
    "instance_types": "sizes of the workspace",
    "job_tier": "a queue of the workspace",
    "kind": "how the workspace runs the job",
    "component": "how the workspace runs the job",
    "inputs": "inputs of the workspace's component",
    "force_rerun": "how the workspace runs the job",
    "continue_on_step_failure": "how the workspace runs the job",
    "allow_retired": "weights are published: nothing is retired",
    "allow_unlisted": "the service's catalogue has no say",
    "force": "a check of the workspace's compute",
    "training_tier": "a price of Foundry",
    "suffix": "a name of Foundry",
    "integrations": "a connection of Foundry",
    "wait": "for `maas jobs create`",
    "prices": "for the cost of the hosted job",
    "max_cost": "for the cost of the hosted job",
    "sku": "for a deployment of Foundry",
    "capacity": "for a deployment of Foundry",
    "model_format": "for a deployment of Foundry",
    "prompt": "for `maas run`",
    "endpoint_name": "for an endpoint of Azure",
    "endpoint_instance_type": "for an endpoint of Azure",
    "endpoint_instance_count": "for an endpoint of Azure",
    "sweep": "for `maas sweep`",
    "parallel": "for `maas sweep`",
}
"""Why the keys of a job that are not about training have no counterpart elsewhere."""


_FILES = ("training_data", "validation_data", "test_data", "prices")


def given_keys(file: JobFile) -> Mapping[str, Any]:
    """Return every key that a job file has, hyperparameters as `hyperparameters.NAME`, files by their bare name."""
    found: dict[str, Any] = {}
    blank = JobFile()
    for each in fields(JobFile):
        value = getattr(file, each.name)
        if each.name in {"ignored", "tool"} or value == getattr(blank, each.name):
            continue
        if each.name in {"hyperparameters", "inputs"}:
            found |= {f"{each.name}.{name}": item for name, item in value.items()}
        else:
            is_file = each.name in _FILES and Path(value).exists()
            found[each.name] = Path(value).name if is_file else value
    return found


def with_the_rest(file: JobFile, translations: Iterable[Translation]) -> Sequence[Translation]:
    """Return translations in the order of the job's keys, then defaults; keys without one are left out, and say so."""
    listed = list(translations)
    given = given_keys(file)
    missing = [
        left_out(
            key,
            value,
            _NO_COUNTERPART.get(key.partition(".")[0])
            or ("it has no counterpart" if key.startswith("hyperparameters.") else "it is not about training"),
        )
        for key, value in given.items()
        if all(each.key != key for each in listed)
    ]
    places = {key: place for place, key in enumerate(given)}
    return sorted([*listed, *missing], key=lambda each: places.get(each.key, len(places)))
