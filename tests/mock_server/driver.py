"""A small client that uses only httpx, so that tests show the wire protocol itself."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from mock_server.server import Server

MODEL = "azureml://registries/azureml/models/Phi-3-mini-4k-instruct/versions/15"
A100 = "Standard_NC24ads_A100_v4"
VERSION = {"api-version": "2024-10-01-preview"}
Json = dict[str, Any]


def row(question: str, answer: str) -> Json:
    """Return a row of a chat dataset."""
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def rows(count: int = 40) -> bytes:
    """Return a dataset of `count` different rows."""
    made = [row(f"What is the capital of country {n}?", f"City number {n}.") for n in range(count)]
    return "".join(json.dumps(one) + "\n" for one in made).encode()


class Azure:
    """One workspace of a server."""

    def __init__(self, server: Server, workspace: str = "ws") -> None:
        self.server = server
        self.ws = (
            f"/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
        )
        headers = {"Authorization": "Bearer token"}
        # Loading the system's certificates takes longer than most tests.
        self.http = httpx.Client(
            base_url=server.endpoint, headers=headers, params=VERSION, trust_env=False, verify=False
        )
        self.plain = httpx.Client(trust_env=False, verify=False)
        self.keyed = httpx.Client(
            base_url=server.endpoint, headers={"api-key": "key"}, trust_env=False, verify=False
        )  # for Foundry's data plane, of the same server

    def close(self) -> None:
        """Close the connection pools."""
        for pool in (self.http, self.plain, self.keyed):
            pool.close()

    def follow(self, url: str) -> httpx.Response:
        """GET an address returned by the server, unchanged."""
        return self.plain.get(url, headers={"Authorization": "Bearer token"})

    def get(self, path: str, **query: str) -> httpx.Response:
        """GET a path below the workspace."""
        return self.http.get(self.ws + path, params={**VERSION, **query})

    def put(self, path: str, body: Json) -> httpx.Response:
        """PUT a body below the workspace."""
        return self.http.put(self.ws + path, json=body)

    def post(self, path: str, body: Json | None = None) -> httpx.Response:
        """POST below the workspace."""
        return self.http.post(self.ws + path, json=body)

    def blob_url(self, path: str, secret: str | None = None) -> str:
        """Return a blob's address with its SAS, built from the datastore document."""
        store = self.get("/datastores/workspaceblobstore").json()["properties"]
        place = f"{store['protocol']}://{store['accountName']}.blob.{store['endpoint']}/{store['containerName']}/{path}"
        return f"{place}?{self.sas() if secret is None else secret}"

    def sas(self) -> str:
        """Request a SAS token."""
        answer = self.post("/datastores/workspaceblobstore/listSecrets", {"expirableSecret": True})
        return str(answer.json()["sasToken"])

    def upload(self, content: bytes, path: str = "data/train.jsonl") -> httpx.Response:
        """Put a blob."""
        return self.plain.put(self.blob_url(path), content=content, headers={"x-ms-blob-type": "BlockBlob"})

    def asset(self, content: bytes, name: str = "train", path: str = "data/train.jsonl") -> str:
        """Upload a dataset and make it version 1 of an asset; returns the asset's id."""
        assert self.upload(content, path).status_code == 201
        uri = f"azureml://datastores/workspaceblobstore/paths/{path}"
        made = self.put(f"/data/{name}/versions/1", {"properties": {"dataUri": uri, "dataType": "uri_file"}})
        assert made.status_code in (200, 201), made.text
        return str(made.json()["id"])

    def job_body(self, data: str, **changes: Any) -> Json:
        """Return a job's body; `changes` are merged into its properties."""
        details = {
            "modelProvider": "Custom",
            "taskType": "chatCompletion",
            "model": {"jobInputType": "mlflow_model", "uri": MODEL},
            "trainingData": {"jobInputType": "uri_file", "uri": data},
            "hyperParameters": {"num_train_epochs": "2"},
        }
        outputs = {"registered_model": {"jobOutputType": "mlflow_model", "assetName": "tuned"}}
        properties = {"jobType": "FineTuning", "fineTuningDetails": details, "outputs": outputs, **changes}
        return {"properties": properties}

    def job(self, name: str = "job", content: bytes | None = None, **changes: Any) -> httpx.Response:
        """Upload data and create a job."""
        data = self.asset(rows() if content is None else content)
        return self.put(f"/jobs/{name}", self.job_body(data, **changes))

    def status(self, name: str = "job") -> str:
        """Return a job's state."""
        return str(self.get(f"/jobs/{name}").json()["properties"]["status"])

    def cluster(self, name: str = "gpu", *, size: str = A100, most: int = 1, **settings: Any) -> httpx.Response:
        """Create a cluster and wait for it; families with GPUs need a quota before."""
        scale = {"maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": "PT5M"}
        inner = {"vmSize": size, "scaleSettings": scale, **settings}
        made = self.put(f"/computes/{name}", {"properties": {"computeType": "AmlCompute", "properties": inner}})
        assert made.status_code == 201, made.text
        self.server.advance(2)
        return made

    def endpoint(self, name: str = "ep", model: str = "azureml://registries/azureml/models/Phi-4") -> httpx.Response:
        """Create an endpoint."""
        return self.put(
            f"/serverlessEndpoints/{name}",
            {"location": "eastus2", "properties": {"modelSettings": {"modelId": model}}},
        )

    def tuned(self) -> str:
        """Run a job to its end and return its model's id."""
        assert self.job().status_code == 201
        self.server.advance(3600)
        return str(self.get("/jobs/job").json()["properties"]["outputs"]["registered_model"]["uri"])

    def key(self, name: str = "ep") -> str:
        """Return an endpoint's primary key."""
        return str(self.post(f"/serverlessEndpoints/{name}/listKeys").json()["primaryKey"])

    def chat(
        self, message: object, name: str = "ep", *, key: str | None = None, extra: str | None = None, **more: Any
    ) -> httpx.Response:
        """Send a chat request to an endpoint; `extra` is the header extra-parameters."""
        headers = {"Authorization": f"Bearer {key or self.key(name)}"}
        headers |= {} if extra is None else {"extra-parameters": extra}
        messages: object = [{"role": "user", "content": message}] if isinstance(message, str) else message
        body = {"messages": messages, **more}
        url = f"{self.server.endpoint}/maas/{name}/v1/chat/completions"
        return self.plain.post(url, json=body, headers=headers)


def events(answer: httpx.Response) -> Iterator[Json]:
    """Return the chunks of a streamed response, without the end marker."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return (json.loads(line) for line in lines[:-1])


def operations(server: Server) -> Sequence[str]:
    """Return the names of the operations in the journal."""
    return [str(entry["operation"]) for entry in server.requests()]
