"""Requests to a Foundry account: its v1 API, its dated API, and the cursor pages of its lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Literal

from ..azure.arm import ResourceManager
from ..azure.credentials import Tokens
from ..azure.signers import Bearer
from ..core.api_versions import FOUNDRY_DATED, FOUNDRY_PROJECT
from ..core.errors import CredentialError
from ..core.http_messages import Reply, Request, json_body
from ..core.json_fields import Document, is_array, is_object, items, text
from ..core.secret_text import Secret, SecretHeader, SecretText
from ..core.url_paths import query_string, segment
from ..http.auth import Signer, Unsigned
from ..http.channel import Channel, OnAttempt
from ..http.error_responses import unexpected
from ..http.json_replies import document_of
from ..http.retry import DEFAULT, RetryPolicy
from ..http.trusted_hosts import Audience
from ..wire import Incoming, Wire
from .settings import FoundrySettings

Base = Literal["v1", "account", "dated", "project-dated"]
"""Which API a request is for. `v1` has no version; `account` is the account's own v1 API, where `v1` may be that of a
project; `dated` alone has Uploads and the deletion of jobs; `project-dated` and `dated` import files from a URL."""

LARGEST_PAGE = 10_000
"""Objects of a page that are read."""

MAX_PAGES = 1_000
"""Pages of a list that are read: an account has a hundred jobs and files, and a job some thousand events."""


@dataclass(frozen=True, slots=True)
class ApiKey(Unsigned, Secret):
    """The account's key, in the header that the v1 and the dated API take it in."""

    key: SecretText = field(repr=False)

    @property
    def any_port(self) -> bool:
        """The key is for the account alone."""
        return False

    async def sign(self, request: Request) -> Request:
        """Add the key; raise CredentialError for one that is not valid in a header."""
        if not (self.key.reveal().isascii() and self.key.reveal().isprintable()):
            raise CredentialError("the account's key contains invalid characters; copy it again")
        self.key.register()
        return replace(request, secret_headers={**request.secret_headers, "api-key": SecretHeader(self.key.reveal())})


@dataclass(frozen=True, slots=True)
class FoundryConnection:
    """Requests to one account; paths are relative to the API's base, such as `/fine_tuning/jobs`."""

    channel: Channel
    settings: FoundrySettings
    tokens: Tokens

    @property
    def wire(self) -> Wire:
        """The wire that sends the requests."""
        return self.channel.wire

    @property
    def arm(self) -> ResourceManager:
        """Resource Manager under the account. It gets a token, and never the account's key."""
        return ResourceManager(self.channel, self.settings, self.tokens)

    @property
    def signer(self) -> Signer:
        """The account's key if there is one, else a token."""
        key = self.settings.api_key
        return ApiKey(key) if key else Bearer(self.tokens, self.settings.scope)

    @property
    def v1_url(self) -> str:
        """The base URL of the v1 API: the project's, or the account's where a key is used, as projects take tokens."""
        account, project = self.settings.account_url, self.settings.project
        in_project = project and not self.settings.api_key
        return f"{account}/api/projects/{segment(project)}/openai/v1" if in_project else f"{account}/openai/v1"

    def url(self, path: str, query: Mapping[str, str] | None = None, *, base: Base = "v1") -> str:
        """Return the URL of a path of one of the APIs, with the version that it requires."""
        settings, asked = self.settings, dict(query or {})
        root = f"{settings.account_url}/openai/v1" if base == "account" else self.v1_url
        if base == "dated" or (base == "project-dated" and not settings.project):
            root, asked = f"{settings.account_url}/openai", {**asked, "api-version": FOUNDRY_DATED.value}
        elif base == "project-dated":
            root = f"{settings.account_url}/api/projects/{segment(settings.project)}/openai"
            asked = {**asked, "api-version": FOUNDRY_PROJECT.value}
        return f"{root}{path}?{query_string(asked)}" if asked else f"{root}{path}"

    async def send(
        self, request: Request, *, policy: RetryPolicy = DEFAULT, on_attempt: OnAttempt | None = None
    ) -> Reply:
        """Send a request to the account, with its authorization, and return a successful response."""
        return await self.channel.send(
            request, audience=Audience.FOUNDRY, signer=self.signer, policy=policy, on_attempt=on_attempt
        )

    def open(self, request: Request) -> AbstractAsyncContextManager[Incoming]:
        """Send a request to the account and read its response while it arrives."""
        return self.channel.open(request, audience=Audience.FOUNDRY, signer=self.signer)

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        base: Base = "v1",
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        policy: RetryPolicy = DEFAULT,
        timeout: float = 60.0,
        secret_reply: bool = False,
    ) -> tuple[Document, Reply]:
        """Send a request and return the response's document (empty without one) and the response itself.

        Arguments are those of `ResourceManager.request`; `base` is the API that has the path.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        content = b"" if body is None else json_body(body)
        if content:
            sent["Content-Type"] = "application/json"
        request = Request(
            method,
            self.url(path, query, base=base),
            sent,
            content,
            repeatable,
            timeout,
            secret_reply=secret_reply,
        )
        reply = await self.send(request, policy=policy)
        return document_of(request, reply), reply

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Document:
        """Return the document at a path; raise NotFound without one."""
        return (await self.request("GET", path, query=query))[0]

    async def find(self, path: str) -> Document | None:
        """Return the document at a path, or None."""
        request = Request("GET", self.url(path), {"Accept": "application/json"})
        reply = await self.channel.send(request, audience=Audience.FOUNDRY, signer=self.signer, accept={404})
        return None if reply.status == 404 else document_of(request, reply)

    async def pages(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        base: Base = "v1",
        limit: int = 100,
        most: int | None = None,
    ) -> AsyncIterator[Document]:
        """Yield the objects of a list, page by page, until there are no more, or of the first `most` pages.

        Each page is asked for by the last object of the one before (`after`). The list ends with the first page that
        has nothing new: some servers ignore `after` and repeat the page.
        """
        after, seen, number = "", set[str](), 0
        while True:
            number += 1
            # Assumption: Every list takes `limit=100` and `after`, also that of files, for which Azure documents only
            #   `purpose`.
            # Shown wrong by: 400 for the list.
            # Verified by: list files, list tuning jobs, newest tuning job, list webhooks
            # If wrong: The list cannot be read, and nothing is created that it would have to be compared with.
            asked = {**(query or {}), "limit": str(limit)} | ({"after": after} if after else {})
            request = Request("GET", self.url(path, asked, base=base), {"Accept": "application/json"})
            reply = await self.send(request)
            document = document_of(request, reply)
            if not is_array(document.get("data")):  # that there is nothing decides what is created again
                raise unexpected(request, reply, "the list has no data")
            page = [item for item in items(document, "data") if is_object(item)]
            if len(page) > LARGEST_PAGE:
                raise unexpected(request, reply, f"a page of the list has more than {LARGEST_PAGE} objects")
            fresh = [item for item in page if text(item, "id") not in seen]
            for item in fresh:
                yield item
            seen.update(text(item, "id") for item in fresh)
            # A page that does not say whether more follow is followed by another request, as openai 3.57 does.
            more = document.get("has_more")
            if not fresh or not (more is True or more is None) or number == most:
                return
            if number >= MAX_PAGES:
                raise unexpected(request, reply, "the list never ends")
            after = text(page[-1], "id")
