"""Every asynchronous resource of a client, over one wire."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from warnings import warn

from .azure.arm import Arm
from .azure.credentials import TokenCredential, Tokens, default_credential
from .azure.settings import Settings
from .http.channel import NO_OPTIONS, Channel
from .http.client_options import ClientOptions
from .wire import Wire

if TYPE_CHECKING:
    from .azure.workspace import AsyncWorkspace
    from .datasets.resource import AsyncDatasets
    from .endpoints.azure_ml_backend import AzureMLEndpoints
    from .endpoints.resource import AsyncEndpoints
    from .inference.chat import AsyncChat
    from .inference.evaluation_run import AsyncEvals
    from .jobs.azure_ml_backend import AzureMLJobs
    from .jobs.resource import AsyncJobs
    from .registered_models.resource import AsyncModels
    from .sweeps.resource import AsyncSweeps
    from .workflow.resource import AsyncWorkflow

T = TypeVar("T")


class Resources:
    """Every asynchronous resource of one client, over one wire.

    Each is imported and created on first use: listing jobs does not import endpoints or datasets.
    """

    def __init__(
        self,
        wire: Wire,
        settings: Settings,
        credential: TokenCredential | None,
        options: ClientOptions = NO_OPTIONS,
    ) -> None:
        tokens = Tokens(wire, lambda: credential or default_credential(settings), cloud=settings.cloud.name)
        self._arm = Arm(Channel(wire, settings.trust, options), settings, tokens)

    @cached_property
    def workspace(self) -> AsyncWorkspace:
        """The workspace that the client works in."""
        from .azure.workspace import AsyncWorkspace

        return AsyncWorkspace(self._arm)

    @cached_property
    def datasets(self) -> AsyncDatasets:
        """Training and validation files."""
        from .datasets.azure_ml_backend import AzureMLDatasets
        from .datasets.resource import AsyncDatasets

        return AsyncDatasets(AzureMLDatasets(self._arm, self.workspace))

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Fine-tuning jobs."""
        from .jobs.resource import AsyncJobs

        return AsyncJobs(self._job_backend)

    @cached_property
    def _job_backend(self) -> AzureMLJobs:
        from .jobs.azure_ml_backend import AzureMLJobs

        return AzureMLJobs(self._arm, lambda: self.workspace, lambda: self.datasets)

    @cached_property
    def sweeps(self) -> AsyncSweeps:
        """Sweeps over hyperparameters."""
        from .sweeps.resource import AsyncSweeps

        return AsyncSweeps(self._job_backend)

    @cached_property
    def workflow(self) -> AsyncWorkflow:
        """Whole jobs, from a file to an answer."""
        from .workflow.resource import AsyncWorkflow
        from .workflow.runner import Services

        return AsyncWorkflow(
            Services(
                self._job_backend,
                self._endpoint_backend,
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
        """Serverless endpoints."""
        from .endpoints.resource import AsyncEndpoints

        return AsyncEndpoints(self._endpoint_backend)

    @cached_property
    def _endpoint_backend(self) -> AzureMLEndpoints:
        from .endpoints.azure_ml_backend import AzureMLEndpoints

        return AzureMLEndpoints(self._arm, self.workspace)

    @cached_property
    def models(self) -> AsyncModels:
        """Models registered in the workspace."""
        from .registered_models.resource import AsyncModels

        return AsyncModels(self._arm)

    @cached_property
    def chat(self) -> AsyncChat:
        """Conversation with serverless endpoints."""
        from .inference.chat import AsyncChat

        return AsyncChat(self._endpoint_backend)

    @cached_property
    def evals(self) -> AsyncEvals:
        """Evaluation of endpoints by a validation set."""
        from .inference.evaluation_run import AsyncEvals

        return AsyncEvals(self._endpoint_backend)


def view_of(resources: Resources, options: ClientOptions) -> Resources:
    """Return the same resources with other options."""
    view = without_cached(resources)
    view._arm = replace(view._arm, channel=view._arm.channel.with_options(options))  # pyright: ignore[reportPrivateUsage] -- a view is made of its own parts
    return view


def without_cached(owner: T) -> T:
    """Return a copy whose cached properties are made anew: each resource knows the options of its client."""
    view = copy(owner)
    for name in [name for name in vars(view) if isinstance(getattr(type(owner), name, None), cached_property)]:
        del vars(view)[name]
    return view
