"""The workspace and its data plane, datastores, secrets and registry. Each is read once and cached."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from math import inf
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ..catalog.model_id import REGISTRY
from ..core.api_versions import (
    MACHINE_LEARNING,
    MACHINE_LEARNING_PROVIDER,
    METADATA,
    PERMISSIONS,
    REGISTRY as REGISTRY_VERSION,
    SUBSCRIPTIONS,
)
from ..core.blocking import Blocking, blocking
from ..core.errors import NotFound, PermissionDenied, ServiceError, UnexpectedReply
from ..core.http_messages import Reply, Request, json_body
from ..core.json_fields import Document, first, text
from ..core.secret_text import SecretText, SecretUrl
from ..core.url_paths import segment
from ..http.auth import Signer, Unsigned
from ..http.error_responses import unexpected
from ..http.json_replies import document_of
from ..http.retry import NO_RETRY
from ..http.trusted_hosts import Audience
from ..wire.cached_value import CachedValue
from .arm import Arm
from .credentials import LEAST_USE, STORAGE_SCOPE
from .provider_versions import provider_document
from .signers import Bearer, Sas, SharedKey, account_of
from .workspace_values import Datastore, Subscription, Workspace

if TYPE_CHECKING:
    from .blob_container import BlobContainer
    from .permissions import PermissionGrant
    from .token_claims import Caller

DEFAULT_DATASTORE = "workspaceblobstore"
RENEW_EARLY = 600.0
"""Seconds before its expiry at which a shared access signature is replaced."""

ASKED_LIFETIME = 3600.0
"""Requested lifetime of a signature, in seconds."""

PROBE_BLOB = "LocalUpload"
"""A blob for test requests: the folder of uploads, which exists as a blob only with a hierarchical namespace."""


class AsyncWorkspace:
    """The workspace that the client works in."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._containers: dict[str, tuple[BlobContainer, float]] = {}
        self._renewal = arm.wire.lock()
        self._workspace = CachedValue(arm.wire, self._find_workspace)
        self._data_plane = CachedValue(arm.wire, self._find_data_plane)
        self._registry = CachedValue(arm.wire, self._find_registry)

    async def get(self) -> Workspace:
        """Return the workspace; raise NotFound if there is none of this name."""
        return await self._workspace.get()

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return the subscriptions that the credential can read, by name.

        learn.microsoft.com/rest/api/resources/subscriptions/list.
        """
        pages = self._arm.pages("/subscriptions", {"api-version": SUBSCRIPTIONS.value})
        found = [Subscription.read(document) async for document in pages]
        return tuple(sorted(found, key=lambda each: (each.name.lower(), each.subscription_id)))

    async def list(self, subscription_id: str | None = None) -> tuple[Workspace, ...]:
        """Return the workspaces of a subscription, by default the client's own, by name.

        learn.microsoft.com/rest/api/azureml/workspaces/list-by-subscription.
        """
        subscription = segment(subscription_id or self._arm.settings.subscription_id)
        path = f"/subscriptions/{subscription}/providers/{MACHINE_LEARNING_PROVIDER}/workspaces"
        pages = self._arm.pages(path, {"api-version": MACHINE_LEARNING.value})
        found = [Workspace.read(document) async for document in pages]
        return tuple(sorted(found, key=lambda each: (each.name.lower(), each.id)))

    async def connect(self) -> None:
        """Connect to Resource Manager without a credential; raise TransportError if it does not respond.

        The request is for the cloud's addresses, which are public.
        """
        url = f"{self._arm.settings.endpoint}/metadata/endpoints?api-version={METADATA.value}"
        request = Request("GET", url, {"Accept": "application/json"})
        with suppress(ServiceError):  # any response shows that there is a connection
            await self._arm.channel.send(request, audience=Audience.ARM, signer=Unsigned(), policy=NO_RETRY)

    async def caller(self) -> Caller:
        """Return the identity of the credential's token; raise CredentialError if there is no token.

        Empty for a token that can't be read, and for a local endpoint, which needs none.
        """
        from .token_claims import caller_of  # here: only `maas doctor` needs it

        return caller_of((await self._arm.tokens.get(self._arm.scope)).reveal())

    async def grants(self) -> tuple[PermissionGrant, ...]:
        """Return what each role of the caller grants in the workspace.

        learn.microsoft.com/rest/api/authorization/permissions/list-for-resource.
        """
        query = {"api-version": PERMISSIONS.value}
        from .permissions import grants_of  # here: only `maas doctor` needs it

        return grants_of(await self._arm.get("/providers/Microsoft.Authorization/permissions", query))

    async def registration(self) -> str:
        """Return the registration state of the workspaces' provider in the subscription, such as Registered.

        learn.microsoft.com/rest/api/resources/providers/get.
        """
        subscription = self._arm.settings.subscription_id
        return text(await provider_document(self._arm, subscription, MACHINE_LEARNING_PROVIDER), "registrationState")

    async def clock_skew(self) -> float | None:
        """Return the seconds by which this machine's clock is ahead of the service's; None without a Date.

        The service's Date has whole seconds.
        """
        _, reply = await self._arm.request("GET", "")
        sent = sent_at(reply)
        return None if sent is None else reply.received - sent

    async def datastore(self, name: str = DEFAULT_DATASTORE) -> Datastore:
        """Return a datastore, by default the one for uploads."""
        return Datastore.read(await self._arm.get(f"/datastores/{segment(name)}"))

    async def storage(self, name: str = DEFAULT_DATASTORE) -> str:
        """Request a blob that need not exist from the container of the datastore `name`; return the container's URL.

        The request is Get Blob Properties (learn.microsoft.com/rest/api/storageservices/get-blob-properties). Raises
        the same errors as an upload: ConnectionFailed behind a firewall, PermissionDenied without a role or from a
        network that the storage account does not admit.
        """
        # Assumption: A firewall or a missing role refuses a HEAD of a blob just as it refuses an upload.
        # Shown wrong by: 404 or 200 for the HEAD in `datastores`, and 403 for a PUT in `upload data`.
        # Verified by: datastores, upload data
        # If wrong: `maas doctor` says that the storage can be reached, and the upload fails.
        container = await self.container(name)
        await container.head(PROBE_BLOB)
        return container.url

    async def container(
        self, name: str = DEFAULT_DATASTORE, *, instead_of: BlobContainer | None = None
    ) -> BlobContainer:
        """Return a datastore's blob container, authorized according to its kind of credentials.

        It is cached until shortly before its secret expires; pass a container that is no longer accepted as
        `instead_of` to get a new one. Secrets come from `listSecrets`; a datastore without credentials, or one whose
        secrets this identity may not list, is accessed with the identity itself (azure-ai-ml 1.35.2
        `_artifact_utilities.py`).
        """
        async with self._renewal:
            kept = self._containers.get(name)
            if kept is not None and self._arm.wire.clock() < kept[1] and kept[0] is not instead_of:
                return kept[0]
            return await self._open(name)

    async def _open(self, name: str) -> BlobContainer:
        from .blob_container import BlobContainer

        datastore = await self.datastore(name)
        if not (datastore.account and datastore.container):
            raise _incomplete(f"datastore {name!r}")
        url = datastore.container_url
        signer: Signer = Bearer(self._arm.tokens, STORAGE_SCOPE)
        kept_until = inf
        if datastore.credentials.lower() not in {"", "none"}:
            with suppress(PermissionDenied):
                signer, lifetime = await self._secret(name, url)
                kept_until = self._arm.wire.clock() + lifetime
        container = BlobContainer(self._arm.channel, url, signer)
        self._containers[name] = container, kept_until
        return container

    async def _secret(self, datastore: str, url: str) -> tuple[Signer, float]:
        """Return a datastore's secret, and for how many seconds it may be used.

        A signature's expiry is compared with the Date of the response: this machine's clock may be hours off.
        """
        path = f"/datastores/{segment(datastore)}/listSecrets"
        body = {"expirableSecret": True, "expireAfterHours": 1}
        secrets, reply = await self._arm.request("POST", path, body, repeatable=True, secret_reply=True)
        # Assumption: The service honours `expireAfterHours`, which is in no specification: a shared access signature is
        #   valid for about the hour that was asked for.
        # Shown wrong by: A `sasToken` whose `se` is much less than an hour after the answer's Date, or that has none.
        # Verified by: datastores
        # If wrong: The signature is replaced when its `se` demands it, or once Blob Storage answers 403.
        sas, key = SecretUrl(text(secrets, "sasToken")), SecretText(text(secrets, "key"))
        del secrets  # tracebacks may show local variables
        if sas:
            signer = Sas(sas)
            left = signer.expires - (sent_at(reply) or self._arm.wire.now()) if signer.expires else ASKED_LIFETIME
            return signer, max(min(left, ASKED_LIFETIME) - RENEW_EARLY, LEAST_USE)
        if key:
            return SharedKey(account_of(url), key, self._arm.wire.now), inf
        return Bearer(self._arm.tokens, STORAGE_SCOPE), inf

    async def history_url(self, service: str, path: str) -> str:
        """Return a URL of the run-history or metric service for this workspace."""
        return f"{await self._data_plane.get()}/{service}{self._arm.settings.workspace_path}{path}?api-version=v1.0"

    async def history(self, method: str, service: str, path: str, body: object = None, *, url: str = "") -> Document:
        """Send a request to run history or metrics, or its page at `url`; POSTs (queries) and PATCHes may repeat."""
        headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": "application/json"})
        content = b"" if body is None else json_body(body)
        # Assumption: Run history takes `?api-version=v1.0`, and a token for Resource Manager, on all of its paths.
        # Shown wrong by: 401, or 400 about the api-version, from an address below `/history/v1.0` or `/metric/v2.0`.
        # Verified by: newest job
        # If wrong: Details, metrics and logs of jobs cannot be read; jobs themselves can.
        address = url or await self.history_url(service, path)
        request = Request(method, address, headers, content, repeatable=True)
        reply = await self._arm.channel.send(request, audience=Audience.ML, signer=self._arm.signer)
        return document_of(request, reply)

    async def registry_model(self, name: str, version: str | None = None) -> Document:
        """Return a model's document from the registry, the newest version by default; raise NotFound without one."""
        return await self._registry_asset("model", name, version)

    async def registry_component(self, name: str, version: str | None = None) -> Document:
        """Return a component's document from the registry, the newest version by default; raise NotFound."""
        return await self._registry_asset("component", name, version)

    async def _registry_asset(self, kind: str, name: str, version: str | None) -> Document:
        asset, wanted = segment(name), None if version is None else segment(version)
        base = f"{await self._registry.get()}/{kind}s/{asset}/versions"
        if wanted is not None:
            return await self._ask_registry(f"{base}/{wanted}")
        listing = await self._ask_registry(base, {"$orderBy": "createdtime desc", "$top": "1"})
        newest = first(listing, "value")
        if not newest:
            raise NotFound(f"GET {base}", status=404, code="NotFound", detail=f"the registry has no {kind} {name!r}")
        return newest

    async def _ask_registry(self, url: str, query: Mapping[str, str] | None = None) -> Document:
        full = f"{url}?{urlencode({**(query or {}), 'api-version': REGISTRY_VERSION.value})}"
        request = Request("GET", full, {"Accept": "application/json"})
        reply = await self._arm.channel.send(request, audience=Audience.ML, signer=self._arm.signer)
        return document_of(request, reply)

    async def _find_workspace(self) -> Workspace:
        workspace = Workspace.read(await self._arm.get(""))
        if not (workspace.name or workspace.workspace_id or workspace.discovery_url):  # must not be cached
            raise _incomplete(f"workspace {self._arm.settings.workspace!r}")
        return workspace

    async def _find_data_plane(self) -> str:
        """The base URL of run history and metrics, from the workspace's discovery document."""
        request = Request("GET", (await self.get()).discovery_url, {"Accept": "application/json"})
        reply = await self._arm.channel.send(request, audience=Audience.ML, signer=Unsigned())
        if base := text(document_of(request, reply), "api").rstrip("/"):
            return base
        raise unexpected(request, reply, "the discovery document has no `api`")

    async def _find_registry(self) -> str:
        """The registry's base URL, from its discovery document."""
        discovery = self._arm.settings.registry_discovery
        url = f"{discovery}/registrymanagement/v1.0/registries/{REGISTRY}/discovery?api-version=v1.0"
        request = Request("GET", url, {"Accept": "application/json"})
        reply = await self._arm.channel.send(request, audience=Audience.ML, signer=self._arm.signer)
        document = document_of(request, reply)
        home = text(document, "primaryRegionResourceProviderUri").rstrip("/")
        subscription, group = text(document, "subscriptionId"), text(document, "resourceGroup")
        if not (home and subscription and group):
            raise unexpected(request, reply, "the registry's discovery document is incomplete")
        return (
            f"{home}/mferp/managementfrontend/subscriptions/{segment(subscription)}/resourceGroups/{segment(group)}"
            f"/providers/Microsoft.MachineLearningServices/registries/{REGISTRY}"
        )


def sent_at(reply: Reply) -> float | None:
    """Return when a response was sent, in seconds since 1970 by the service's clock; None without a Date."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return None


def _incomplete(what: str) -> UnexpectedReply:
    """Return the error for a document without the expected fields."""
    return UnexpectedReply(what, status=200, detail="the service's response is incomplete")


class Workspaces(Blocking[AsyncWorkspace]):
    """The workspace that the client works in."""

    get = blocking(AsyncWorkspace.get)
    subscriptions = blocking(AsyncWorkspace.subscriptions)
    list = blocking(AsyncWorkspace.list)
    connect = blocking(AsyncWorkspace.connect)
    caller = blocking(AsyncWorkspace.caller)
    grants = blocking(AsyncWorkspace.grants)
    registration = blocking(AsyncWorkspace.registration)
    clock_skew = blocking(AsyncWorkspace.clock_skew)
    datastore = blocking(AsyncWorkspace.datastore)
    storage = blocking(AsyncWorkspace.storage)
    registry_model = blocking(AsyncWorkspace.registry_model)
    registry_component = blocking(AsyncWorkspace.registry_component)
