"""What a client offers on Azure AI Foundry: the backends of its resources, over one account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from ..azure.credentials import Tokens
from ..core.api_versions import COGNITIVE_SERVICES_PROVIDER
from ..core.cached_properties import without_cached
from ..core.surfaces import not_offered
from ..http.channel import Channel
from .connection import FoundryConnection
from .settings import FoundrySettings

if TYPE_CHECKING:
    from ..core.api_versions import UnlistedVersion
    from ..datasets.resource import AsyncDatasets
    from ..webhook_endpoints.resource import AsyncWebhooks
    from .deployments_backend import FoundryDeployments
    from .jobs_backend import FoundryJobs
    from .running_costs import FoundryCosts


class FoundrySurface:
    """Implements Surface. Each part is imported and created on first use."""

    def __init__(self, channel: Channel, settings: FoundrySettings, tokens: Tokens) -> None:
        self._connection = FoundryConnection(channel, settings, tokens)

    def with_channel(self, change: Callable[[Channel], Channel]) -> FoundrySurface:
        """Return the same surface over another channel, made of its own."""
        view = without_cached(self)
        view._connection = replace(self._connection, channel=change(self._connection.channel))
        return view

    @property
    def workspace(self) -> NoReturn:
        """Raise NotOffered: an account has no workspace."""
        raise not_offered("client.workspace", "foundry", offered_by="azureml")

    async def unlisted_api_versions(self) -> tuple[UnlistedVersion, ...]:
        """Return which of our api-versions Azure no longer lists; raises SettingsError without a subscription."""
        from ..azure.provider_versions import unlisted_by

        self._connection.settings.resource_path  # noqa: B018 -- raises SettingsError before anything is sent
        subscription = self._connection.settings.subscription_id
        return await unlisted_by(self._connection.arm, subscription, COGNITIVE_SERVICES_PROVIDER)

    @cached_property
    def datasets(self) -> AsyncDatasets:
        """Training and validation files of the account."""
        from ..datasets.resource import AsyncDatasets
        from .files_backend import FoundryFiles

        return AsyncDatasets(FoundryFiles(self._connection))

    @cached_property
    def jobs(self) -> FoundryJobs:
        """The operations on jobs."""
        from .jobs_backend import FoundryJobs

        return FoundryJobs(self._connection, lambda: self.datasets)

    @cached_property
    def endpoints(self) -> FoundryDeployments:
        """The operations on deployments."""
        from .deployments_backend import FoundryDeployments

        return FoundryDeployments(self._connection)

    @property
    def models(self) -> NoReturn:
        """Raise NotOffered: tuned models are named by their jobs."""
        instead = "The output_model of a job is its tuned model."
        raise not_offered("client.models", "foundry", offered_by="azureml", instead=instead)

    @property
    def computes(self) -> NoReturn:
        """Raise NotOffered: an account trains and serves on its own machines."""
        raise not_offered("client.computes", "foundry", offered_by="azureml")

    @cached_property
    def costs(self) -> FoundryCosts:
        """What costs money by the hour."""
        from .running_costs import FoundryCosts

        return FoundryCosts(self.endpoints)

    @cached_property
    def webhooks(self) -> AsyncWebhooks:
        """Webhook endpoints of the account."""
        from ..webhook_endpoints.resource import AsyncWebhooks
        from .webhook_endpoints import FoundryWebhooks

        return AsyncWebhooks(FoundryWebhooks(self._connection))
