"""The settings of a client: those of a workspace, or of a Foundry account, whichever is selected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from .azure.settings import Settings, resolve as resolve_workspace
from .azure.surface_choice import choose_surface
from .core.secret_text import SecretText

if TYPE_CHECKING:
    from .foundry.settings import FoundrySettings

AnySettings: TypeAlias = Union[Settings, "FoundrySettings"]


def resolve(
    *,
    subscription_id: str | None = None,
    resource_group: str | None = None,
    workspace: str | None = None,
    endpoint: str | None = None,
    cloud: str | None = None,
    surface: str | None = None,
    foundry_endpoint: str | None = None,
    api_key: str | SecretText | None = None,
    environ: Mapping[str, str],
    directory: Path,
) -> AnySettings:
    """Resolve the settings of the platform that is selected; the other one's module is not imported.

    Args:
        subscription_id, resource_group, workspace, endpoint, cloud: as for `MaasClient`.
        surface, foundry_endpoint, api_key: as for `MaasClient`.
        environ: the environment.
        directory: where config.json is looked for, and in the folders above it.

    Raises:
        SettingsError: a setting is missing or invalid, or both platforms are selected.
    """
    chosen = choose_surface(
        surface,
        workspace=workspace,
        foundry_endpoint=foundry_endpoint,
        environ=environ,
        directory=directory,
    )
    if chosen == "azureml":
        return resolve_workspace(
            subscription_id=subscription_id,
            resource_group=resource_group,
            workspace=workspace,
            endpoint=endpoint,
            cloud=cloud,
            environ=environ,
            directory=directory,
        )
    from .foundry.settings import resolve_foundry

    return resolve_foundry(
        foundry_endpoint=foundry_endpoint,
        api_key=api_key,
        subscription_id=subscription_id,
        resource_group=resource_group,
        endpoint=endpoint,
        cloud=cloud,
        environ=environ,
    )
