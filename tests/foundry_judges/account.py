"""What each judge needs to reach the account: addresses, the key, credentials of both kinds, and training data."""

import time
from types import TracebackType
from typing import Any, Self

import httpx
from azure.core.credentials import AccessToken

from mock_server.server import Server
from tests.mock_server.driver import rows

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "rg"
NAME = "acct"
MODEL = "ministral-3b"
FORMAT = "Mistral AI"
QUESTION = "What is the capital of country 7?"
ANSWER = "City number 7."
TRAINING = rows()


class Token:
    """A credential that never expires, and remembers the scopes that it was asked for."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # Any: what azure-core's protocol prescribes
        """Give the token."""
        self.scopes.extend(scopes)
        return AccessToken("static", int(time.time()) + 86_400)


class AsyncToken:
    """The same for asynchronous clients."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # Any: as above
        """Give the token."""
        self.scopes.extend(scopes)
        return AccessToken("static", int(time.time()) + 86_400)

    async def close(self) -> None:
        """Close nothing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        return


class Account:
    """The account of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.v1 = f"{server.endpoint}/openai/v1/"
        self.project = f"{server.endpoint}/api/projects/demo"
        self.arm = (
            f"{server.endpoint}/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
            f"/providers/Microsoft.CognitiveServices/accounts/{NAME}"
        )

    def request(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request to Resource Manager, below the account."""
        with httpx.Client(verify=False, trust_env=False) as http:
            return http.request(
                method,
                self.arm + path,
                params={"api-version": "2025-09-01"},
                headers={"Authorization": "Bearer token"},
                json=body,
            )

    def key(self) -> str:
        """Return the account's first key."""
        return str(self.request("POST", "/listKeys").json()["key1"])

    def deploy(self, model: str, name: str = "dep") -> None:
        """Deploy a tuned model, and wait until it answers."""
        body = {
            "sku": {"name": "GlobalStandard", "capacity": 100},
            "properties": {"model": {"format": FORMAT, "name": model, "version": "1"}},
        }
        made = self.request("PUT", f"/deployments/{name}", body)
        assert made.status_code == 201, made.text
        self.server.advance(600)

    def asked(self) -> list[str]:
        """Return the names of the operations in the journal."""
        return [str(entry["operation"]) for entry in self.server.requests()]
