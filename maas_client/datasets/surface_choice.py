"""Whose rules a dataset is checked by: the service that was asked for, or the one that has the method."""

from __future__ import annotations

from ..catalog.tuning_methods import TuningMethod
from ..core.errors import NotOffered
from ..core.surfaces import SURFACE_TITLES, Surface


def choose_surface(surface: Surface | None, method: TuningMethod | None, *, default: Surface = "azureml") -> Surface:
    """Return the service whose rules are applied.

    Args:
        surface: the service that was asked for.
        method: the method of fine-tuning that was asked for.
        default: the service where nothing was asked for.

    Raises:
        NotOffered: the service that was asked for does not have the method.
    """
    only_foundry = method not in {None, "supervised"}
    if surface == "azureml" and only_foundry:
        titles = SURFACE_TITLES
        raise NotOffered(f"{method} fine-tuning", titles["azureml"], offered_by=[titles["foundry"]])
    return surface or ("foundry" if only_foundry else default)
