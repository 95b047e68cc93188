"""The rule set of each service."""

from __future__ import annotations

from ...catalog.tuning_methods import TuningMethod
from ...core.surfaces import Surface
from ..rows.schemas import Task
from .rule_set import RuleSet
from .rules import RULES


def _purpose(task: Task, _method: TuningMethod) -> str:
    return f"{task} training"


AZURE_ML = RuleSet(surface="azureml", rules=RULES, purpose=_purpose, splits=True)


def rule_set(surface: Surface) -> RuleSet:
    """Return the rules of a service."""
    if surface == "azureml":
        return AZURE_ML
    from .foundry_rule_set import FOUNDRY

    return FOUNDRY
