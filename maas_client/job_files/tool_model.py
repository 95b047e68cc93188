"""The model of a tool's configuration, by its id on Hugging Face, as a model that Azure trains."""

from __future__ import annotations

from ..catalog.foundry_lookup import known_offer
from ..catalog.lookup import known
from .located import Located
from .tool_config import Taken

_OF_AZURE_ML = "microsoft"
_OF_FOUNDRY = frozenset({"meta-llama", "mistralai", "openai", "qwen"})
"""The organisations on Hugging Face that publish the open models which Azure AI Foundry trains."""


def take_model(taken: Taken, key: str, item: Located) -> None:
    """Take the model if a catalogue has it; else it is left, and the job needs one."""
    name = _name_of(item.text(key) or "")
    if name is None:
        taken.leave(key, item, f"{item.written!r} is in neither catalogue of models; name one: --set model=NAME")
    else:
        taken.keys["model"] = Located(name, item.where, name)


def _name_of(hub_id: str) -> str | None:
    """Return the catalogue's name of a model on Hugging Face, which other publishers may have changed."""
    owner, _, name = hub_id.rpartition("/")
    if owner.lower() in {"", _OF_AZURE_ML} and name and (facts := known(name)):
        return facts.name
    offer = known_offer(name) if owner.lower() in {"", *_OF_FOUNDRY} else None
    return offer.name if offer else None
