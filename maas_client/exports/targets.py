"""The targets of `maas export` by name. A target's module is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module

from ..core.errors import InvalidInput
from .target import Target

_HOMES: Mapping[str, str] = {
    "trl": "trl.trl_target:TRL",
    "axolotl": "axolotl.axolotl_target:AXOLOTL",
    "kaito": "kaito.kaito_target:KAITO",
    "azureml-cli": "azure.azureml_cli:AZUREML_CLI",
    "azureml-pipeline": "azure.azureml_pipeline:AZUREML_PIPELINE",
    "foundry": "azure.foundry_azd:FOUNDRY",
    "olive": "olive.olive_target:OLIVE",
    "ai-toolkit": "olive.ai_toolkit_target:AI_TOOLKIT",
}

TARGETS = tuple(_HOMES)
"""The names of all targets."""


def find_target(name: str) -> Target:
    """Return a target by its name; raise InvalidInput, with the nearest one, if there is none."""
    if name not in _HOMES:
        nearest = get_close_matches(name.lower(), TARGETS, 1, 0.5)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"the targets are {', '.join(TARGETS)}"
        raise InvalidInput(f"there is no target {name!r} to export for; {hint}")
    module, _, attribute = _HOMES[name].partition(":")
    target: Target = getattr(import_module(f".{module}", __package__), attribute)
    return target
