"""What a client offers on Azure Machine Learning: the backends of its resources, over one workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from ..azure.arm import Arm
from ..azure.credentials import Tokens
from ..azure.settings import Settings
from ..core.api_versions import MACHINE_LEARNING_PROVIDER
from ..core.cached_properties import without_cached
from ..core.surfaces import not_offered
from ..http.channel import Channel

if TYPE_CHECKING:
    from ..azure.workspace import AsyncWorkspace
    from ..computes.resource import AsyncComputes
    from ..core.api_versions import UnlistedVersion
    from ..datasets.resource import AsyncDatasets
    from ..endpoints.workspace_backend import WorkspaceEndpoints
    from ..jobs.azure_ml_backend import AzureMLJobs
    from ..registered_models.resource import AsyncModels
    from ..running_costs.azure_ml_source import AzureMLCosts


class AzureMLSurface:
    """Implements Surface. Each part is imported and created on first use."""

    def __init__(self, channel: Channel, settings: Settings, tokens: Tokens) -> None:
        self._arm = Arm(channel, settings, tokens)

    def with_channel(self, change: Callable[[Channel], Channel]) -> AzureMLSurface:
        """Return the same surface over another channel, made of its own."""
        view = without_cached(self)
        view._arm = replace(self._arm, channel=change(self._arm.channel))
        return view

    @cached_property
    def workspace(self) -> AsyncWorkspace:
        """The workspace."""
        from ..azure.workspace import AsyncWorkspace

        return AsyncWorkspace(self._arm)

    @cached_property
    def datasets(self) -> AsyncDatasets:
        """Training and validation files, as data assets."""
        from ..datasets.azure_ml_backend import AzureMLDatasets
        from ..datasets.resource import AsyncDatasets

        return AsyncDatasets(AzureMLDatasets(self._arm, self.workspace))

    @cached_property
    def jobs(self) -> AzureMLJobs:
        """The operations on jobs."""
        from ..jobs.azure_ml_backend import AzureMLJobs

        return AzureMLJobs(self._arm, lambda: self.workspace, lambda: self.datasets)

    @cached_property
    def endpoints(self) -> WorkspaceEndpoints:
        """The operations on endpoints."""
        from ..endpoints.workspace_backend import WorkspaceEndpoints

        return WorkspaceEndpoints(self._arm, self.workspace)

    @cached_property
    def models(self) -> AsyncModels:
        """Models registered in the workspace."""
        from ..registered_models.resource import AsyncModels

        return AsyncModels(self._arm)

    @cached_property
    def costs(self) -> AzureMLCosts:
        """What costs money by the hour."""
        from ..running_costs.azure_ml_source import AzureMLCosts

        return AzureMLCosts(self._arm, self.endpoints, self.computes)

    @cached_property
    def computes(self) -> AsyncComputes:
        """The user's own compute."""
        from ..computes.resource import AsyncComputes

        return AsyncComputes(self._arm, self.workspace)

    async def unlisted_api_versions(self) -> tuple[UnlistedVersion, ...]:
        """Return which of our api-versions Azure no longer lists."""
        from ..azure.provider_versions import unlisted_by

        return await unlisted_by(self._arm, self._arm.settings.subscription_id, MACHINE_LEARNING_PROVIDER)

    @property
    def webhooks(self) -> NoReturn:
        """Raise NotOffered: jobs are polled."""
        instead = "`maas jobs watch JOB --notify URL` posts to a URL while it runs."
        raise not_offered("client.webhooks", "azureml", offered_by="foundry", instead=instead)
