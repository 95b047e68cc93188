"""The two clients: settings and a credential, a wire, and the resources over it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Self, TypeVar, Unpack
from warnings import warn

from .azure.credentials import TokenCredential
from .core.cached_properties import without_cached
from .core.errors import SettingsError
from .core.secret_arguments import takes_secrets
from .core.secret_text import SecretText
from .http.channel import NO_OPTIONS
from .resources import Resources as Resources, view_of
from .settings_choice import AnySettings, resolve
from .wire import BlockingWire, Wire
from .wire_choice import blocking_wire as blocking_wire, over_recording, over_replay, recording_asked_for, verify_for

if TYPE_CHECKING:
    from .azure.workspace import Workspaces
    from .computes.resource import Computes
    from .core.api_versions import UnlistedVersion
    from .datasets.resource import Datasets
    from .endpoints.resource import Endpoints
    from .http.events import EventHooks
    from .inference.chat import Chat
    from .inference.evaluation_run import Evals
    from .jobs.resource import Jobs
    from .planning.asked import PlanOptions
    from .planning.plan import Plan
    from .registered_models.resource import Models
    from .running_costs.resource import Costs
    from .sweeps.resource import Sweeps
    from .webhook_endpoints.resource import Webhooks
    from .wire import AsyncWire, HttpxAsyncClient, HttpxAsyncTransport, HttpxClient, HttpxLimits, HttpxTransport
    from .workflow.resource import Workflow


W = TypeVar("W", bound=Wire)
H = TypeVar("H")
T = TypeVar("T")


class _Client(ABC, Generic[W, H, T]):
    """What both clients share: settings, options, a wire, and the resources over it."""

    @takes_secrets("api_key")
    def __init__(
        self,
        *,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace: str | None = None,
        credential: TokenCredential | None = None,
        endpoint: str | None = None,
        cloud: str | None = None,
        surface: str | None = None,
        foundry_endpoint: str | None = None,
        api_key: str | SecretText | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        http_client: H | None = None,
        transport: T | None = None,
        limits: HttpxLimits | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        event_hooks: EventHooks | None = None,
        wire: W | None = None,
    ) -> None:
        self.settings: AnySettings = resolve(
            subscription_id=subscription_id,
            resource_group=resource_group,
            workspace=workspace,
            endpoint=endpoint,
            cloud=cloud,
            surface=surface,
            foundry_endpoint=foundry_endpoint,
            api_key=api_key,
            environ=os.environ,
            directory=Path.cwd(),
        )
        self._options = NO_OPTIONS.changed(
            timeout=timeout,
            max_retries=max_retries,
            headers=headers,
            user_agent=user_agent,
            event_hooks=event_hooks,
        )
        if wire is not None and (http_client or transport or limits):
            raise SettingsError("wire cannot be combined with http_client, transport or limits")
        self._is_view = self._is_closed = False
        self._wire: W = self._make_wire(http_client, transport, limits) if wire is None else wire
        resources = Resources(self._wire, self.settings, None if self.settings.is_mock else credential, self._options)
        recorded = over_recording(resources, recording_asked_for(os.environ))
        self._take(over_replay(recorded, os.environ))

    @abstractmethod
    def _make_wire(self, http_client: H | None, transport: T | None, limits: HttpxLimits | None) -> W:
        """Return a new wire for this client."""

    @abstractmethod
    def _take(self, resources: Resources) -> None:
        """Use these resources."""

    @abstractmethod
    def _given(self) -> Resources:
        """Return the resources in use."""

    @classmethod
    def from_env(
        cls,
        *,
        surface: str | None = None,
        credential: TokenCredential | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        http_client: H | None = None,
        transport: T | None = None,
        limits: HttpxLimits | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        event_hooks: EventHooks | None = None,
    ) -> Self:
        """Take the workspace or Foundry account from the environment, else the workspace from config.json.

        The arguments are those of the class.

        With MAAS_MOCK=1, for tests with the mock server at MAAS_ENDPOINT, a wait advances the server's clock instead of
        sleeping, and the credential is not used.
        """
        return cls(
            surface=surface,
            credential=credential,
            timeout=timeout,
            max_retries=max_retries,
            http_client=http_client,
            transport=transport,
            limits=limits,
            headers=headers,
            user_agent=user_agent,
            event_hooks=event_hooks,
        )

    def with_options(
        self,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        event_hooks: EventHooks | None = None,
    ) -> Self:
        """Return a view of this client with other options, such as `maas.with_options(timeout=5).jobs.get(name)`.

        It shares the client's connections, tokens and retry budget, and costs no request. What is not given stays as it
        is; headers and hooks are added to the client's own. Closing the view closes nothing: the client does.

        Args:
            timeout, max_retries, headers, user_agent, event_hooks: as for the client.

        Raises:
            InvalidInput, SettingsError: an option is out of range or cannot be used.
        """
        view = without_cached(self)
        view._is_view = True
        view._options = self._options.changed(
            timeout=timeout, max_retries=max_retries, headers=headers, user_agent=user_agent, event_hooks=event_hooks
        )
        view._take(view_of(self._given(), lambda channel: channel.with_options(view._options)))
        return view

    def record(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Self:
        """Return a view of this client that also writes what it sends and receives to a file, which can be shared.

        Names, secrets, texts and hosts become placeholders such as `job-1`, the same one for the same original, and of
        data only the size and shape are kept. One exchange is one line of JSON, written when the exchange has ended;
        only the file's owner may read it. The view is used as it is, or with `with` or `async with`, and what is sent
        through the client itself is not recorded.

        Args:
            path: the file, such as `job.jsonl`. `python -m mock_server --replay` answers from it.
            overwrite: replace the file if it exists.

        Raises:
            InvalidInput: the file exists already.
            OSError: the file cannot be created.
        """
        from .recording.recording import Recording

        view = without_cached(self)
        view._is_view = True
        view._take(over_recording(self._given(), Recording.new(path, overwrite=overwrite)))
        return view

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.settings.described}{', closed' if self._is_closed else ''}>"


class MaasClient(_Client[BlockingWire, "HttpxClient", "HttpxTransport"]):
    """Fine-tuning in one workspace or Foundry account, with plain calls. Use it with `with`, or call `close`.

    Args:
        subscription_id: the Azure subscription; without it AZURE_SUBSCRIPTION_ID, then config.json.
        resource_group: its resource group; without it AZURE_RESOURCE_GROUP, then config.json.
        workspace: the workspace's name; without it AZUREML_WORKSPACE_NAME, then config.json.
        credential: any azure-identity credential, DefaultAzureCredential without one; none for a local endpoint.
        endpoint: Resource Manager's base URL; without it MAAS_ENDPOINT, then the cloud's own.
        cloud: AzureCloud, AzureUSGovernment or AzureChinaCloud; without it AZUREML_CURRENT_CLOUD.
        surface: `azureml` or `foundry`, where both a workspace and a Foundry account are configured; without it
            MAAS_SURFACE, else whichever is.
        foundry_endpoint: the URL of a Foundry project or account, instead of a workspace; without it FOUNDRY_ENDPOINT,
            then AZURE_AI_PROJECT_ENDPOINT and AZURE_OPENAI_ENDPOINT.
        api_key: the Foundry account's key, instead of a token for it (Resource Manager always gets a token); without
            it FOUNDRY_API_KEY, then AZURE_OPENAI_API_KEY.
        timeout: seconds for every request, in place of its own: to connect, and to wait for the next bytes. By default
            60, for a poll of a job 20, for chat 120, for a block of an upload 300. A method's own takes precedence.
        max_retries: retries of a request that may be repeated, from 0 to 9. By default 4, of which 2 at most to a
            server that refuses connections, and none for a poll, which is repeated anyway.
        http_client: an httpx.Client that sends every request, for proxies, client certificates or instrumentation. It
            is yours to close. Its own timeout, authorization, headers and cookies are not used, and it follows no
            redirect.
        transport: an httpx transport in place of the client's own; it is closed with the client.
        limits: httpx.Limits of the client's own connections: by default 10 idle ones for 5 s, and of an asynchronous
            client 10 requests at once (streams, and blocks of uploads, are counted apart).
        headers: sent with every request. They go to every host that the client trusts, so no secret may be among them.
        user_agent: added to the client's own `User-Agent`, such as `my-app/1.0`.
        event_hooks: functions by event, `request`, `response` and `retry`; see `EventHooks`.
        wire: what carries the requests, for tests that swap its clock or transport.

    Raises:
        SettingsError: it names the missing settings and where they were looked for, or an option that cannot be used.
        InvalidInput: a number is out of range.

    One client serves any number of threads. It works inside a running event loop, too, as in a notebook.
    """

    def _make_wire(
        self, http_client: HttpxClient | None, transport: HttpxTransport | None, limits: HttpxLimits | None
    ) -> BlockingWire:
        verify = verify_for(self.settings)
        return blocking_wire(self.settings, verify=verify, transport=transport, http_client=http_client, limits=limits)

    def _take(self, resources: Resources) -> None:
        self._own = resources

    def _given(self) -> Resources:
        return self._own

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
    def models(self) -> Models:
        """Models registered in the workspace."""
        from .registered_models.resource import Models

        return Models(self._own.models)

    @cached_property
    def computes(self) -> Computes:
        """The user's own compute: sizes, quota and clusters."""
        from .computes.resource import Computes

        return Computes(self._own.computes)

    @cached_property
    def webhooks(self) -> Webhooks:
        """URLs that the service calls when a job ends."""
        from .webhook_endpoints.resource import Webhooks

        return Webhooks(self._own.webhooks)

    @cached_property
    def costs(self) -> Costs:
        """What runs now and costs money by the hour."""
        from .running_costs.resource import Costs

        return Costs(self._own.costs)

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

    def plan(self, **options: Unpack[PlanOptions]) -> Plan:
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
        from .core.blocking import run

        return run(self._own.plan(**options))

    def unlisted_api_versions(self) -> tuple[UnlistedVersion, ...]:
        """Return which api-versions that this library sends Azure no longer lists, by resource type.

        Empty if all is well. On Foundry it raises SettingsError without the account's subscription.
        """
        from .core.blocking import run

        return run(self._own.unlisted_api_versions())

    def close(self) -> None:
        """Close every connection; a call after that raises ClientClosed."""
        if not self._is_view:
            self._is_closed = True
            self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncMaasClient(_Client["AsyncWire", "HttpxAsyncClient", "HttpxAsyncTransport"], Resources):
    """Fine-tuning in one workspace or Foundry account, with coroutines. Use it with `async with`, or await `close`.

    Arguments and errors are those of `MaasClient`; an asynchronous azure-identity credential serves as well, and
    `http_client` is an httpx.AsyncClient. One client serves any number of event loops, but an http_client or transport
    only the one that it was first used on.
    """

    def _make_wire(
        self, http_client: HttpxAsyncClient | None, transport: HttpxAsyncTransport | None, limits: HttpxLimits | None
    ) -> AsyncWire:
        from .wire import AsyncWire  # here: a plain client does without asyncio

        verify = verify_for(self.settings)
        make = partial(AsyncWire, verify=verify, transport=transport, http_client=http_client, limits=limits)
        if not self.settings.is_mock:
            return make()
        from .wire.mock_clock import MockClock

        clock = MockClock(self.settings.endpoint)
        return make(sleep=clock.sleep_async, now=clock.now, clock=clock.now)

    def _take(self, resources: Resources) -> None:
        self._surface = resources._surface  # its own resources are made over the same

    def _given(self) -> Resources:
        return self

    async def close(self) -> None:
        """Close every connection; a call after that raises ClientClosed."""
        if not self._is_view:
            self._is_closed = True
            await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
