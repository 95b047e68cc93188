"""Recognising az ml files that describe something other than a fine-tuning job.

The types are those of azure-ai-ml 1.35.2 (`constants/_job/job.py`, `constants/_common.py`, `constants/_compute.py`,
`_schema/_datastore`); files without a `type` are recognised by `$schema` or by a key that only they have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .located import Located

_JOBS: Mapping[str, str] = {
    "command": "a command job",
    "sweep": "a sweep over command jobs (`maas sweep` runs one over fine-tuning jobs)",
    "pipeline": "a pipeline, which may contain fine-tuning jobs but is not one",
    "automl": "an automated ML job",
    "spark": "a Spark job",
    "parallel": "a parallel job",
    "import": "an import job",
    "datatransfer": "a data transfer job",
    "distillation": "a distillation job, in which a teacher model generates the training data",
    "component": "a component",
    "base": "a job without a definition",
}
_ASSETS: Mapping[str, str] = {
    **dict.fromkeys(("urifile", "urifolder", "mltable"), "a data asset (`maas upload` creates one)"),
    **dict.fromkeys(("mlflowmodel", "custommodel", "tritonmodel"), "a model asset"),
    **dict.fromkeys(("azureblob", "azurefile", "azuredatalakegen1", "azuredatalakegen2", "onelake"), "a datastore"),
    **dict.fromkeys(("amlcompute", "computeinstance", "virtualmachine", "synapsespark"), "a compute target"),
    "kubernetes": "a compute target or a deployment on Kubernetes",
    "managed": "an online deployment",
    "model": "a batch deployment of a model",
}
_KINDS = {**_JOBS, **_ASSETS}

_BY_KEY: Mapping[str, str] = {
    "teacher_model_endpoint_connection": _JOBS["distillation"],
    "student_model": _JOBS["distillation"],
    "jobs": _JOBS["pipeline"],
    "command": _JOBS["command"],
    "create_job": "a schedule",
    "trigger": "a schedule",
    "create_monitor": "a monitor",
    "model_id": "a serverless endpoint or a marketplace subscription (`maas deploy` and `maas endpoints create` create "
    "endpoints)",
    "auth_mode": "an endpoint",
    "code_configuration": "a deployment",
    "instance_type": "a deployment",
    "instance_count": "a deployment",
    "mini_batch_size": "a batch deployment",
    "conda_file": "an environment",
    "image": "an environment",
    "build": "an environment",
    "storage_account": "a workspace",
    "replication_locations": "a registry",
    "training_file": "a fine-tuning request of the OpenAI API",
}
"""Keys that a job file never has."""

_SCHEMAS = "azuremlschemas."
_SCHEMA = re.compile(r"(?<!\w)(?P<name>\w+)\.schema\.json", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OURS = "finetuning"


def refuse_other_kinds(top: Mapping[str, Located]) -> None:
    """Raise InvalidInput, with the line, for a file of az ml that is not a fine-tuning job, naming what it is."""
    if "type" in top:
        item = top["type"]
        written = item.text("type") or ""
        if normalised(written) == _OURS:
            return
        known, described = _KINDS.get(normalised(written)), _of_schema(top)
        is_job = described is None or described.endswith("job")  # a component has the type of its jobs
        kind = known or described if is_job else described
        what = f": it is {kind}" if kind else ""
        raise item.wrong(f"`type: {written}` is not a fine-tuning job{what}. {_REMEDY}")
    if kind := _of_schema(top):
        raise top["$schema"].wrong(f"this file is not a fine-tuning job: its $schema is that of {kind}. {_REMEDY}")
    for key, kind in _BY_KEY.items():
        if key in top:
            raise top[key].wrong(f"this file is not a fine-tuning job: `{key}` is a key of {kind}. {_REMEDY}")


_REMEDY = "Only `type: finetuning` of az ml is supported, and job files with the keys that `maas jobs schema` lists."


def normalised(word: str) -> str:
    """Return an enumeration value without case and separators, as Azure compares them."""
    return word.lower().replace("_", "").replace("-", "")


def _of_schema(top: Mapping[str, Located]) -> str | None:
    """Return what the file's `$schema` describes, in words; None if it is that of a fine-tuning job or not az ml's."""
    written = top["$schema"].written if "$schema" in top else ""
    found = _SCHEMA.match(written.rpartition("/")[2]) if _SCHEMAS in written.lower() else None
    if found is None or normalised(found["name"]).startswith(_OURS):
        return None
    words = " ".join(word if word.isupper() else word.lower() for word in _HUMP.split(found["name"]))
    return f"{'an' if words[0] in 'aeioAEIO' else 'a'} {words}"
