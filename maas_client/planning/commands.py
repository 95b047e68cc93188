"""The command that starts a way."""

from __future__ import annotations

import shlex

from .training import Training
from .way import Way

JOB_FILE = "job.yaml"
"""The job file that commands name: `maas plan --job-file` writes it."""

_SHARING = frozenset({"trl", "axolotl"})
"""Platforms whose exports take what the GPUs share; the others share nothing."""

_DEFAULT_METHOD = "lora"


def command_for(way: Way, training: Training) -> str:
    """Return the command of a way, empty for one that cannot be gone."""
    if not way.is_possible:
        return ""
    if way.platform in {"azureml", "foundry"}:
        return _hosted(way, training)
    if way.platform == "azureml-pipeline":
        return _own_compute(way)
    return _export(way)


def _hosted(way: Way, training: Training) -> str:
    words = ["maas", "jobs", "create", "--model", training.model.name, "--training-data", training.data or "FILE"]
    words += ["--epochs", str(training.epochs)]
    return shlex.join([*words, *(["--surface", "foundry"] if way.platform == "foundry" else [])])


def _own_compute(way: Way) -> str:
    words = ["maas", "jobs", "create", "-f", JOB_FILE, "--set", "kind=pipeline", "--instance-type", way.size or "SIZE"]
    if way.method == "full":
        words += ["--hyperparameter", "apply_lora=false"]
    if way.sharing is not None and way.sharing.startswith("zero"):
        words += ["--hyperparameter", "apply_deepspeed=true", "--hyperparameter", f"deepspeed_stage={way.sharing[-1]}"]
    return shlex.join(words)


def _export(way: Way) -> str:
    words = ["maas", "export", JOB_FILE, "--for", way.platform, "--to", f"{way.platform}-{way.method}"]
    if way.method != _DEFAULT_METHOD:
        words += ["--method", way.method]
    if way.gpus > 1:
        words += ["--gpus", str(way.gpus)]
    if way.sharing is not None and way.platform in _SHARING:
        words += ["--sharing", way.sharing]
    return shlex.join([*words, *(["--offload"] if way.offload else [])])
