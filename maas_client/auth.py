"""Tokens from an azure-identity credential: cached, refreshed early, fetched once however many ask."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from typing import Any, Protocol

from .errors import CredentialError
from .settings import Settings
from .trust import redact
from .wire import BlockingWire, Wire

REFRESH_EARLY = 300.0
"""Seconds before its expiry from which a token is replaced."""

STORAGE_SCOPE = "https://storage.azure.com/.default"

_CLAIMS = re.compile(r'claims="([^"]+)"')


class AccessToken(Protocol):
    """What a credential hands out."""

    @property
    def token(self) -> str:
        """The bearer token."""
        ...

    @property
    def expires_on(self) -> int:
        """When it ends, in seconds since 1970."""
        ...


class TokenCredential(Protocol):
    """Any azure-identity credential; an asynchronous one serves in the asynchronous client."""

    @property
    def get_token(self) -> Callable[..., Any]:
        """Return an AccessToken for the scopes, or a coroutine of one."""
        ...


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    expires_on: float


class _LocalCredential:
    """What an endpoint on this machine gets: a bearer token that opens nothing."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return _Fixed("local", 1 << 40)


@dataclass(frozen=True, slots=True)
class _Fixed:
    token: str = field(repr=False)
    expires_on: int


def default_credential(settings: Settings) -> TokenCredential:
    """Return the credential to use when none was given.

    DefaultAzureCredential of the settings' cloud; azure-identity is imported only here, for it costs half a second.
    An endpoint on this machine needs none.
    """
    if settings.is_loopback:
        return _LocalCredential()
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(authority=settings.cloud.sign_in)


class Tokens:
    """Bearer tokens by scope. The credential is made on first use and called off the event loop."""

    def __init__(self, wire: Wire, credential: Callable[[], TokenCredential]) -> None:
        self._wire, self._make = wire, credential
        self._credential: TokenCredential | None = None
        self._tokens: dict[str, _Token] = {}
        self._lock = wire.lock()

    async def get(self, scope: str) -> str:
        """Return a token for the scope that is good for the next minutes; raise CredentialError without one."""
        if (token := self._fresh(scope)) is not None:
            return token.value
        async with self._lock:
            return (self._fresh(scope) or await self._refreshed(scope)).value

    async def renew(self, scope: str, refused: str, challenge: str) -> bool:
        """Replace a token that the service refused; say whether there is another one to try."""
        async with self._lock:
            known = self._tokens.get(scope)
            if known is not None and known.value != refused:
                return True
            return (await self._fetch(scope, _claims(challenge))).value != refused

    async def _refreshed(self, scope: str) -> _Token:
        """A new token, or the old one for as long as it is good when there is no new one to be had."""
        try:
            return await self._fetch(scope, "")
        except CredentialError:
            old = self._tokens.get(scope)
            if old is not None and old.expires_on > self._wire.now():
                return old
            raise

    def _fresh(self, scope: str) -> _Token | None:
        token = self._tokens.get(scope)
        return token if token is not None and token.expires_on - self._wire.now() > REFRESH_EARLY else None

    async def _fetch(self, scope: str, claims: str) -> _Token:
        options = {"claims": claims} if claims else {}
        try:
            access = await self._ask(scope, options)
            token = _Token(str(access.token), float(access.expires_on))
        except Exception as error:  # a credential may raise anything; all of it means that there is no token
            raise CredentialError(
                f"no token for {scope}: {redact(str(error)).strip() or type(error).__name__}. "
                "Sign in with `az login`, or pass a credential of azure-identity."
            ) from None
        self._tokens[scope] = token
        return token

    async def _ask(self, scope: str, options: dict[str, str]) -> AccessToken:
        if self._credential is None:
            self._credential = await self._wire.call(self._make)
        get_token = self._credential.get_token
        if iscoroutinefunction(get_token):
            if isinstance(self._wire, BlockingWire):
                raise TypeError("the credential is asynchronous: use AsyncMaasClient, or one from azure.identity")
            token: AccessToken = await get_token(scope, **options)
            return token
        return await self._wire.call(lambda: get_token(scope, **options))


def _claims(challenge: str) -> str:
    """The claims of a continuous-access-evaluation challenge (`WWW-Authenticate: Bearer … claims="base64"`)."""
    found = _CLAIMS.search(challenge)
    if found is None:
        return ""
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except ValueError:
        return ""
