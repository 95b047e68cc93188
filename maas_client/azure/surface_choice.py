"""Which platform a client works on, from what was given and what the environment has. Decisions only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..core.errors import SettingsError
from ..core.surfaces import SURFACE_TITLES, Surface
from .settings import VARIABLES, find_config

FOUNDRY_ENDPOINT = "FOUNDRY_ENDPOINT"
"""The environment variable of the URL of a Foundry project or account."""

OTHER_FOUNDRY_ENDPOINTS = ("AZURE_AI_PROJECT_ENDPOINT", "AZURE_OPENAI_ENDPOINT")
"""Variables that other tools read, too: a workspace takes precedence over them."""

SURFACE_VARIABLE = "MAAS_SURFACE"


def surface_named(name: str) -> Surface:
    """Return a platform by its name; raise SettingsError for an unknown one."""
    for surface in SURFACE_TITLES:
        if surface == name.strip().lower():
            return surface
    raise SettingsError(
        f"unknown surface {name!r}; it is {' or '.join(SURFACE_TITLES)} (`surface=` or {SURFACE_VARIABLE})"
    )


def is_chosen(environ: Mapping[str, str]) -> bool:
    """Return whether the environment names a platform."""
    return bool(environ.get(SURFACE_VARIABLE, "").strip())


def choose_surface(
    surface: str | None,
    *,
    workspace: str | None,
    foundry_endpoint: str | None,
    environ: Mapping[str, str],
    directory: Path,
) -> Surface:
    """Return the platform of a client; Azure Machine Learning where nothing selects one.

    Args:
        surface: the platform's name; without it what the other arguments select, else MAAS_SURFACE, else what the
            variables select.
        workspace: a workspace that was given as an argument.
        foundry_endpoint: the URL of a Foundry account or project that was given as an argument.
        environ: the environment.
        directory: where a config.json would select a workspace, or in the folders above it.

    Raises:
        SettingsError: the name is unknown, or both platforms are selected and nothing says which one is meant.
    """
    if surface:
        return surface_named(surface)
    if bool(workspace) != bool(foundry_endpoint):
        return "azureml" if workspace else "foundry"
    if named := environ.get(SURFACE_VARIABLE, "").strip():
        return surface_named(named)
    if workspace and foundry_endpoint:
        raise SettingsError("a workspace and a Foundry endpoint were given: choose one, or pass surface=")
    workspace_variable = next((name for name in VARIABLES["workspace"] if environ.get(name, "").strip()), None)
    if environ.get(FOUNDRY_ENDPOINT, "").strip():
        if workspace_variable is None:
            return "foundry"
        raise SettingsError(
            f"both {workspace_variable} and {FOUNDRY_ENDPOINT} are set, so a workspace and a Foundry account are "
            f"selected: set {SURFACE_VARIABLE} to azureml or foundry, or pass surface= (`--surface`)"
        )
    if workspace_variable is None and any(environ.get(name, "").strip() for name in OTHER_FOUNDRY_ENDPOINTS):
        return "azureml" if find_config(directory) else "foundry"
    return "azureml"
