"""Tokens from an azure-identity credential: cached, refreshed early, fetched once for all concurrent callers."""

from __future__ import annotations

import base64
import logging
import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from typing import Any, Protocol

from ..core.errors import ClientClosed, CredentialError, SettingsError
from ..core.redaction import redact, without_traceback
from ..core.secret_text import Secret, SecretText
from ..wire import BlockingWire, Wire, check_proxy
from .clouds import PUBLIC
from .settings import ServiceSettings

logger = logging.getLogger("maas_client")

REFRESH_EARLY = 300.0
"""Seconds before its expiry from which a token is replaced."""

LEAST_USE = 60.0
"""Minimum seconds for which a new token or signature is used unless it is rejected, whatever expiry it states."""

FAILED_RENEWAL_PAUSE = 30.0
"""Seconds before a credential that returned a rejected token again is called again: thousands of requests may ask."""

STORAGE_SCOPE = "https://storage.azure.com/.default"

_CLAIMS = re.compile(r'claims="([^"]+)"')


class AccessToken(Protocol):
    """An access token, as a credential returns it."""

    @property
    def token(self) -> str:
        """The bearer token."""
        ...

    @property
    def expires_on(self) -> int:
        """When it expires, in seconds since 1970."""
        ...


class TokenCredential(Protocol):
    """Any azure-identity credential; asynchronous ones work with the asynchronous client."""

    @property
    def get_token(self) -> Callable[..., Any]:
        """Return an AccessToken for the scopes, or a coroutine of one."""
        ...


@dataclass(frozen=True, slots=True)
class _Token(Secret):
    value: SecretText
    expires_on: float
    good_until: float = 0.0
    """By the wire's monotonic clock: this machine's wall clock may be hours off."""


class _LocalCredential:
    """The credential for a local endpoint: a bearer token without any rights."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return _StaticToken("local", 1 << 40)


@dataclass(frozen=True, slots=True)
class _StaticToken:
    token: str = field(repr=False)
    expires_on: int


def default_credential(settings: ServiceSettings) -> TokenCredential:
    """Return the default credential.

    This is the DefaultAzureCredential of the settings' cloud. azure-identity is imported only here, because the import
    takes half a second. An endpoint on this machine needs no credential.
    """
    if settings.is_loopback:
        return _LocalCredential()
    check_proxy(settings.endpoint)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(authority=settings.cloud.sign_in)


@dataclass(slots=True)
class _TokenRequest:
    """The token requests of a scope: how many there were, why the last one failed, and which renewal did not help.

    `failed_renewal` has the claims for which the credential returned the rejected token again, and the time by the
    wire's clock until which it is not called again for them.
    """

    times: int = 0
    failure: str = ""
    failed_renewal: tuple[str, float] = ("", 0.0)


class Tokens:
    """Bearer tokens by scope. The credential is made on first use and called off the event loop.

    It is called once for all concurrent callers, which share its failure, too.
    """

    def __init__(self, wire: Wire, credential: Callable[[], TokenCredential], *, cloud: str = PUBLIC.name) -> None:
        self._wire, self._make, self._cloud = wire, credential, cloud
        self._credential: TokenCredential | None = None
        self._tokens: dict[str, _Token] = {}
        self._requests: defaultdict[str, _TokenRequest] = defaultdict(_TokenRequest)
        self._lock = wire.lock()

    async def get(self, scope: str) -> SecretText:
        """Return a token for the scope that is valid for some minutes; raise CredentialError if there is none."""
        if (token := self._fresh(scope)) is not None:
            return token.value
        times = self._requests[scope].times
        async with self._lock:
            return (self._fresh(scope) or await self._refreshed(scope, times)).value

    async def renew(self, scope: str, refused: SecretText, challenge: str) -> bool:
        """Replace a token that the service rejected; return whether there is another one to try.

        A credential that returns the same token again is not called for a while (see FAILED_RENEWAL_PAUSE).
        """
        claims = _claims(challenge)
        request = self._requests[scope]
        times = request.times
        async with self._lock:
            known = self._tokens.get(scope)
            if known is not None and known.value != refused:
                return True
            in_vain, until = request.failed_renewal
            if in_vain == claims and self._wire.clock() < until:
                return False
            is_new = (await self._fetch(scope, claims, times)).value != refused
            request.failed_renewal = (claims, 0.0 if is_new else self._wire.clock() + FAILED_RENEWAL_PAUSE)
            return is_new

    async def _refreshed(self, scope: str, times: int) -> _Token:
        """Return a new token, or the old one while it is valid if no new one can be obtained."""
        try:
            return await self._fetch(scope, "", times)
        except CredentialError:
            old = self._tokens.get(scope)
            if old is not None and old.expires_on > self._wire.now():
                return old
            raise

    def _fresh(self, scope: str) -> _Token | None:
        token = self._tokens.get(scope)
        return token if token is not None and self._wire.clock() < token.good_until else None

    async def _fetch(self, scope: str, claims: str, times: int) -> _Token:
        """Call the credential, unless another caller did meanwhile; `times` is how often it had been called before."""
        request = self._requests[scope]
        if request.times > times and request.failure:
            raise self._error(request.failure)
        if request.times > times and not claims:
            return self._tokens[scope]
        options = {"claims": claims} if claims else {}
        token = await self._call_credential(scope, options)
        if isinstance(token, str):
            logger.debug("no token for %s: %s", scope, token)
            request.times, request.failure = request.times + 1, token
            raise self._error(token)
        request.times, request.failure, request.failed_renewal = request.times + 1, "", ("", 0.0)
        left = token.expires_on - self._wire.now() - REFRESH_EARLY
        token = replace(token, good_until=self._wire.clock() + max(left, LEAST_USE))
        self._tokens[scope] = token
        return token

    def _error(self, failure: str) -> CredentialError:
        from .sign_in import sign_in_problem  # here: only failures need it

        problem = sign_in_problem(failure, os.environ, cloud=self._cloud)
        return CredentialError(problem.reason, remedy=problem.remedy, details=failure)

    async def _call_credential(self, scope: str, options: dict[str, str]) -> _Token | str:
        """Call the credential; return the token, or a description of the error.

        Exceptions never include the credential's frames, which hold its secrets.
        """
        try:
            return await self._get_token(scope, options)
        except (ClientClosed, SettingsError):
            raise
        except Exception as error:  # a credential may raise anything; it always means that there is no token
            return redact(str(error)).strip() or type(error).__name__
        except BaseException as stop:
            raise without_traceback(stop) from None

    async def _get_token(self, scope: str, options: dict[str, str]) -> _Token:
        if self._credential is None:
            self._credential = await self._wire.call(self._make)
        get_token = self._credential.get_token
        if iscoroutinefunction(get_token):
            if isinstance(self._wire, BlockingWire):
                raise TypeError("the credential is asynchronous: use AsyncMaasClient, or one from azure.identity")
            return _token_of(await get_token(scope, **options))
        return await self._wire.call(lambda: _token_of(get_token(scope, **options)))


def _token_of(access: AccessToken) -> _Token:
    """Read a credential's token; raise ValueError for one that is not valid in a header."""
    token = _Token(SecretText(str(access.token)), float(access.expires_on))
    del access  # its `repr` shows the token
    if not re.fullmatch(r"[!-~]*", token.value.reveal()):
        raise ValueError("the token contains characters that are not valid in a header")
    return token


def _claims(challenge: str) -> str:
    """The claims of a continuous-access-evaluation challenge (`WWW-Authenticate: Bearer … claims="base64"`)."""
    found = _CLAIMS.search(challenge)
    if found is None:
        return ""
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except ValueError:
        return ""
