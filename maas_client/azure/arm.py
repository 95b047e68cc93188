"""Azure Resource Manager: documents by path, pages, creation that survives a lost reply, long-running operations."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from ..core.errors import (
    Conflict,
    CredentialError,
    OperationFailed,
    ReplyLost,
    ServiceError,
    ServiceUnavailable,
    TransportError,
)
from ..core.http_messages import Reply, Request, json_body
from ..core.json_fields import Document, is_object, items, text
from ..core.redaction import redact
from ..core.url_paths import query_string
from ..http.auth import Signer
from ..http.channel import Channel
from ..http.error_responses import request_name, unexpected, with_budget_note
from ..http.json_replies import document_of
from ..http.polling import POLL_TIMEOUT, Polling, Wait, resume_note, retry_after_of, start_clock
from ..http.retry import DEFAULT, LONGEST_WAIT, NO_RETRY, NOT_PROCESSED, RetryPolicy, poll_intervals, retry_after
from ..http.retry_budget import RETRY_AFTER_TIMEOUT
from ..http.trusted_hosts import Audience
from ..wire import Wire
from .credentials import Tokens
from .settings import ServiceSettings, Settings
from .signers import Bearer

logger = logging.getLogger("maas_client")

CREATE_ATTEMPTS = 2
"""Creation attempts: the second follows a lost reply if the resource was not found. Each attempt obeys the retry
policy, so a creation request is sent at most ten times."""

MAX_PAGES = 10_000

LARGEST_PAGE = 10_000
"""Maximum objects per page of a listing; the service's own pages have a hundredth of that, and each becomes a value."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A long-running operation: its URL, and whether the response is a status document or the result itself.

    `pause` is the Retry-After in seconds before the first poll. `secret_reply` says that
    the result is a secret.
    """

    url: str
    is_status: bool
    pause: float = 0.0
    secret_reply: bool = False


def operation_of(reply: Reply) -> Operation | None:
    """Return the operation that a response starts: `Azure-AsyncOperation`, else `Location`, else None.

    The order is that of azure-mgmt-core 1.6.0 `ARMPolling`; without either header the resource's own
    `provisioningState` is its state.
    """
    if url := reply.headers.get("azure-asyncoperation"):
        return Operation(url, is_status=True, pause=retry_after(reply) or 0.0)
    if reply.status in {201, 202} and (url := reply.headers.get("location")):
        return Operation(url, is_status=False, pause=retry_after(reply) or 0.0)
    return None


@dataclass(frozen=True, slots=True)
class ResourceManager:
    """Requests to Resource Manager under one resource. Paths are relative to it, or begin with /subscriptions."""

    channel: Channel
    settings: ServiceSettings
    tokens: Tokens

    @property
    def wire(self) -> Wire:
        """The wire that sends the requests."""
        return self.channel.wire

    @property
    def scope(self) -> str:
        """The scope of tokens for Resource Manager."""
        return f"{self.settings.cloud.resource_manager}/.default"

    @property
    def signer(self) -> Signer:
        """The token for Resource Manager, which the ML data plane accepts too."""
        return Bearer(self.tokens, self.scope)

    def url(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return the URL of a path, with the api-version: by default that of the resource above it."""
        base = self.settings.endpoint
        if not f"{path}/".startswith("/subscriptions/"):
            base += self.settings.resource_path
        asked = query or {}
        version = asked.get("api-version", self.settings.resource_api_version)
        return f"{base}{path}?{query_string({**asked, 'api-version': version})}"

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        policy: RetryPolicy = DEFAULT,
        timeout: float = 60.0,
        secret_reply: bool = False,
        signer: Signer | None = None,
    ) -> tuple[Document, Reply]:
        """Send a request and return the response's document (empty without one) and the response itself.

        `timeout` is in seconds, for every wait for bytes of one attempt. `secret_reply` says that the response holds
        keys or similar, so that no error keeps it. `signer` replaces the token for Resource Manager.
        """
        url = self.url(path, query)
        request = replace(_request(method, url, body, repeatable, timeout), secret_reply=secret_reply)
        reply = await self.channel.send(request, audience=Audience.ARM, signer=signer or self.signer, policy=policy)
        return document_of(request, reply), reply

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Document:
        """Return the document at a path; raise NotFound without one."""
        request = _request("GET", self.url(path, query))
        reply = await self.channel.send(request, audience=Audience.ARM, signer=self.signer)
        return document_of(request, reply)

    async def find(self, path: str) -> Document | None:
        """Return the document at a path, or None."""
        document, _ = await self.get_or_none(path)
        return document

    async def get_or_none(
        self, path: str, *, policy: RetryPolicy = DEFAULT, timeout: float = 60.0
    ) -> tuple[Document | None, Reply]:
        """Return the document at a path, or None, and the response itself."""
        request = _request("GET", self.url(path), timeout=timeout)
        reply = await self.channel.send(request, audience=Audience.ARM, signer=self.signer, accept={404}, policy=policy)
        return (None if reply.status == 404 else document_of(request, reply)), reply

    async def create(self, path: str, body: object, *, signer: Signer | None = None) -> tuple[Document, Reply | None]:
        """PUT under a name chosen by the client; read the document back whenever the outcome is unknown.

        Returns the document and the response to the PUT, or None for the response if the document was read back: then
        another caller may have created it.
        """
        intervals = poll_intervals(0.5, 8.0)
        attempts = 1 if self.channel.options.max_retries == 0 else CREATE_ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                document, reply = await self.request("PUT", path, body, repeatable=False, signer=signer)
                return (document, reply) if document else (await self.get(path), reply)
            except (ReplyLost, ServiceUnavailable, Conflict) as doubt:
                # Assumption: A GET finds at once what a PUT has created in Resource Manager.
                # Shown wrong by: 404 for a GET that follows a PUT with status 200 or 201.
                # Verified by: upload data, create job, deploy, create cluster
                # If wrong: After a lost answer the same PUT is sent a second time, with the same name and body.
                if (found := await self._read_back(path, doubt, next(intervals))) is not None:
                    return found, None
                if attempt == attempts or not _may_be_created_again(doubt):
                    raise
                # The second PUT repeats the first, so it takes tokens from the retry budget.
                if not await self.channel.budget.take(RETRY_AFTER_TIMEOUT):
                    raise with_budget_note(doubt) from None
                logger.info("PUT %s: nothing was created; sent again after: %s", path, type(doubt).__name__)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _read_back(self, path: str, doubt: ReplyLost | ServiceError, interval: float) -> Document | None:
        """Read back what may have been created; raise the original error if that fails.

        A conflict may be with this very request: a gateway answered 503 after it was processed, and it was retried.
        """
        asked = retry_after_of(doubt) or 0.0
        if asked > LONGEST_WAIT:
            raise doubt
        if not isinstance(doubt, Conflict):
            await self.wire.sleep(max(interval, asked))
        try:
            return await self.find(path)
        except (TransportError, ServiceError, CredentialError) as unread:
            raise doubt from unread

    async def pages(
        self, path: str, query: Mapping[str, str] | None = None, *, most: int | None = None
    ) -> AsyncIterator[Document]:
        """Yield the objects of a listing, page by page, until there is no `nextLink`, or of the first `most` pages."""
        async for item in self.pages_from(self.url(path, query), most=most):
            yield item

    async def pages_from(self, url: str, *, key: str = "value", most: int | None = None) -> AsyncIterator[Document]:
        """Yield the objects of a listing as `pages` does, from a page's URL on; `key` is where a page has them."""
        seen: set[str] = set()
        while url:
            request = _request("GET", url)
            reply = await self.channel.send(request, audience=Audience.ARM, signer=self.signer)
            document = document_of(request, reply)
            page = items(document, key)
            if len(page) > LARGEST_PAGE:
                raise unexpected(request, reply, f"a page of the listing has more than {LARGEST_PAGE} objects")
            for item in page:
                if is_object(item):
                    yield item
            seen.add(url)
            if len(seen) == most:
                return
            url = text(document, "nextLink")
            if url in seen or len(seen) > MAX_PAGES:
                raise unexpected(request, reply, "the listing never ends: its nextLink repeats")

    async def poll_operation(self, operation: Operation) -> tuple[tuple[Document, bool], float | None]:
        """Poll an operation once; return its document, whether it has succeeded, and the Retry-After in seconds.

        Raises OperationFailed, with the service's reason, if it has failed or was canceled.
        """
        request = replace(_request("GET", operation.url, timeout=POLL_TIMEOUT), secret_reply=operation.secret_reply)
        reply = await self.channel.send(request, audience=Audience.ARM, signer=self.signer, policy=NO_RETRY)
        document = document_of(request, reply)
        if not operation.is_status:
            return (document, reply.status != 202), retry_after(reply)
        # Assumption: The status document of an operation ends with Succeeded, Failed or Canceled, and with no other
        #   word.
        # Shown wrong by: A last `status` that is another word.
        # Verified by: deploy, deploy on own compute, create cluster, create deployment
        # If wrong: The wait lasts until its timeout, although the operation has ended.
        status = text(document, "status").lower()
        if status in {"failed", "canceled"}:
            code, detail = (redact(text(document, "error", key)) for key in ("code", "message"))
            del document  # tracebacks may show local variables
            raise OperationFailed(request_name(request), status=status, code=code, detail=detail)
        return (document, status == "succeeded"), retry_after(reply)

    async def wait_for_operation(self, operation: Operation, *, timeout: float, resume: str) -> Document:
        """Poll an operation until it has succeeded, tolerating transient errors, and return its last document.

        `timeout` is in seconds; `resume` says in the error how to resume. Raises OperationFailed or WaitTimeout.
        """
        wait = Wait("the operation", resume, start_clock(self.wire), timeout, seen=True)
        intervals = poll_intervals(1.0, 30.0)

        def pause(asked: float | None) -> float:
            return wait.next_pause("has not ended", next(intervals), asked, operation)

        poll = partial(self.poll_operation, operation)
        with resume_note(wait.what, resume):
            delay = wait.next_pause("has not ended", operation.pause, None, operation)
            async for found in Polling(self.wire, wait, poll, pause, delay=delay):
                if found is not None and found[1]:
                    return found[0]
        raise AssertionError("unreachable: polling ends with a result or an error")


@dataclass(frozen=True, slots=True)
class Arm(ResourceManager):
    """Requests to Resource Manager under one workspace."""

    settings: Settings


def _may_be_created_again(doubt: ReplyLost | ServiceError) -> bool:
    """Return whether a PUT may be repeated if nothing exists under its name.

    Requests that were not processed have been retried already, and a conflict would recur.
    """
    return not isinstance(doubt, Conflict) and not (isinstance(doubt, ServiceError) and doubt.status in NOT_PROCESSED)


def _request(
    method: str, url: str, body: object = None, repeatable: bool | None = None, timeout: float = 60.0
) -> Request:
    headers = {"Accept": "application/json"}
    if body is None:
        return Request(method, url, headers, repeatable=repeatable, timeout=timeout)
    typed = {**headers, "Content-Type": "application/json"}
    return Request(method, url, typed, json_body(body), repeatable, timeout)
