"""The two clients. The blocking one lists, name by name, what the other one does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from .arm import Arm
from .auth import TokenCredential, Tokens, default_credential
from .blocking import Blocking, blocking
from .channel import Channel
from .chat import AsyncChat
from .datasets.resource import AsyncDatasets
from .endpoints import AsyncEndpoints
from .jobs import AsyncJobs
from .settings import Settings, resolve
from .wire import AsyncWire, BlockingWire, Wire
from .workspace import AsyncWorkspace


class Workspaces(Blocking[AsyncWorkspace]):
    """The workspace that the client works in."""

    get = blocking(AsyncWorkspace.get)
    datastore = blocking(AsyncWorkspace.datastore)
    registry_model = blocking(AsyncWorkspace.registry_model)


class Datasets(Blocking[AsyncDatasets]):
    """Training and validation files."""

    check = blocking(AsyncDatasets.check)
    upload = blocking(AsyncDatasets.upload)
    get = blocking(AsyncDatasets.get)
    list = blocking(AsyncDatasets.list)


class Jobs(Blocking[AsyncJobs]):
    """Fine-tuning jobs."""

    create = blocking(AsyncJobs.create)
    get = blocking(AsyncJobs.get)
    list = blocking(AsyncJobs.list)
    cancel = blocking(AsyncJobs.cancel)
    wait = blocking(AsyncJobs.wait)
    events = blocking(AsyncJobs.events)
    details = blocking(AsyncJobs.details)
    metrics = blocking(AsyncJobs.metrics)
    logs = blocking(AsyncJobs.logs)


class Endpoints(Blocking[AsyncEndpoints]):
    """Serverless endpoints."""

    create = blocking(AsyncEndpoints.create)
    get = blocking(AsyncEndpoints.get)
    list = blocking(AsyncEndpoints.list)
    keys = blocking(AsyncEndpoints.keys)
    regenerate_key = blocking(AsyncEndpoints.regenerate_key)
    delete = blocking(AsyncEndpoints.delete)
    wait = blocking(AsyncEndpoints.wait)


class Chat(Blocking[AsyncChat]):
    """Conversation with serverless endpoints."""

    complete = blocking(AsyncChat.complete)
    stream = blocking(AsyncChat.stream)


class Resources:
    """Every asynchronous resource of one client, over one wire."""

    def __init__(self, wire: Wire, settings: Settings, credential: TokenCredential | None) -> None:
        tokens = Tokens(wire, lambda: credential or default_credential(settings))
        arm = Arm(Channel(wire, settings.trust), settings, tokens)
        self.workspace = AsyncWorkspace(arm)
        self.datasets = AsyncDatasets(arm, self.workspace)
        self.jobs = AsyncJobs(arm, self.workspace, self.datasets)
        self.endpoints = AsyncEndpoints(arm, self.workspace)
        self.chat = AsyncChat(arm, self.endpoints)


class MaasClient:
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
        SettingsError: it names what is missing and where it was looked for.

    One client serves any number of threads. It works inside a running event loop, too, as in a notebook.
    """

    def __init__(
        self,
        *,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace: str | None = None,
        credential: TokenCredential | None = None,
        endpoint: str | None = None,
        cloud: str | None = None,
        wire: BlockingWire | None = None,
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
        self._wire = wire or BlockingWire()
        own = Resources(self._wire, self.settings, credential)
        self.workspace = Workspaces(own.workspace)
        self.datasets = Datasets(own.datasets)
        self.jobs = Jobs(own.jobs)
        self.endpoints = Endpoints(own.endpoints)
        self.chat = Chat(own.chat)

    @classmethod
    def from_env(cls, *, credential: TokenCredential | None = None) -> Self:
        """Take every setting from the environment, else from config.json."""
        return cls(credential=credential)

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncMaasClient:
    """Serverless fine-tuning in one workspace, with coroutines. Use it with `async with`, or await `close`.

    Arguments and errors are those of `MaasClient`; an asynchronous azure-identity credential serves as well.
    """

    def __init__(
        self,
        *,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace: str | None = None,
        credential: TokenCredential | None = None,
        endpoint: str | None = None,
        cloud: str | None = None,
        wire: AsyncWire | None = None,
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
        self._wire = wire or AsyncWire()
        own = Resources(self._wire, self.settings, credential)
        self.workspace = own.workspace
        self.datasets = own.datasets
        self.jobs = own.jobs
        self.endpoints = own.endpoints
        self.chat = own.chat

    @classmethod
    def from_env(cls, *, credential: TokenCredential | None = None) -> Self:
        """Take every setting from the environment, else from config.json."""
        return cls(credential=credential)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
