"""A job of Azure AI Foundry as the file of the Azure Developer CLI: `azd ai finetuning jobs submit -f job.yaml`.

The keys are those of azd's extension `azure.ai.finetune` 0.0.14-preview (Azure/azure-dev,
`cli/azd/extensions/azure.ai.finetune/pkg/models/finetune.go`), which ignores every key that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...catalog.tuning_methods import TuningMethod

LOCAL = "local:"
"""What a path begins with; anything else is the id of a file that was uploaded before."""

LONGEST_SUFFIX, MOST_METADATA, LONGEST_KEY, LONGEST_VALUE = 64, 16, 64, 512
"""Limits that the extension checks before it sends anything (`Validate` of the same file)."""

HYPERPARAMETERS: Mapping[str, str] = {
    "n_epochs": "epochs",
    "batch_size": "batch_size",
    "learning_rate_multiplier": "learning_rate_multiplier",
    "beta": "beta",
    "compute_multiplier": "compute_multiplier",
    "eval_interval": "eval_interval",
    "eval_samples": "eval_samples",
    "reasoning_effort": "reasoning_effort",
}
"""The extension's names of Foundry's hyperparameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AzdJob:
    """What the file is made of; hyperparameters have Foundry's names."""

    name: str
    model: str
    training_file: str
    validation_file: str | None = None
    method: TuningMethod = "supervised"
    hyperparameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    grader: Mapping[str, Any] | None = None
    suffix: str | None = None
    seed: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    integrations: Sequence[Mapping[str, Any]] = ()
    training_type: str | None = None

    def to_document(self) -> Mapping[str, Any]:
        """Return the file's content. The method's own part is always there: the extension demands it."""
        details: dict[str, Any] = {"grader": self.grader} if self.grader is not None else {}
        details["hyperparameters"] = {HYPERPARAMETERS[name]: value for name, value in self.hyperparameters.items()}
        whole: dict[str, Any] = {
            "name": self.name,
            "model": self.model,
            "training_file": self.training_file,
            "validation_file": self.validation_file,
            "suffix": self.suffix,
            "seed": self.seed,
            "metadata": dict(self.metadata),
            "method": {"type": self.method, self.method: details},
            "integrations": [_integration(each) for each in self.integrations],
            "extra_body": {"trainingType": self.training_type} if self.training_type else None,
        }
        return {key: value for key, value in whole.items() if value not in (None, {}, [])}


def _integration(as_sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an integration as the extension has it: what the service keeps under the type's name is `config`."""
    kind = str(as_sent.get("type", ""))
    config = as_sent.get(kind, as_sent.get("config", {}))
    return {"type": kind, "config": config}
