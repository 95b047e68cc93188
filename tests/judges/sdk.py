"""Microsoft's SDK pointed at a mock server: nothing of it is replaced, everything is asked for by its own arguments.

Its annotations cover half of what its objects are (whatever may be absent is not there, half of the rest is a bare
`dict`), so its clients and what comes out of them are `Any` here, and the tests say what they must be.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.ai.ml import MLClient, finetuning
from azure.ai.ml._restclient.runhistory import RunHistoryClient
from azure.ai.ml._restclient.runhistory.operations import MetricsOperations
from azure.ai.ml.entities import AmlCompute, Data
from azure.core.credentials import AccessToken

from mock_server.server import Server

SUBSCRIPTION = "00000000-aaaa-bbbb-cccc-000000000001"
GROUP = "judged"
WORKSPACE = "court"
MODEL = "Phi-3-mini-4k-instruct"
MODEL_ID = f"azureml://registries/azureml/models/{MODEL}/versions/15"


class StaticToken:
    """A credential that never expires, and remembers what it was asked for."""

    def __init__(self, token: str = "static") -> None:
        self.token = token
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # Any: what azure-core's protocol prescribes
        """Give the token."""
        self.scopes.extend(scopes)
        return AccessToken(self.token, int(time.time()) + 86_400)


class Microsoft:
    """azure-ai-ml's clients of one server: of a workspace, and of the registry of base models."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.credential = StaticToken()
        host = urlsplit(server.endpoint).netloc
        self.cloud = f"Mock{urlsplit(server.endpoint).port}"
        self.metadata: Mapping[str, str] = {
            "azure_portal": "https://ml.azure.com",
            "resource_manager": server.endpoint,
            "active_directory": "https://login.microsoftonline.com",
            "aml_resource_id": server.endpoint,
            "storage_endpoint": host,
            "registry_discovery_endpoint": f"{server.endpoint}/",
        }
        self.ml = self.client(WORKSPACE)
        self.registry: Any = MLClient(
            self.credential, registry_name="azureml", cloud=self.cloud, cloud_metadata=self.metadata
        )

    def client(self, workspace: str, credential: StaticToken | None = None) -> Any:
        """Make a client of a workspace."""
        return MLClient(
            credential or self.credential,
            SUBSCRIPTION,
            GROUP,
            workspace,
            cloud=self.cloud,
            cloud_metadata=self.metadata,
            polling_interval=1,
        )

    def by_name(self, host: str) -> Any:
        """Make a client of a cloud whose storage accounts are hosts below a name."""
        metadata = {**self.metadata, "storage_endpoint": host}
        cloud = f"{self.cloud}ByName"
        return MLClient(self.credential, SUBSCRIPTION, GROUP, WORKSPACE, cloud=cloud, cloud_metadata=metadata)

    def upload(self, path: Path, name: str = "train", version: str | None = "1", client: Any = None) -> Any:
        """Upload a file and make it an asset."""
        return (client or self.ml).data.create_or_update(
            Data(name=name, version=version, path=str(path), type="uri_file")
        )

    def cluster(self, name: str, **settings: Any) -> Any:
        """Create a cluster of machines with one A100, for which there is quota, and wait for it."""
        self.server.set_quota({"gpu": 1000})
        cluster = AmlCompute(name=name, size="Standard_NC24ads_A100_v4", **settings)
        return self.ml.compute.begin_create_or_update(cluster).result()

    def settings(self, **changes: str) -> None:
        """Change the server's settings for this test."""
        answer = requests.post(
            f"{self.server.endpoint}/_mock/state", json={"settings": changes}, verify=str(self.server.ca), timeout=10
        )
        answer.raise_for_status()

    def asked(self, operation: str) -> list[dict[str, Any]]:  # Any: journal entries are JSON
        """Give the journal's entries of one operation."""
        return [entry for entry in self.server.requests() if entry["operation"] == operation]

    def metrics(self) -> MetricsOperations:
        """Make the client of run metrics: the SDK has one, and no public way to it."""
        scopes = [f"{self.server.endpoint}/.default"]
        return RunHistoryClient(self.credential, endpoint=self.server.endpoint, credential_scopes=scopes).metrics

    def submit(self, data: str, name: str = "job", **more: Any) -> Any:
        """Create a fine-tuning job."""
        notebook: Any = finetuning
        job = notebook.create_finetuning_job(
            model=MODEL_ID,
            task=notebook.FineTuningTaskType.CHAT_COMPLETION,
            training_data=data,
            validation_data=data,
            hyperparameters={"num_train_epochs": "1", "learning_rate": "0.0002"},
            output_model_name_prefix="tuned",
            name=name,
            display_name=f"{name} to show",
            experiment_name="trial",
            tags={"team": "bench"},
            properties={"note": "kept"},
            **more,
        )
        return self.ml.jobs.create_or_update(job)
