"""Whose rules a dataset is checked by, and for which method."""

from __future__ import annotations

from typing import NamedTuple

from ..catalog.tuning_methods import METHODS, TuningMethod, method_named
from ..core.errors import InvalidInput, NotOffered
from ..core.surfaces import SURFACE_TITLES, Surface


class Rules(NamedTuple):
    """The service whose rules are applied, and the method of fine-tuning; None for that of most rows."""

    surface: Surface
    method: TuningMethod | None


def choose_rules(
    surface: str | None, method: str | None, model: str | None = None, *, default: Surface = "azureml"
) -> Rules:
    """Return whose rules are applied: the service that was asked for, or the one that has the method or the model.

    Args:
        surface: the service that was asked for.
        method: the method of fine-tuning that was asked for.
        model: the base model.
        default: the service where nothing else decides.

    Raises:
        NotOffered: the service that was asked for does not have the method.
        InvalidInput: there is no such service, or no such method.
    """
    if surface not in {None, *SURFACE_TITLES}:
        raise InvalidInput(f"surface is {surface!r}; it is {' or '.join(SURFACE_TITLES)}")
    named = None if method is None else method_named(method)
    if method is not None and named is None:
        raise InvalidInput(f"there is no fine-tuning method {method!r}; the methods are {', '.join(METHODS)}")
    asked: Surface | None = next((each for each in SURFACE_TITLES if each == surface), None)
    only_foundry = named not in {None, "supervised"}
    if asked == "azureml" and only_foundry:
        titles = SURFACE_TITLES
        raise NotOffered(f"{named} fine-tuning", titles["azureml"], offered_by=[titles["foundry"]])
    if only_foundry:
        return Rules("foundry", named)
    return Rules(asked or (_surface_of(model) if model else None) or default, named)


def _surface_of(model: str) -> Surface | None:
    from ..catalog.surface_of_model import surface_of  # here: it knows both catalogues, and most calls name no model

    return surface_of(model)


def check_foundry_model(model: str) -> str:
    """Return the name of a model that is tuned on Azure AI Foundry, or was; raise UnknownModel for any other."""
    from ..catalog.foundry_lookup import find_offer, is_tuned

    if not is_tuned(model):
        find_offer(model)
    return model
