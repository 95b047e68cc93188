"""A program of its own: azure-ai-ml finds the cloud through the environment alone, uploads a file and reads it back.

`python -m tests.judges.cloud_by_environment FILE`, with ARM_CLOUD_METADATA_URL, REGISTRY_DISCOVERY_ENDPOINT_URL and
REQUESTS_CA_BUNDLE set. In a process of its own because the SDK writes its choice of a cloud into the environment.
"""

import sys
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own, while it is imported
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import Data

    from tests.judges.sdk import GROUP, MODEL, SUBSCRIPTION, WORKSPACE, StaticToken


def main(file: str) -> None:
    """Do a little of everything, and print what came of it (`Any`: see sdk.py)."""
    client: Any = MLClient(StaticToken(), SUBSCRIPTION, GROUP, WORKSPACE)
    made = client.data.create_or_update(Data(name="train", version="1", path=file, type="uri_file"))
    registry: Any = MLClient(StaticToken(), registry_name="azureml")
    print(client.workspaces.get(WORKSPACE).location, made.path, registry.models.get(MODEL, label="latest").version)


if __name__ == "__main__":
    main(sys.argv[1])
