"""A small client of a Foundry account's Resource Manager and inference, which uses only httpx."""

from typing import Any

import httpx

from mock_server.server import Server

ACCOUNTS = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts"
ACCOUNT = f"{ACCOUNTS}/acct"
VERSION = {"api-version": "2025-09-01"}
BASE_MODEL = {"format": "OpenAI", "name": "gpt-4.1-mini", "version": "2025-04-14"}
Json = dict[str, Any]


class Resource:
    """One account of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.http = httpx.Client(
            base_url=server.endpoint, headers={"Authorization": "Bearer token"}, trust_env=False, verify=False
        )

    def close(self) -> None:
        """Close the connection pool."""
        self.http.close()

    def arm(self, method: str, path: str = "", body: object = None, **more: Any) -> httpx.Response:
        """Send a request below the account."""
        return self.http.request(method, ACCOUNT + path, params=VERSION, json=body, **more)

    def deploy(
        self, name: str = "dep", sku: str = "GlobalStandard", capacity: int = 100, model: Json | None = None
    ) -> httpx.Response:
        """Create a deployment, of a base model unless `model` changes that."""
        model = {**BASE_MODEL, **(model or {})}
        body = {"sku": {"name": sku, "capacity": capacity}, "properties": {"model": model}}
        return self.arm("PUT", f"/deployments/{name}", body)

    def state(self, name: str = "dep") -> str:
        """Return a deployment's provisioning state, or the error's code."""
        found = self.arm("GET", f"/deployments/{name}").json()
        return str(found["error"]["code"] if "error" in found else found["properties"]["provisioningState"])

    def key(self) -> str:
        """Return the account's first key."""
        return str(self.arm("POST", "/listKeys").json()["key1"])


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Return an answer's status and the code of its error."""
    return answer.status_code, str(answer.json()["error"]["code"])
