"""The names of fine-tuning methods and training tiers, of Azure AI Foundry's and the ones that people use for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ..core.errors import InvalidInput

TuningMethod = Literal["supervised", "dpo", "reinforcement"]
"""How a model is tuned: on examples, on preferences, or on the scores of a grader."""

TrainingTier = Literal["Standard", "GlobalStandard", "DataZone", "Developer"]
"""Where and at which price a model is trained: in the region, anywhere, in a data zone, or on spare capacity."""

METHODS: tuple[TuningMethod, ...] = ("supervised", "dpo", "reinforcement")
TIERS: tuple[TrainingTier, ...] = ("GlobalStandard", "Standard", "DataZone", "Developer")
"""The tiers in the order in which a default is chosen."""

_METHOD_NAMES: Mapping[str, TuningMethod] = {
    "supervised": "supervised",
    "sft": "supervised",
    "dpo": "dpo",
    "preference": "dpo",
    "directpreferenceoptimization": "dpo",
    "reinforcement": "reinforcement",
    "rft": "reinforcement",
}
_TIER_NAMES: Mapping[str, TrainingTier] = {
    "standard": "Standard",
    "regional": "Standard",
    "global": "GlobalStandard",
    "globalstandard": "GlobalStandard",
    "1": "GlobalStandard",
    "datazone": "DataZone",
    "datazonestandard": "DataZone",
    "developer": "Developer",
    "developertier": "Developer",
}


def method_named(name: str) -> TuningMethod | None:
    """Return the method of a name in any case, such as `SFT`; None if there is no such method."""
    return _METHOD_NAMES.get(_plain(name))


def tier_named(name: str) -> TrainingTier | None:
    """Return the training tier of a name in any case, such as `global`; None if there is no such tier."""
    return _TIER_NAMES.get(_plain(name))


def read_method(name: str) -> TuningMethod:
    """Return the method of a name; raise InvalidInput, with the nearest one, if there is no such method."""
    if found := method_named(name):
        return found
    raise InvalidInput(f"there is no fine-tuning method {name!r}; {_hint(name, 'methods', METHODS)}")


def read_tier(name: str) -> TrainingTier:
    """Return the training tier of a name; raise InvalidInput, with the nearest one, if there is no such tier."""
    if found := tier_named(name):
        return found
    raise InvalidInput(f"there is no training tier {name!r}; {_hint(name, 'tiers', TIERS)}")


def _hint(name: str, what: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # here: only an error needs it

    spelled = {each.lower(): each for each in known}
    nearest = get_close_matches(name.lower(), spelled, 1, 0.5)
    return f"did you mean {spelled[nearest[0]]!r}?" if nearest else f"the {what} are {', '.join(known)}"


def _plain(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())
