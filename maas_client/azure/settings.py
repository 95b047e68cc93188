"""Settings of the workspace and endpoint: arguments, then environment, then config.json as MLClient finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from ..core.api_versions import MACHINE_LEARNING
from ..core.errors import InvalidInput, SettingsError
from ..core.json_fields import text
from ..core.origins import is_loopback
from ..core.redaction import redact
from ..core.text_files import decode
from ..core.url_paths import segment
from ..http.trusted_hosts import Trust
from .clouds import PUBLIC, Cloud, cloud_named, trust_for

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "subscription_id": ("AZURE_SUBSCRIPTION_ID", "AZUREML_ARM_SUBSCRIPTION"),
    "resource_group": ("AZURE_RESOURCE_GROUP", "AZUREML_ARM_RESOURCEGROUP"),
    "workspace": ("AZUREML_WORKSPACE_NAME", "AZUREML_ARM_WORKSPACE_NAME"),
}
"""The environment variables of each setting, by precedence."""

_CONFIG_KEYS = {"subscription_id": "subscription_id", "resource_group": "resource_group", "workspace": "workspace_name"}
_FOLDERS = (".azureml", "aml_config", "")
_FILES = ("config.json", "project.json")
_LEVELS = 20


class ServiceSettings(Protocol):
    """What the settings of every platform have: where Resource Manager is, and who may receive secrets."""

    @property
    def endpoint(self) -> str:
        """Resource Manager's base URL, without a trailing slash."""
        ...

    @property
    def cloud(self) -> Cloud:
        """The cloud."""
        ...

    @property
    def is_mock(self) -> bool:
        """Whether the client waits on the clock of a mock server."""
        ...

    @property
    def is_loopback(self) -> bool:
        """Whether the service is on this machine, where no credential is needed."""
        ...

    @property
    def place(self) -> str:
        """What the settings select, for messages."""
        ...

    @property
    def resource_path(self) -> str:
        """The Resource Manager id that paths are relative to."""
        ...

    @property
    def resource_api_version(self) -> str:
        """The api-version of resources below that path."""
        ...

    @property
    def trust(self) -> Trust:
        """The hosts that may receive secrets."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a client of Azure Machine Learning.

    `endpoint` is Resource Manager's base URL, without a trailing slash.

    `is_mock` says that it is a mock server (MAAS_MOCK): the client waits on the server's clock, and its credential is
    not used.
    """

    subscription_id: str
    resource_group: str
    workspace: str
    endpoint: str = PUBLIC.resource_manager
    cloud: Cloud = PUBLIC
    is_mock: bool = False

    @property
    def workspace_path(self) -> str:
        """The workspace's Resource Manager id."""
        subscription, group, workspace = (
            segment(name) for name in (self.subscription_id, self.resource_group, self.workspace)
        )
        provider = "Microsoft.MachineLearningServices"
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}/workspaces/{workspace}"

    @property
    def place(self) -> str:
        """The workspace, for messages."""
        return f"workspace {self.workspace!r} in resource group {self.resource_group!r}"

    @property
    def described(self) -> str:
        """The settings, as a client shows itself."""
        return (
            f"workspace={self.workspace!r} resource_group={self.resource_group!r} "
            f"subscription_id={self.subscription_id!r} at {self.endpoint}"
        )

    @property
    def resource_path(self) -> str:
        """The Resource Manager id that paths are relative to: the workspace's."""
        return self.workspace_path

    @property
    def resource_api_version(self) -> str:
        """The api-version of the workspace's resources."""
        return MACHINE_LEARNING.value

    @property
    def is_loopback(self) -> bool:
        """Whether the endpoint is on this machine and therefore needs no Azure credential."""
        return is_loopback(urlsplit(self.endpoint).hostname or "")

    @property
    def registry_discovery(self) -> str:
        """The base URL of registries."""
        return self.endpoint if self.is_loopback else self.cloud.registry_discovery

    @property
    def trust(self) -> Trust:
        """The hosts that may receive secrets."""
        return trust_for(self.cloud, self.endpoint)


