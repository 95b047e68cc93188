"""The api-versions that requests name: one table, with the day on which each was last looked at.

Resource Manager lists the versions of each resource type (`resourceTypes[].apiVersions` of a provider,
learn.microsoft.com/rest/api/resources/providers/get). The services' own APIs list none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .json_fields import items, text
from .plain_values import PlainValue

MACHINE_LEARNING_PROVIDER = "Microsoft.MachineLearningServices"
COGNITIVE_SERVICES_PROVIDER = "Microsoft.CognitiveServices"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiVersion(PlainValue):
    """A version that requests name.

    `resource_types` are those of the provider that the requests are for; empty for an API that lists no versions.
    `looked_at` is the day on which it was last compared with `source`, None where none was recorded; `reason` says why
    it is this one.
    """

    name: str
    value: str
    looked_at: date | None
    source: str
    reason: str
    provider: str = ""
    resource_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlistedVersion(PlainValue):
    """An api-version that Azure no longer lists for a resource type, and the one of its list that comes nearest.

    `nearest` is the newest one of the same kind, preview or not; without one of that kind the newest of all.
    """

    resource_type: str
    value: str
    nearest: str


# Assumption: Azure still accepts the api-version 2024-10-01-preview for every resource of a workspace.
# Shown wrong by: 400 with a code about the api-version or the resource type from any request of the step, or a provider
#   that no longer lists the version.
# Verified by: workspace, api versions
# If wrong: Every request to the workspace fails with the service's text; `maas doctor` names the version that comes
#   nearest.
MACHINE_LEARNING = ApiVersion(
    name="machine learning",
    value="2024-10-01-preview",
    looked_at=date(2026, 11, 29),
    source="Azure/azure-rest-api-specs, machinelearningservices; azure-ai-ml 1.35.2 sends it for fine-tuning jobs",
    reason="fine-tuning jobs exist in preview versions only, and this one has every path that is used",
    provider=MACHINE_LEARNING_PROVIDER,
    resource_types=(
        "workspaces",
        "workspaces/computes",
        "workspaces/data",
        "workspaces/datastores",
        "workspaces/jobs",
        "workspaces/models",
        "workspaces/onlineEndpoints",
        "workspaces/onlineEndpoints/deployments",
        "workspaces/serverlessEndpoints",
    ),
)
COGNITIVE_SERVICES = ApiVersion(
    name="cognitive services",
    value="2025-09-01",
    looked_at=date(2026, 11, 29),
    source="azure-mgmt-cognitiveservices 14.1.0",
    reason="accounts and their deployments",
    provider=COGNITIVE_SERVICES_PROVIDER,
    resource_types=("accounts", "accounts/deployments"),
)
FOUNDRY_DATED = ApiVersion(
    name="foundry, dated",
    value="2025-04-01-preview",
    looked_at=date(2026, 11, 29),
    source="openai's AzureOpenAI with an api_version; Azure/azure-rest-api-specs",
    reason="2024-10-21, the stable one, lacks Uploads, pause and preference methods",
)
FOUNDRY_PROJECT = ApiVersion(
    name="foundry, project",
    value="2025-11-15-preview",
    looked_at=date(2026, 11, 28),
    source="azd's extension azure.ai.finetune 0.0.18",
    reason="importing files from a URL below a project",
)
REGISTRY = ApiVersion(
    name="registry",
    value="2021-10-01-dataplanepreview",
    looked_at=date(2026, 11, 29),
    source="azure-ai-ml 1.35.2",
    reason="models and components of the registry azureml",
)
# Assumption: Resource Manager accepts the api-versions 2022-04-01 for permissions, 2021-04-01 for providers and
#   2022-12-01 for subscriptions, whose documents were not looked up.
# Shown wrong by: 400 `InvalidApiVersionParameter`, or an answer in another shape.
# Verified by: permissions, api versions, subscriptions
# If wrong: `maas doctor` and `maas init` report the error; jobs and endpoints do not need these requests.
PERMISSIONS = ApiVersion(
    name="permissions",
    value="2022-04-01",
    looked_at=None,
    source="learn.microsoft.com/rest/api/authorization/permissions/list-for-resource",
    reason="what the caller may do in the workspace",
)
PROVIDERS = ApiVersion(
    name="providers",
    value="2021-04-01",
    looked_at=None,
    source="learn.microsoft.com/rest/api/resources/providers/get",
    reason="registration of a provider, and the versions that it lists",
)
SUBSCRIPTIONS = ApiVersion(
    name="subscriptions",
    value="2022-12-01",
    looked_at=None,
    source="learn.microsoft.com/rest/api/resources/subscriptions/list",
    reason="the subscriptions that `maas init` offers",
)
METADATA = ApiVersion(
    name="metadata",
    value="2019-05-01",
    looked_at=date(2026, 11, 29),
    source="azure-ai-ml 1.35.2, `_azure_environments.py`",
    reason="the first request of a client, which takes no token",
)
# Assumption: Azure Monitor accepts the api-version 2018-01-01 for the metrics of an online endpoint.
# Shown wrong by: 400 from the request for metrics.
# Verified by: running costs
# If wrong: It is not known how often an online deployment was called, so that none counts as idle by its requests.
MONITOR = ApiVersion(
    name="monitor",
    value="2018-01-01",
    looked_at=None,
    source="learn.microsoft.com/rest/api/monitor/metrics/list",
    reason="how many requests an online deployment had",
)
# Assumption: Blob Storage accepts 2023-11-03 as `x-ms-version` for every request that this library sends.
# Shown wrong by: 400 `InvalidHeaderValue`, or an answer with another `x-ms-version`.
# Verified by: upload data, read data, job outputs
# If wrong: Uploads and downloads fail.
BLOBS = ApiVersion(
    name="blobs",
    value="2023-11-03",
    looked_at=None,
    source="learn.microsoft.com/rest/api/storageservices/version-2023-11-03",
    reason="the `x-ms-version` of every blob request",
)

API_VERSIONS = (
    MACHINE_LEARNING,
    COGNITIVE_SERVICES,
    FOUNDRY_DATED,
    FOUNDRY_PROJECT,
    REGISTRY,
    PERMISSIONS,
    PROVIDERS,
    SUBSCRIPTIONS,
    METADATA,
    MONITOR,
    BLOBS,
)
"""Every api-version that a request names."""


def unlisted_versions(provider: Mapping[str, Any], versions: Iterable[ApiVersion]) -> tuple[UnlistedVersion, ...]:
    """Return which of the versions a provider's document no longer lists, by resource type.

    A resource type that is not in the document, or lists no versions, says nothing.
    """
    listed = {
        text(one, "resourceType").lower(): [each for each in items(one, "apiVersions") if isinstance(each, str)]
        for one in items(provider, "resourceTypes")
    }
    return tuple(
        UnlistedVersion(resource_type=kind, value=version.value, nearest=_nearest(version.value, known))
        for version in versions
        for kind in version.resource_types
        if (known := listed.get(kind.lower())) and version.value not in known
    )


def _nearest(value: str, listed: Sequence[str]) -> str:
    alike = [each for each in listed if each.endswith("preview") == value.endswith("preview")]
    return max(alike or listed)
