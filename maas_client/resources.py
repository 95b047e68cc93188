"""Every asynchronous resource of a client, over one wire and one platform."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Unpack
from warnings import warn

from .azure.credentials import TokenCredential, Tokens, default_credential
from .azure.settings import Settings
from .core.cached_properties import without_cached
from .core.errors import NotOffered
from .http.channel import NO_OPTIONS, Channel
from .http.client_options import ClientOptions
from .wire import Wire

if TYPE_CHECKING:
    from .azure.workspace import AsyncWorkspace
    from .computes.resource import AsyncComputes
    from .core.api_versions import UnlistedVersion
    from .datasets.resource import AsyncDatasets
    from .endpoints.backend import EndpointBackend
    from .endpoints.resource import AsyncEndpoints
    from .foundry.settings import FoundrySettings
    from .inference.chat import AsyncChat
    from .inference.evaluation_run import AsyncEvals
    from .jobs.backend import JobBackend
    from .jobs.resource import AsyncJobs
    from .planning.asked import PlanOptions
    from .planning.plan import Plan
    from .registered_models.resource import AsyncModels
    from .running_costs.resource import AsyncCosts
    from .running_costs.source import CostSource
    from .sweeps.resource import AsyncSweeps
    from .webhook_endpoints.resource import AsyncWebhooks
    from .workflow.resource import AsyncWorkflow


class Surface(Protocol):
    """What a client is built on: one platform's backends. A part that it lacks raises NotOffered."""

    def with_channel(self, change: Callable[[Channel], Channel], /) -> Surface:
        """Return the same surface over another channel, made of its own."""
        ...

    async def unlisted_api_versions(self) -> tuple[UnlistedVersion, ...]:
        """Return which of our api-versions Azure no longer lists."""
        ...

    @property
    def workspace(self) -> AsyncWorkspace:
        """The workspace."""
        ...

    @property
    def datasets(self) -> AsyncDatasets:
        """Training and validation files."""
        ...

    @property
    def jobs(self) -> JobBackend:
        """The operations on jobs."""
        ...

    @property
    def endpoints(self) -> EndpointBackend:
        """The operations on endpoints."""
        ...

    @property
    def models(self) -> AsyncModels:
        """Registered models."""
        ...

    @property
    def computes(self) -> AsyncComputes:
        """The user's own compute."""
        ...

    @property
    def webhooks(self) -> AsyncWebhooks:
        """Webhook endpoints."""
        ...

    @property
    def costs(self) -> CostSource:
        """What costs money by the hour."""
        ...


def surface_of(settings: Settings | FoundrySettings, channel: Channel, tokens: Tokens) -> Surface:
    """Return the surface that the settings select. The other one is not imported."""
    if isinstance(settings, Settings):
        from .azureml.surface import AzureMLSurface

        return AzureMLSurface(channel, settings, tokens)  # pyright: ignore[reportReturnType] -- it takes no cached_property for a property; mypy does, and checks this
    from .foundry.surface import FoundrySurface

    return FoundrySurface(channel, settings, tokens)  # pyright: ignore[reportReturnType] -- as above


class Resources:
    """Every asynchronous resource of one client, over one wire.

    Each is imported and created on first use: listing jobs does not import endpoints or datasets.
    """

    def __init__(
        self,
        wire: Wire,
        settings: Settings | FoundrySettings,
        credential: TokenCredential | None,
        options: ClientOptions = NO_OPTIONS,
    ) -> None:
        tokens = Tokens(wire, lambda: credential or default_credential(settings), cloud=settings.cloud.name)
        self._surface = surface_of(settings, Channel(wire, settings.trust, options), tokens)

    async def unlisted_api_versions(self) -> tuple[UnlistedVersion, ...]:
        """Return which api-versions that this library sends Azure no longer lists, by resource type.

        Empty if all is well. On Foundry it raises SettingsError without the account's subscription.
        """
        return await self._surface.unlisted_api_versions()

    async def plan(self, **options: Unpack[PlanOptions]) -> Plan:
        """Find the ways to fine-tune a model, and rank them, by what the workspace's region offers and asks for it.

        On Foundry, whose machines are the service's own, no request is sent.

        Args:
            options: those of `maas_client.plan`. Prices in a file take precedence over the region's.

        Returns:
            The ways in order, as `maas_client.plan` does.

        Raises:
            UnknownModel: no catalogue has the model.
            InvalidInput: an argument is out of range or unknown, or the prices are wrong.
            NotFound: there is no such workspace.
            OSError: a file cannot be read.
        """
        from .planning.asked import Asked
        from .planning.planner import make_plan
        from .planning.region import Region

        try:
            computes = self.computes
        except NotOffered:  # Foundry's machines are the service's own
            region = None
        else:
            region = Region(await computes.sizes())
        return make_plan(Asked(**options), today=datetime.now(UTC).date(), region=region)

    @property
    def workspace(self) -> AsyncWorkspace:
        """The workspace that the client works in."""
        return self._surface.workspace

    @property
    def datasets(self) -> AsyncDatasets:
        """Training and validation files."""
        return self._surface.datasets

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Fine-tuning jobs."""
        from .jobs.resource import AsyncJobs

        return AsyncJobs(self._surface.jobs)

    @cached_property
    def sweeps(self) -> AsyncSweeps:
        """Sweeps over hyperparameters."""
        from .sweeps.resource import AsyncSweeps

        return AsyncSweeps(self._surface.jobs)

    @cached_property
    def workflow(self) -> AsyncWorkflow:
        """Whole jobs, from a file to an answer."""
        from .workflow.resource import AsyncWorkflow
        from .workflow.runner import Services

        return AsyncWorkflow(
            Services(
                self._surface.jobs,
                self._surface.endpoints,
                lambda: self.datasets,
                lambda: self.jobs,
                lambda: self.endpoints,
                lambda: self.chat,
            )
        )

    @property
    def pipeline(self) -> AsyncWorkflow:
        """The former name of `workflow`."""
        warn("client.pipeline is now client.workflow", DeprecationWarning, stacklevel=2)
        return self.workflow

    @cached_property
    def endpoints(self) -> AsyncEndpoints:
        """Endpoints: serverless ones, or the deployments of a Foundry account."""
        from .endpoints.resource import AsyncEndpoints

        return AsyncEndpoints(self._surface.endpoints)

    @property
    def models(self) -> AsyncModels:
        """Models registered in the workspace."""
        return self._surface.models

    @property
    def computes(self) -> AsyncComputes:
        """The user's own compute: sizes, quota and clusters."""
        return self._surface.computes

    @property
    def webhooks(self) -> AsyncWebhooks:
        """URLs that the service calls when a job ends."""
        return self._surface.webhooks

    @cached_property
    def costs(self) -> AsyncCosts:
        """What runs now and costs money by the hour."""
        from .running_costs.resource import AsyncCosts

        return AsyncCosts(self._surface.costs)

    @cached_property
    def chat(self) -> AsyncChat:
        """Conversation with endpoints."""
        from .inference.chat import AsyncChat

        return AsyncChat(self._surface.endpoints)

    @cached_property
    def evals(self) -> AsyncEvals:
        """Evaluation of endpoints by a validation set."""
        from .inference.evaluation_run import AsyncEvals

        return AsyncEvals(self._surface.endpoints)


def view_of(resources: Resources, change: Callable[[Channel], Channel]) -> Resources:
    """Return the same resources over another channel, made of their own."""
    view = without_cached(resources)
    view._surface = view._surface.with_channel(change)  # pyright: ignore[reportPrivateUsage] -- a view is made of its own parts
    return view
