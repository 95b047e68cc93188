"""Which api-versions a resource provider no longer lists, of those that this library's requests name."""

from __future__ import annotations

from ..core.api_versions import API_VERSIONS, PROVIDERS, UnlistedVersion, unlisted_versions
from ..core.json_fields import Document
from ..core.url_paths import segment
from .arm import ResourceManager


async def provider_document(arm: ResourceManager, subscription: str, provider: str) -> Document:
    """Return a provider's document: its registration in the subscription, and its resource types.

    learn.microsoft.com/rest/api/resources/providers/get.
    """
    path = f"/subscriptions/{segment(subscription)}/providers/{provider}"
    return await arm.get(path, {"api-version": PROVIDERS.value})


async def unlisted_by(arm: ResourceManager, subscription: str, provider: str) -> tuple[UnlistedVersion, ...]:
    """Return which of our api-versions a provider no longer lists, by resource type."""
    document = await provider_document(arm, subscription, provider)
    return unlisted_versions(document, (version for version in API_VERSIONS if version.provider == provider))
