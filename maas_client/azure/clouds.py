"""Azure's clouds: the hosts of Resource Manager, sign-in, the ML data plane and storage in each.

The hosts are those of azure-ai-ml 1.35.2, `_azure_environments.py`. The scoring domains of the sovereign clouds follow
the pattern of the public one; they are not documented.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..core.errors import SettingsError
from ..core.origins import is_loopback
from ..http.trusted_hosts import Audience, Trust


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure cloud: its base URLs, and the domains whose hosts may receive each secret."""

    name: str
    resource_manager: str
    sign_in: str
    ml_resource: str
    registry_discovery: str
    ml_domains: tuple[str, ...]
    blob_domains: tuple[str, ...]
    scoring_domains: tuple[str, ...]


# Assumption: Run history, metrics and the registry answer on hosts below `api.azureml.ms` or `experiments.azureml.net`.
# Shown wrong by: Another host in `api` of the discovery document, or in `primaryRegionResourceProviderUri` of the
#   registry's.
# Verified by: newest job, registry model
# If wrong: UntrustedHost: details, metrics and logs of jobs cannot be read, and models come from the catalogue alone.
PUBLIC = Cloud(
    name="AzureCloud",
    resource_manager="https://management.azure.com",
    sign_in="https://login.microsoftonline.com",
    ml_resource="https://ml.azure.com",
    registry_discovery="https://eastus.api.azureml.ms",
    ml_domains=("api.azureml.ms", "experiments.azureml.net"),
    blob_domains=("blob.core.windows.net", "blob.storage.azure.net"),
    scoring_domains=("models.ai.azure.com", "inference.ai.azure.com", "inference.ml.azure.com"),
)
# Assumption: The scoring addresses of the clouds of China and of the US government follow those of the public cloud, as
#   in `models.ai.azure.cn`.
# Shown wrong by: An `inferenceEndpoint.uri` or `scoringUri` with another domain in one of these clouds.
# Verified by: deploy, deploy on own compute
# If wrong: UntrustedHost before a key is sent: no chat works there.
CHINA = Cloud(
    name="AzureChinaCloud",
    resource_manager="https://management.chinacloudapi.cn",
    sign_in="https://login.chinacloudapi.cn",
    ml_resource="https://ml.azure.cn",
    registry_discovery="https://chinaeast2.api.ml.azure.cn",
    ml_domains=("api.ml.azure.cn",),
    blob_domains=("blob.core.chinacloudapi.cn",),
    scoring_domains=("models.ai.azure.cn", "inference.ai.azure.cn", "inference.ml.azure.cn"),
)
US_GOVERNMENT = Cloud(
    name="AzureUSGovernment",
    resource_manager="https://management.usgovcloudapi.net",
    sign_in="https://login.microsoftonline.us",
    ml_resource="https://ml.azure.us",
    registry_discovery="https://usgovarizona.api.ml.azure.us",
    ml_domains=("api.ml.azure.us",),
    blob_domains=("blob.core.usgovcloudapi.net",),
    scoring_domains=("models.ai.azure.us", "inference.ai.azure.us", "inference.ml.azure.us"),
)
CLOUDS = (PUBLIC, CHINA, US_GOVERNMENT)


def cloud_named(name: str) -> Cloud:
    """Return the cloud with this case-insensitive name; raise SettingsError for an unknown one."""
    for cloud in CLOUDS:
        if cloud.name.lower() == name.lower():
            return cloud
    known = ", ".join(cloud.name for cloud in CLOUDS)
    raise SettingsError(f"unknown cloud {name!r}; known clouds are {known} (`cloud=` or AZUREML_CURRENT_CLOUD)")


def trust_for(cloud: Cloud, endpoint: str) -> Trust:
    """Return which hosts may receive which secret if Resource Manager's base URL is `endpoint`."""
    parts = urlsplit(endpoint)
    if is_loopback(parts.hostname or ""):
        return Trust(hosts={}, suffixes={}, loopback=endpoint)
    return Trust(
        hosts={Audience.ARM: frozenset({parts.netloc.lower()})},
        suffixes={
            Audience.ML: cloud.ml_domains,
            Audience.BLOB: cloud.blob_domains,
            Audience.SCORING: cloud.scoring_domains,
        },
    )