def resolve(
    *,
    subscription_id: str | None = None,
    resource_group: str | None = None,
    workspace: str | None = None,
    endpoint: str | None = None,
    cloud: str | None = None,
    environ: Mapping[str, str],
    directory: Path,
) -> Settings:
    """Resolve every setting; raise SettingsError that names the missing ones and the places that were searched.

    Each setting is taken from the argument, else from the environment, else from the first of `.azureml`,
    `aml_config` and plain `config.json` or `project.json` in `directory` or a folder above it
    (azure-ai-ml 1.35.2 `MLClient.from_config`).
    """
    given = {"subscription_id": subscription_id, "resource_group": resource_group, "workspace": workspace}
    found = {name: value or _from_environment(name, environ) for name, value in given.items()}
    config: Path | None = None
    if not all(found.values()):
        config = find_config(directory)
        if config is not None:
            values = read_config(config)
            found = {name: value or values.get(name, "") for name, value in found.items()}
    if missing := [name for name, value in found.items() if not value]:
        raise SettingsError(_missing(missing, config, directory), missing=missing)
    _check_names(found)
    chosen = cloud_named(cloud or environ.get("AZUREML_CURRENT_CLOUD") or environ.get("AZURE_CLOUD") or PUBLIC.name)
    base = base_url(endpoint or environ.get("MAAS_ENDPOINT") or chosen.resource_manager)
    return Settings(
        subscription_id=found["subscription_id"],
        resource_group=found["resource_group"],
        workspace=found["workspace"],
        endpoint=base,
        cloud=chosen,
        is_mock=is_mock_server(environ.get("MAAS_MOCK", ""), base),
    )


def _check_names(found: Mapping[str, str]) -> None:
    for setting, name in found.items():
        try:
            segment(name)
        except InvalidInput as error:
            looked = f"`{setting}=`, {' or '.join(VARIABLES[setting])}, or config.json"
            raise SettingsError(f"{setting}: {error} ({looked})") from None


def is_mock_server(value: str, endpoint: str) -> bool:
    """Return whether MAAS_MOCK is set; raise SettingsError if the endpoint cannot be a mock server for tests."""
    if value.strip().lower() in {"", "0", "false"}:
        return False
    if not endpoint.startswith("http://"):  # which `base_url` allows on this machine only
        raise SettingsError(
            f"MAAS_MOCK={value} is for tests with a mock server, and the endpoint is {endpoint}: set MAAS_ENDPOINT to "
            "the mock server's URL, such as http://127.0.0.1:8765, or unset MAAS_MOCK"
        )
    return True


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    return next((value for variable in VARIABLES[name] if (value := environ.get(variable, "").strip())), "")


def split_endpoint(url: str) -> SplitResult:
    """Return the parts of a URL; raise SettingsError for a text that is none."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # raises ValueError for what is no port
    except ValueError:
        raise SettingsError(f"the endpoint {redact(url)!r} is not a URL: check its host and port") from None
    return parts


def base_url(url: str) -> str:
    """Check the base URL: https, or http on loopback."""
    parts, shown = split_endpoint(url), redact(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"the endpoint {shown!r} is not an http(s) URL (`endpoint=` or MAAS_ENDPOINT)")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(
            f"the endpoint {shown!r} is http and not on this machine; credentials travel over https only"
        )
    if parts.path.strip("/") or parts.query or parts.username:
        raise SettingsError(f"the endpoint {shown!r} must be scheme, host and port only, such as http://127.0.0.1:8765")
    return f"{parts.scheme}://{parts.netloc}"


def find_config(directory: Path) -> Path | None:
    """Return the configuration file that MLClient would read from `directory`, or None."""
    folders = [directory, *directory.parents][: _LEVELS + 1]
    for folder, name in product(_FOLDERS, _FILES):
        for above in folders:
            candidate = above / folder / name
            if candidate.is_file():
                return candidate
    return None


def read_config(path: Path) -> Mapping[str, str]:
    """Read a workspace's config.json, in UTF-8 or UTF-16: three names, or one `Scope` that holds them."""
    try:
        document: object = json.loads(decode(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path} cannot be read as JSON: {error}") from None
    if scope := text(document, "Scope"):
        pieces = [*scope.split("/"), *[""] * 9]
        return {"subscription_id": pieces[2], "resource_group": pieces[4], "workspace": pieces[8]}
    return {name: text(document, key) for name, key in _CONFIG_KEYS.items()}


def _missing(names: list[str], config: Path | None, directory: Path) -> str:
    *others, last = names
    wanted = f"{', '.join(others)} and {last}" if others else last
    are = "are neither arguments" if others else "is neither an argument"
    variables = ", ".join(VARIABLES[name][0] for name in names)
    file = str(config) if config else f"a config.json in {directory} or above it"
    return (
        f"no workspace is selected: {wanted} {are}, nor in the environment ({variables}), nor in {file} "
        "(`maas init` writes it)"
    )
