"""Managed online endpoints over plain HTTP, for the server's own tests."""

from typing import Any

import httpx

from tests.mock_server.driver import MODEL, Azure, Json

SIZE = "Standard_NC24ads_A100_v4"
HELLO = [{"role": "user", "content": "Hello"}]


class Online:
    """The online endpoints of one workspace."""

    def __init__(self, azure: Azure) -> None:
        self.azure = azure

    def endpoint(self, name: str = "online", *, auth: str = "Key", **properties: Any) -> httpx.Response:
        """Create or change an endpoint; `properties` are such as `traffic`."""
        body = {"location": "eastus2", "properties": {"authMode": auth, **properties}}
        return self.azure.put(f"/onlineEndpoints/{name}", body)

    def deployment(
        self, name: str = "blue", *, endpoint: str = "online", model: str = MODEL, instances: int = 1, **settings: Any
    ) -> httpx.Response:
        """Create or change a deployment; `settings` are such as `livenessProbe`."""
        properties = {"endpointComputeType": "Managed", "model": model, "instanceType": SIZE, **settings}
        body = {"location": "eastus2", "sku": {"name": "Default", "capacity": instances}, "properties": properties}
        return self.azure.put(f"/onlineEndpoints/{endpoint}/deployments/{name}", body)

    def served(self, name: str = "blue", **settings: Any) -> None:
        """Make an endpoint with one deployment that gets all traffic."""
        assert self.endpoint().status_code == 201
        self.azure.server.advance(60)
        made = self.deployment(name, **settings)
        assert made.status_code == 201, made.text
        self.azure.server.advance(60)
        assert self.endpoint(traffic={name: 100}).status_code == 200
        self.azure.server.advance(60)

    def show(self, name: str | None = None, endpoint: str = "online") -> Json:
        """Return the properties of the endpoint, or of one of its deployments."""
        path = f"/onlineEndpoints/{endpoint}" + (f"/deployments/{name}" if name else "")
        shown: Json = self.azure.get(path).json()["properties"]
        return shown

    def key(self, name: str = "online") -> str:
        """Return an endpoint's primary key."""
        return str(self.azure.post(f"/onlineEndpoints/{name}/listKeys").json()["primaryKey"])

    def send(
        self, path: str, body: object, *, name: str = "online", key: str | None = None, pinned: str = ""
    ) -> httpx.Response:
        """POST below the endpoint's host."""
        headers = {"Authorization": f"Bearer {key or self.key(name)}"}
        headers |= {"azureml-model-deployment": pinned} if pinned else {}
        return self.azure.plain.post(f"{self.azure.server.endpoint}/mir/{name}{path}", json=body, headers=headers)

    def score(self, *, messages: object = None, pinned: str = "", **parameters: Any) -> httpx.Response:
        """Send a chat to the image's own address."""
        data = {"input_string": messages or HELLO, "parameters": parameters}
        return self.send("/score", {"input_data": data, "params": {}}, pinned=pinned)
