"""The two clients: settings and a credential, a wire, and the resources over it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING, Generic, Self, TypeVar
from warnings import warn

from .azure.arm import Arm
from .azure.credentials import TokenCredential, Tokens, default_credential
from .azure.settings import Settings, resolve
from .http.channel import Channel
from .wire import BlockingWire, Wire, no_tls

if TYPE_CHECKING:
    from .azure.workspace import AsyncWorkspace, Workspaces
    from .datasets.resource import AsyncDatasets, Datasets
    from .endpoints.azure_ml_backend import AzureMLEndpoints
    from .endpoints.resource import AsyncEndpoints, Endpoints
    from .inference.chat import AsyncChat, Chat
    from .inference.evaluation_run import AsyncEvals, Evals
    from .jobs.azure_ml_backend import AzureMLJobs
    from .jobs.resource import AsyncJobs, Jobs
    from .sweeps.resource import AsyncSweeps, Sweeps
    from .wire import AsyncWire
    from .workflow.resource import AsyncWorkflow, Workflow


W = TypeVar("W", bound=Wire)


class Resources:
    """Every asynchronous resource of one client, over one wire.

    Each is imported and created on first use: listing jobs does not import endpoints or datasets.
    """

    def __init__(self, wire: Wire, settings: Settings, credential: TokenCredential | None) -> None:
        tokens = Tokens(wire, lambda: credential or default_credential(settings))
        self._arm = Arm(Channel(wire, settings.trust), settings, tokens)

    @cached_property
    def workspace(self) -> AsyncWorkspace:
        """The workspace that the client works in."""
        from .azure.workspace import AsyncWorkspace

        return AsyncWorkspace(self._arm)

    @cached_property
    def datasets(self) -> AsyncDatasets:
        """Training and validation files."""
        from .datasets.resource import AsyncDatasets

        return AsyncDatasets(self._arm, self.workspace)

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
    def chat(self) -> AsyncChat:
        """Conversation with serverless endpoints."""
        from .inference.chat import AsyncChat

        return AsyncChat(self._endpoint_backend)

    @cached_property
    def evals(self) -> AsyncEvals:
        """Evaluation of endpoints by a validation set."""
        from .inference.evaluation_run import AsyncEvals

        return AsyncEvals(self._endpoint_backend)


def _verify(settings: Settings) -> SSLContext | None:
    """The TLS context to verify servers with: none is trusted where the endpoint, and so every URL, is plain http."""
    return no_tls() if settings.endpoint.startswith("http://") else None


def blocking_wire(settings: Settings, *, verify: SSLContext | None = None) -> BlockingWire:
    """Return a blocking wire; where the settings say that the endpoint is a mock server, it waits on its clock."""
    if not settings.is_mock:
        return BlockingWire(verify=verify)
    from .wire.mock_clock import MockClock

    clock = MockClock(settings.endpoint)
    return BlockingWire(verify=verify, sleep=clock.sleep, now=clock.now, clock=clock.now)


class _Client(ABC, Generic[W]):
    """What both clients share: settings, a wire, and the resources over it."""

    def __init__(
        self,
        *,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace: str | None = None,
        credential: TokenCredential | None = None,
        endpoint: str | None = None,
        cloud: str | None = None,
        wire: W | None = None,
    ) -> None:
        self.settings = resolve(
            subscription_id=subscription_id,
            resource_group=resource_group,
            workspace=workspace,
            endpoint=endpoint,
            cloud=cloud,
            environ=os.environ,
            directory=Path.cwd(),
        )
        self._wire: W = self._make_wire(_verify(self.settings)) if wire is None else wire
        self._make_resources(None if self.settings.is_mock else credential)

    @abstractmethod
    def _make_wire(self, verify: SSLContext | None) -> W:
        """Return a new wire for this client."""

    @abstractmethod
    def _make_resources(self, credential: TokenCredential | None) -> None:
        """Make the resources over the wire."""

    @classmethod
    def from_env(cls, *, credential: TokenCredential | None = None) -> Self:
        """Take every setting from the environment, else from config.json.

        With MAAS_MOCK=1, for tests with the mock server at MAAS_ENDPOINT, a wait advances the server's clock instead of
        sleeping, and the credential is not used.
        """
        return cls(credential=credential)


class MaasClient(_Client[BlockingWire]):
    """Serverless fine-tuning in one workspace, with plain calls. Use it with `with`, or call `close`.

    Args:
        subscription_id: the Azure subscription; without it AZURE_SUBSCRIPTION_ID, then config.json.
        resource_group: its resource group; without it AZURE_RESOURCE_GROUP, then config.json.
        workspace: the workspace's name; without it AZUREML_WORKSPACE_NAME, then config.json.
        credential: any azure-identity credential, DefaultAzureCredential without one; none for a local endpoint.
        endpoint: Resource Manager's base URL; without it MAAS_ENDPOINT, then the cloud's own.
        cloud: AzureCloud, AzureUSGovernment or AzureChinaCloud; without it AZUREML_CURRENT_CLOUD.
        wire: what carries the requests, for tests that swap its clock or transport.

    Raises:
        SettingsError: it names the missing settings and where they were looked for.

    One client serves any number of threads. It works inside a running event loop, too, as in a notebook.
    """

    def _make_wire(self, verify: SSLContext | None) -> BlockingWire:
        return blocking_wire(self.settings, verify=verify)

    def _make_resources(self, credential: TokenCredential | None) -> None:
        self._own = Resources(self._wire, self.settings, credential)

    @cached_property
    def workspace(self) -> Workspaces:
        """The workspace that the client works in."""
        from .azure.workspace import Workspaces

        return Workspaces(self._own.workspace)

    @cached_property
    def datasets(self) -> Datasets:
        """Training and validation files."""
        from .datasets.resource import Datasets

        return Datasets(self._own.datasets)

    @cached_property
    def jobs(self) -> Jobs:
        """Fine-tuning jobs."""
        from .jobs.resource import Jobs

        return Jobs(self._own.jobs)

    @cached_property
    def sweeps(self) -> Sweeps:
        """Sweeps over hyperparameters."""
        from .sweeps.resource import Sweeps

        return Sweeps(self._own.sweeps)

    @cached_property
    def workflow(self) -> Workflow:
        """Whole jobs, from a file to an answer."""
        from .workflow.resource import Workflow

        return Workflow(self._own.workflow)

    @property
    def pipeline(self) -> Workflow:
        """The former name of `workflow`."""
        warn("client.pipeline is now client.workflow", DeprecationWarning, stacklevel=2)
        return self.workflow

    @cached_property
    def endpoints(self) -> Endpoints:
        """Serverless endpoints."""
        from .endpoints.resource import Endpoints

        return Endpoints(self._own.endpoints)

    @cached_property
    def chat(self) -> Chat:
        """Conversation with serverless endpoints."""
        from .inference.chat import Chat

        return Chat(self._own.chat)

    @cached_property
    def evals(self) -> Evals:
        """Evaluation of endpoints by a validation set."""
        from .inference.evaluation_run import Evals

        return Evals(self._own.evals)

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncMaasClient(_Client["AsyncWire"], Resources):
    """Serverless fine-tuning in one workspace, with coroutines. Use it with `async with`, or await `close`.

    Arguments and errors are those of `MaasClient`; an asynchronous azure-identity credential serves as well.
    """

    def _make_wire(self, verify: SSLContext | None) -> AsyncWire:
        from .wire import AsyncWire  # here: a plain client does without asyncio

        if not self.settings.is_mock:
            return AsyncWire(verify=verify)
        from .wire.mock_clock import MockClock

        clock = MockClock(self.settings.endpoint)
        return AsyncWire(verify=verify, sleep=clock.sleep_async, now=clock.now, clock=clock.now)

    def _make_resources(self, credential: TokenCredential | None) -> None:
        Resources.__init__(self, self._wire, self.settings, credential)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
