"""azure-ai-ml: the ways to point it at another cloud, and both kinds of blob addresses."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.judges.sdk import Microsoft

ROOT = Path(__file__).parents[2]


def test_the_cloud_is_found_through_the_environment_alone(microsoft: Microsoft, train: Path) -> None:
    endpoint = microsoft.server.endpoint
    environment = {
        **{name: value for name, value in os.environ.items() if name != "AZUREML_CURRENT_CLOUD"},
        "ARM_CLOUD_METADATA_URL": f"{endpoint}/metadata/endpoints?api-version=2019-05-01",
        "REGISTRY_DISCOVERY_ENDPOINT_URL": f"{endpoint}/",
        "REQUESTS_CA_BUNDLE": str(microsoft.server.ca),
    }
    command = [sys.executable, "-m", "tests.judges.cloud_by_environment", str(train)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    location, path, latest = ended.stdout.split()[-3:]
    assert (location, path.rpartition("/")[2], latest) == ("eastus2", "train.jsonl", "15")
    assert microsoft.asked("metadata.endpoints")
    assert [entry["status"] for entry in microsoft.asked("blob.put")] == [201]


def test_blobs_are_addressed_by_path_if_names_do_not_resolve(microsoft: Microsoft, train: Path) -> None:
    microsoft.upload(train)
    (put,) = microsoft.asked("blob.put")
    place = urlsplit(str(put["url"]))
    assert place.netloc == urlsplit(microsoft.server.endpoint).netloc
    assert place.path.startswith("/mockstore.blob.127.0.0.1:")


@pytest.mark.parametrize("credentials", ["sas", "none"])
def test_blobs_are_addressed_by_virtual_host_if_names_resolve(
    microsoft: Microsoft, train: Path, monkeypatch: pytest.MonkeyPatch, credentials: str
) -> None:
    resolve = socket.getaddrinfo

    def on_loopback(host: str, *rest: Any, **more: Any) -> Any:  # Any: as getaddrinfo takes and gives them
        return resolve("127.0.0.1" if host == "mockstore.blob.localhost" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", on_loopback)
    microsoft.settings(datastore_credentials=credentials, blob_addressing="host")
    port = urlsplit(microsoft.server.endpoint).port
    client = microsoft.by_name(f"localhost:{port}")
    made = microsoft.upload(train, client=client)
    (put,) = microsoft.asked("blob.put")
    assert (put["status"], urlsplit(str(put["url"])).netloc) == (201, f"mockstore.blob.localhost:{port}")
    assert made.path == client.data.get("train", version="1").path
