"""Authorization of requests: bearer token, endpoint key, SAS, SharedKey, or none."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import formatdate
from hashlib import sha256
from urllib.parse import parse_qsl, unquote, urlsplit

from ..core.errors import CredentialError, UntrustedHost
from ..core.http_messages import Reply, Request
from ..core.redaction import redact
from ..core.secret_text import Secret, SecretHeader, SecretText, SecretUrl
from ..http.auth import Signer, Unsigned
from ..http.trusted_hosts import Audience
from .credentials import Tokens


@dataclass(frozen=True, slots=True)
class Bearer:
    """An Entra token for one scope."""

    tokens: Tokens
    scope: str

    @property
    def any_port(self) -> bool:
        """A token is valid for the service that it was requested for."""
        return False

    async def sign(self, request: Request) -> Request:
        """Add the token."""
        return _authorized(request, "Bearer", await self.tokens.get(self.scope))

    async def renew(self, request: Request, reply: Reply) -> bool:
        """Replace the token that was rejected, answering the challenge if there is one."""
        return await self.tokens.renew(self.scope, refused_secret(request), reply.headers.get("www-authenticate", ""))


@dataclass(frozen=True, slots=True)
class EndpointKey(Unsigned, Secret):
    """A serverless endpoint's key. The service requires the prefix `Bearer`, which the sample notebook omits."""

    key: SecretText = field(repr=False)

    async def sign(self, request: Request) -> Request:
        """Add the key; raise CredentialError for one that is not valid in a header."""
        if not (self.key.reveal().isascii() and self.key.reveal().isprintable()):
            raise CredentialError("the endpoint's key contains invalid characters; copy it again")
        return _authorized(request, "Bearer", self.key)


@dataclass(frozen=True, slots=True)
class Sas(Unsigned, Secret):
    """A shared access signature, added to the URL."""

    token: SecretText = field(repr=False)

    @property
    def expires(self) -> float:
        """Expiry in seconds since 1970; 0 if it is not stated."""
        ends = dict(parse_qsl(self.token.reveal().lstrip("?"))).get("se", "")
        try:
            return datetime.fromisoformat(ends).timestamp()
        except (ValueError, OverflowError, OSError):
            return 0.0

    async def sign(self, request: Request) -> Request:
        """Add the signature."""
        self.token.register()
        return replace(request, signature=self.token)


@dataclass(frozen=True, slots=True)
class SharedKey(Unsigned, Secret):
    """A storage account's key, which signs each request; `account` is the account's bare name."""

    account: str
    key: SecretText = field(repr=False)
    now: Callable[[], float]

    async def sign(self, request: Request) -> Request:
        """Add the date and the signature over method, headers and resource."""
        dated = replace(request, headers={**request.headers, "x-ms-date": formatdate(self.now(), usegmt=True)})
        signature = self._signature(string_to_sign(dated, self.account))
        if signature is None:
            raise CredentialError(f"the key of storage account {self.account!r} is not base64")
        self.key.register()
        return _authorized(dated, f"SharedKey {self.account}", signature, ":")

    def _signature(self, text: str) -> SecretText | None:
        """Sign a text; None if the key is not base64."""
        try:
            digest = hmac.digest(base64.b64decode(self.key.reveal(), validate=True), text.encode(), sha256)
        except ValueError:
            return None
        return SecretText(base64.b64encode(digest).decode())


def for_signed_url(address: SecretText, request: Request) -> tuple[Request, Signer]:
    """Return a request for a signed URL, and the signer that adds its signature."""
    where = address.reveal().partition("?")[0]
    signature = SecretUrl(address.reveal().partition("?")[2])
    if not _VALID_QUERY.fullmatch(signature.reveal()):
        raise UntrustedHost(redact(where), str(Audience.BLOB), "its query contains whitespace or invalid characters")
    return replace(request, url=where), Sas(signature) if signature else Unsigned()


_VALID_QUERY = re.compile(r"[!-\[\]-~]*")


_SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


def string_to_sign(request: Request, account: str) -> str:
    """Return the text that a SharedKey signature covers.

    learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, version 2015-02-21 and later.
    """
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    headers |= {name.lower(): value.reveal().strip() for name, value in request.secret_headers.items()}
    size = len(request.body) if isinstance(request.body, bytes) else request.body.size
    headers["content-length"] = str(size) if size else ""
    parts = urlsplit(request.url)
    own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-ms-"))
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query.setdefault(name.lower(), []).append(value)
    resource = f"/{account}{parts.path}" + "".join(
        f"\n{name}:{','.join(sorted(query[name]))}" for name in sorted(query)
    )
    return "\n".join([request.method, *(headers.get(name, "") for name in _SIGNED_HEADERS), own + resource])


def account_of(url: str) -> str:
    """Return the storage account's name: the host's first label, or the first path segment for an IP address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ".blob." in host:
        return host.partition(".")[0]
    return unquote(parts.path.lstrip("/").partition("/")[0]).partition(".")[0]


def refused_secret(request: Request) -> SecretText:
    """Return the token or key that a request was signed with."""
    sent = request.secret_headers.get("Authorization")
    return SecretText(sent.reveal().removeprefix("Bearer ") if sent is not None else "")


def _authorized(request: Request, scheme: str, secret: SecretText, joint: str = " ") -> Request:
    """Add the Authorization header of a request without ever storing its value in a local variable."""
    secret.register()
    header = SecretHeader(f"{scheme}{joint}{secret.reveal()}")
    return replace(request, secret_headers={**request.secret_headers, "Authorization": header})
