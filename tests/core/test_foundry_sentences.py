"""The message of an error of Foundry begins with what failed or is missing, whichever base the request went to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client import errors
from maas_client.core.foundry_subject import foundry_subject, is_foundry, is_management
from maas_client.core.missing_names import with_names

ACCOUNT = "https://res.openai.azure.com/openai"
V1 = f"{ACCOUNT}/v1"
PROJECT = "https://res.services.ai.azure.com/api/projects/demo/openai/v1"
PREVIEW = "https://res.services.ai.azure.com/api/projects/demo/openai"
LOOPBACK = "http://127.0.0.1:8765/openai/v1"
LOCAL_PROJECT = "http://127.0.0.1:8765/api/projects/demo/openai/v1"
ARM = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/res"

FAILED = {
    f"POST {V1}/files": "upload a file to account 'res'",
    f"GET {PROJECT}/files?purpose=fine-tune": "list the files in project 'demo'",
    f"POST {LOOPBACK}/files": "upload a file",
    f"GET {LOOPBACK}/files": "list the files",
    f"GET {LOCAL_PROJECT}/files/file-1/content": "read the content of file 'file-1' in project 'demo'",
    f"DELETE {ACCOUNT}/files/file-1": "delete file 'file-1' in account 'res'",
    f"POST {PREVIEW}/files/import": "import a file in project 'demo'",
    f"POST {ACCOUNT}/uploads": "begin an upload to account 'res'",
    f"POST {ACCOUNT}/uploads/upload_1/parts": "send a part of upload 'upload_1' in account 'res'",
    f"POST {ACCOUNT}/uploads/upload_1/complete": "complete upload 'upload_1' in account 'res'",
    f"POST {PROJECT}/fine_tuning/jobs": "create a job in project 'demo'",
    f"GET {PREVIEW}/fine_tuning/jobs?limit=20": "list the jobs in project 'demo'",
    f"GET {LOOPBACK}/fine_tuning/jobs/ftjob-1": "read job 'ftjob-1'",
    f"POST {LOOPBACK}/fine_tuning/jobs/ftjob-1/cancel": "cancel job 'ftjob-1'",
    f"POST {V1}/fine_tuning/jobs/ftjob-1/pause": "pause job 'ftjob-1' in account 'res'",
    f"POST {V1}/fine_tuning/jobs/ftjob-1/resume": "resume job 'ftjob-1' in account 'res'",
    f"DELETE {ACCOUNT}/fine_tuning/jobs/ftjob-1": "delete job 'ftjob-1' in account 'res'",
    f"GET {PROJECT}/fine_tuning/jobs/ftjob-1/events?limit=100": "read the events of job 'ftjob-1' in project 'demo'",
    f"GET {LOOPBACK}/fine_tuning/jobs/ftjob-1/checkpoints": "read the checkpoints of job 'ftjob-1'",
    f"POST {LOOPBACK}/fine_tuning/jobs/ftjob-1/checkpoints/ftchkpt-1/copy": "copy a checkpoint of job 'ftjob-1'",
    f"POST {LOOPBACK}/fine_tuning/alpha/graders/validate": "check a grader",
    f"GET {V1}/models": "list the models in account 'res'",
    f"POST {PROJECT}/chat/completions": "chat with a deployment in project 'demo'",
    f"POST {ACCOUNT}/deployments/shop/chat/completions": "chat with deployment 'shop' in account 'res'",
    f"POST {LOOPBACK}/dashboard/webhook_endpoints": "add a webhook endpoint",
    f"GET {V1}/dashboard/webhook_endpoints": "list the webhook endpoints in account 'res'",
    f"DELETE {LOOPBACK}/dashboard/webhook_endpoints/we_1": "delete webhook endpoint 'we_1'",
    f"PUT {ARM}/deployments/shop": "create deployment 'shop' in account 'res'",
    f"GET {ARM}/deployments": "list the deployments in account 'res'",
    f"GET {ARM}/deployments/shop/skus": "read the SKUs of deployment 'shop' in account 'res'",
    f"POST {ARM}/listKeys": "read the keys of account 'res'",
    f"GET {ARM}/usages": "read the quota of account 'res'",
    f"GET {ARM}": "read account 'res'",
    "GET https://res.services.ai.azure.com/api/projects/demo/deployments": "list the deployments in project 'demo'",
    "GET https://res.services.ai.azure.com/api/projects/demo": "read project 'demo'",
}


@pytest.mark.parametrize("request_name", FAILED)
def test_what_failed_is_what_a_foundry_error_begins_with(request_name: str) -> None:
    error = errors.Throttled(request_name, status=429, detail="too busy.")
    assert str(error) == f"cannot {FAILED[request_name]}: too busy. ({request_name}: 429)"
    lost = errors.ReplyLost(request_name, "too busy")
    assert str(lost) == f"cannot {FAILED[request_name]}: too busy ({request_name})"


MISSING = {
    f"GET {LOOPBACK}/fine_tuning/jobs/ftjob-1": ("notFound", "There is none.", "no job 'ftjob-1'"),
    f"POST {PROJECT}/fine_tuning/jobs/ftjob-1/cancel": (
        "not_found",
        "Could not find fine tune: ftjob-1",
        "no job 'ftjob-1' in project 'demo'",
    ),
    f"GET {V1}/files/file-1": ("", "No such File object: file-1", "no file 'file-1' in account 'res'"),
    f"GET {ARM}/deployments/shop": ("ResourceNotFound", "", "no deployment 'shop' in account 'res'"),
    f"GET {ARM}/deployments": (
        "ResourceNotFound",
        "The Resource 'Microsoft.CognitiveServices/accounts/res' under resource group 'g' was not found.",
        "no account 'res' in resource group 'g'",
    ),
    f"GET {PROJECT}/files": ("", "Project not found", "no project 'demo'"),
    f"POST {ACCOUNT}/deployments/shop/chat/completions": (
        "DeploymentNotFound",
        "The API deployment for this resource does not exist.",
        "no deployment 'shop' in account 'res'",
    ),
}


@pytest.mark.parametrize("request_name", MISSING)
def test_what_is_missing_is_what_a_foundry_error_begins_with(request_name: str) -> None:
    code, detail, beginning = MISSING[request_name]
    error = errors.NotFound(request_name, status=404, code=code, detail=detail)
    assert str(error).startswith(f"{beginning} ({request_name}: 404")


def test_a_404_that_names_nothing_has_the_services_text() -> None:
    no_path = errors.NotFound(f"GET {LOOPBACK}/fine_tuning/jobs/ftjob-1", status=404, detail="Resource not found")
    assert str(no_path).startswith("cannot read job 'ftjob-1': Resource not found (")
    put = errors.NotFound(
        f"PUT {ARM}/deployments/shop", status=404, code="ResourceNotFound", detail="no parent of shop"
    )
    assert str(put).startswith("cannot create deployment 'shop' in account 'res': no parent of shop (")


def test_names_are_added_only_where_the_place_exists() -> None:
    request = f"GET {LOOPBACK}/fine_tuning/jobs/nope"
    error = errors.NotFound(request, status=404, code="notFound", detail="x", param="job")
    named = with_names(error, "nope", ["ft-1"])
    assert str(named) == f"no job 'nope'; the only one is ft-1 ({request}: 404 notFound, parameter job)"
    elsewhere = errors.NotFound(f"GET {PROJECT}/fine_tuning/jobs/nope", status=404, detail="Project not found")
    assert with_names(elsewhere, "nope", ["ft-1"]) is elsewhere


@pytest.mark.parametrize(
    "request_name",
    [
        "GET https://acct.blob.core.windows.net/openai/v1/train.jsonl",
        "POST https://shop.models.ai.azure.com/v1/chat/completions",
        "GET https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices",
        "chat with 'openai'",
    ],
)
def test_requests_to_other_services_are_none_of_foundry(request_name: str) -> None:
    assert not is_foundry(request_name)
    assert foundry_subject(request_name) is None


def test_no_secret_in_a_name_of_foundry_is_unescaped() -> None:
    error = errors.BadRequest(f"GET {LOOPBACK}/files/x%3Fsig%3Dhunter2hunter2", status=400)
    assert str(error).startswith("cannot read file 'x?sig=***': ")


def test_each_request_of_the_sdks_has_words(shared: Path) -> None:
    lines = (shared / "wire" / "foundry-requests.jsonl").read_text("utf-8").splitlines()
    asked = {f"{entry['method']} http://127.0.0.1:8765{entry['path']}" for entry in map(json.loads, lines)}
    unnamed = {request for request in asked if foundry_subject(request) is None}
    assert len(asked) > 50
    others = ("/operationResults/", "/responses", "/permissions")
    assert [request for request in unnamed if not any(other in request for other in others)] == []
    assert {request for request in asked if is_management(request)} == {
        request for request in asked if "/accounts/" in request
    }
