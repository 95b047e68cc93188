"""A request is found in the table by its method, path, query and host: on Azure, and on a local server."""

from __future__ import annotations

import pytest

from maas_client.contract.match import match

WS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
ARM, FOUNDRY, LOCAL = "https://management.azure.com", "https://a.services.ai.azure.com", "http://127.0.0.1:8080"
BLOB = "https://acct.blob.core.windows.net"
ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"

REQUESTS = {
    f"GET {ARM}{WS}?api-version=2024-10-01-preview": "workspaces.get",
    f"GET {LOCAL}{WS}/jobs/ft-1?api-version=x": "jobs.get",
    f"GET {ARM}{WS}/jobs": "jobs.list",
    f"GET {ARM}{WS.lower()}/jobs/ft-1": "jobs.get",
    f"PUT {ARM}{WS}/jobs/ft%20%201": "jobs.create",
    f"POST {ARM}{WS}/jobs/cancel/cancel": "jobs.cancel",
    f"GET {ARM}/subscriptions/s/providers/Microsoft.CognitiveServices": "access.provider",
    f"GET {ARM}{WS}/onlineEndpoints/e/deployments/d": "online_deployments.get",
    f"GET https://eastus2.api.azureml.ms/history/v1.0{WS}/runs/r/details": "history.details",
    f"GET {LOCAL}/history/v1.0{WS}/experiments/e/runs/r/details": "history.details",
    f"HEAD {BLOB}/container/LocalUpload/ab/train.jsonl": "blob.head",
    f"PUT {BLOB}/container/a/b?comp=block&blockid=MQ%3D%3D": "blob.put_block",
    f"PUT {BLOB}/container/a/b?sv=1&sig=x": "blob.put",
    f"PUT {LOCAL}/store.blob.127.0.0.1:8080/container/a/b?comp=blocklist": "blob.put_block_list",
    f"GET {BLOB}/container?restype=container&comp=list&prefix=a": "blob.list",
    f"GET {LOCAL}/container/azureml/log.txt?sig=x": "blob.get",
    "POST https://e.eastus2.models.ai.azure.com/v1/chat/completions": "chat.complete",
    f"POST {LOCAL}/maas/e/v1/chat/completions": "chat.complete",
    "POST https://e.eastus2.inference.ml.azure.com/v1/chat/completions": "scoring.chat",
    "POST https://e.eastus2.inference.ml.azure.com/score": "scoring.score",
    f"POST {LOCAL}/mir/e/score": "scoring.score",
    f"POST {FOUNDRY}/openai/v1/chat/completions": "foundry.chat",
    f"GET {FOUNDRY}/api/projects/p/openai/v1/files?limit=100": "foundry.files.list",
    f"POST {FOUNDRY}/api/projects/p/openai/files/import?api-version=2025-11-15-preview": "foundry.files.import",
    f"DELETE {FOUNDRY}/openai/fine_tuning/jobs/ftjob-1?api-version=2025-04-01-preview": "foundry.jobs.delete",
    f"PUT {ARM}{ACCOUNT}/deployments/d": "foundry.deployments.put",
}
UNKNOWN = [
    f"POST {ARM}{WS}",
    f"GET {ARM}{WS}/schedules",
    f"DELETE {FOUNDRY}/openai/v1/fine_tuning/jobs/ftjob-1",
    f"GET {LOCAL}/_mock/requests",
    f"PUT {BLOB}/container/a/b?comp=metadata&sv=1",
    "GET https://example.com/",
    "GET http://[",
]


@pytest.mark.parametrize(("request_line", "operation"), REQUESTS.items())
def test_a_request_is_found(request_line: str, operation: str) -> None:
    found = match(*request_line.split())
    assert found is not None
    assert found.operation.name == operation


@pytest.mark.parametrize("request_line", UNKNOWN)
def test_another_request_is_not_found(request_line: str) -> None:
    assert match(*request_line.split()) is None


def test_a_match_has_the_names_in_the_path() -> None:
    found = match("GET", f"{ARM}{WS}/jobs/a%20b")
    assert found is not None
    assert found.names == {"sub": "s", "rg": "g", "ws": "w", "name": "a b"}


def test_placeholders_in_a_path_are_names_as_well() -> None:
    path = WS.replace("/s/", "/{subscription-1}/").replace("/workspaces/w", "/workspaces/{workspace-1}")
    found = match("GET", f"https://management.azure.com{path}/jobs/<job-1>")
    assert found is not None
    assert found.operation.name == "jobs.get"
