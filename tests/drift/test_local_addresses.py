"""A recorded URL has one place on a local server."""

from __future__ import annotations

import pytest

from maas_client.drift.local_addresses import local_address
from maas_client.drift.path_patterns import path_pattern

HERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("recorded", "local"),
    [
        ("https://management.azure.com/metadata/endpoints?api-version=1", "/metadata/endpoints?api-version=1"),
        ("https://eastus2.api.azureml.ms/discovery", "/discovery"),
        ("https://account-1.openai.azure.com/openai/v1/files", "/openai/v1/files"),
        ("https://endpoint-1.eastus2.models.ai.azure.com/info", "/maas/endpoint-1/info"),
        ("https://endpoint-1.eastus2.inference.ml.azure.com/score", "/mir/endpoint-1/score"),
        (
            "https://account-1.blob.core.windows.net/container-1?restype=container&comp=list&sig=***&se=***",
            "/container-1?restype=container&comp=list",
        ),
        ("http://localhost/account-1.blob.core.windows.net/container-1/a/b?comp=block", "/container-1/a/b?comp=block"),
        ("http://localhost/maas/endpoint-1/info", "/maas/endpoint-1/info"),
    ],
)
def test_every_host_of_azure_has_its_place(recorded: str, local: str) -> None:
    assert local_address(HERE, recorded) == f"{HERE}{local}"


@pytest.mark.parametrize("recorded", ["https://example.com/", "https://azureml.ms.example.com/x", "https://[::1/x"])
def test_another_host_has_no_place(recorded: str) -> None:
    assert local_address(HERE, recorded) == ""


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("https://x/openai/v1/responses/resp_1", "/openai/v1/responses/*"),
        (f"https://x/openai/v1/things/{'0' * 32}", "/openai/v1/things/*"),
        (
            "https://x/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/a/job-1",
            "/Microsoft.MachineLearningServices/workspaces/*/a/*",
        ),
    ],
)
def test_a_pattern_has_no_names(url: str, pattern: str) -> None:
    assert path_pattern(url) == pattern
