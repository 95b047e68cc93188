"""What a client may set for all its requests: timeout, retries, headers, user agent, hooks."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from .._version import __version__
from ..core.arguments import TIMEOUT, Number, check_mapping, check_text
from ..core.errors import SettingsError
from ..core.http_messages import Request
from .events import EventHooks, Hooks, hooks_of
from .retry import ATTEMPTS, RetryPolicy

USER_AGENT = f"maas-client/{__version__} Python/{platform.python_version()}"

MOST_RETRIES = 9
"""Most retries that can be chosen: no request is ever sent more than ten times."""

RETRIES = Number("an integer, 0 or more", 0, whole=True)

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_OWN = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-md5"),
        *("content-type", "expect", "extra-parameters", "host", "if-match", "if-none-match", "range", "te", "trailer"),
        *("transfer-encoding", "upgrade", "user-agent"),
    }
)
_SECRET = re.compile(r"auth|cookie|credential|key|passw|secret|signature|token")
_FREE = frozenset({"x-ms-client-request-id", "x-ms-correlation-request-id"})


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """The options of a client. None leaves a request's own timeout, and the policy's own number of attempts."""

    timeout: float | None = None
    max_retries: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType[str, str]({}), repr=False)
    user_agent: str = ""
    hooks: Hooks = field(default_factory=lambda: MappingProxyType[str, Any]({}), repr=False)

    def changed(
        self,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        event_hooks: EventHooks | None = None,
    ) -> ClientOptions:
        """Return these options with some replaced; headers and hooks are added to those that there are.

        Raises InvalidInput for a number out of range, SettingsError for headers and hooks that cannot be used.
        """
        TIMEOUT.check("timeout", timeout)
        RETRIES.check("max_retries", max_retries)
        if max_retries is not None and max_retries > MOST_RETRIES:
            raise SettingsError(f"max_retries={max_retries} is too large: at most {MOST_RETRIES}")
        check_mapping("headers", headers or {})
        for name, value in (headers or {}).items():
            _check_header(name, value)
        if user_agent is not None:
            check_text("user_agent", user_agent)
        if user_agent and not _VALUE.fullmatch(user_agent):
            raise SettingsError("user_agent must be printable ASCII, such as 'my-app/1.0'")
        added = {name.lower() for name in headers or {}}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in added}
        hooks = hooks_of(event_hooks)
        every = {name: (*self.hooks.get(name, ()), *hooks.get(name, ())) for name in {*self.hooks, *hooks}}
        return replace(
            self,
            timeout=self.timeout if timeout is None else timeout,
            max_retries=self.max_retries if max_retries is None else max_retries,
            headers=MappingProxyType({**kept, **(headers or {})}),
            user_agent=user_agent or self.user_agent,
            hooks=MappingProxyType(every),
        )

    def applied(self, request: Request, client_request_id: str) -> Request:
        """Return a request with these options; what the request itself sets takes precedence."""
        agent = f"{USER_AGENT} {self.user_agent}".rstrip()
        own = {"User-Agent": agent, "x-ms-client-request-id": client_request_id}
        given = {name.lower() for name in self.headers}
        own = {name: value for name, value in own.items() if name.lower() not in given}
        timeout = request.timeout if self.timeout is None or request.fixed_timeout else self.timeout
        return replace(request, headers={**own, **self.headers, **request.headers}, timeout=timeout)

    def policy_of(self, policy: RetryPolicy, request: Request) -> RetryPolicy:
        """Return the policy for a request: one attempt stays one, and more than the default only where it is safe."""
        if self.max_retries is None or policy.attempts == 1:
            return policy
        most = MOST_RETRIES + 1 if request.is_repeatable else ATTEMPTS
        return replace(policy, attempts=min(self.max_retries + 1, most))


def _check_header(name: str, value: object) -> None:
    """Raise SettingsError for a header that is not valid, that the client sets itself, or that holds a secret.

    Headers go to every host that the client trusts, the storage accounts and endpoints of others among them.
    """
    lower = name.lower()
    if not _NAME.fullmatch(name):
        raise SettingsError(f"headers: {name!r} is not a valid name of a header")
    if lower in _OWN or (lower.startswith("x-ms-") and lower not in _FREE):
        more = " (`user_agent=` adds to it)" if lower == "user-agent" else ""
        raise SettingsError(f"headers: the client sets {name} itself{more}")
    if _SECRET.search(lower):
        raise SettingsError(
            f"headers: {name} looks like a secret, and these headers go to every host that the client sends requests "
            "to. Let a `transport` or an `http_client` add it for the hosts that it is for"
        )
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise SettingsError(f"headers: the value of {name} must be a string of printable ASCII characters")
