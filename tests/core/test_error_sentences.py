"""The message of an error begins with what failed or is missing, and ends with the request."""

from __future__ import annotations

import pytest

from maas_client import errors
from maas_client.core.missing_names import names_there, with_names

ARM = "https://management.azure.com"
WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
HOME = f"{ARM}{WORKSPACE}"
HISTORY = f"https://eastus2.api.azureml.ms/history/v1.0{WORKSPACE}"
BLOB = "https://acct.blob.core.windows.net/container/LocalUpload/abc/train.jsonl"

MISSING = {
    f"GET {HOME}/jobs/nope": ("Run nope was not found.", "no job 'nope' in workspace 'w'"),
    f"GET {HISTORY}/runs/nope/details": ("Run nope was not found.", "no job 'nope' in workspace 'w'"),
    f"POST {HOME}/jobs/nope/cancel": ("Run nope was not found.", "no job 'nope' in workspace 'w'"),
    f"GET {HOME}/serverlessEndpoints/shop": ("shop was not found.", "no endpoint 'shop' in workspace 'w'"),
    f"GET {HOME}/data/news/versions/3": ("news:3 () not found.", "no data asset 'news:3' in workspace 'w'"),
    f"GET {HOME}/data/news/versions": ("news was not found.", "no data asset 'news' in workspace 'w'"),
    f"GET {HOME}/models/m/versions/1": ("m:1 not found.", "no model 'm:1' in workspace 'w'"),
    f"GET {HOME}": ("The workspace was not found.", "no workspace 'w' in resource group 'g'"),
}

FAILED = {
    f"GET {HOME}/jobs": "cannot list the jobs in workspace 'w': too busy",
    f"PUT {HOME}/jobs/ft-1": "cannot create job 'ft-1' in workspace 'w': too busy",
    f"DELETE {HOME}/serverlessEndpoints/a%20b": "cannot delete endpoint 'a b' in workspace 'w': too busy",
    f"POST {HOME}/serverlessEndpoints/shop/listKeys": (
        "cannot read the keys of endpoint 'shop' in workspace 'w': too busy"
    ),
    f"POST {HOME}/datastores/blobs/listSecrets": (
        "cannot read the secrets of datastore 'blobs' in workspace 'w': too busy"
    ),
    f"PUT {BLOB}?comp=block&blockid=1": "cannot write blob 'train.jsonl': too busy",
    "POST https://shop.models.ai.azure.com/v1/chat/completions": (
        "cannot chat with the endpoint at shop.models.ai.azure.com: too busy"
    ),
    "GET https://example.com/else": "too busy",
}


@pytest.mark.parametrize("request_name", MISSING)
def test_a_missing_resource_is_what_the_error_begins_with(request_name: str) -> None:
    detail, beginning = MISSING[request_name]
    error = errors.NotFound(request_name, status=404, code="UserError", detail=detail, request_id="r-1")
    assert str(error) == f"{beginning} ({request_name}: 404 UserError, request id r-1)"
    assert (error.request, error.status, error.code, error.detail) == (request_name, 404, "UserError", detail)


@pytest.mark.parametrize("request_name", FAILED)
def test_what_failed_is_what_the_error_begins_with(request_name: str) -> None:
    error = errors.Throttled(request_name, status=429, detail="too busy.", hint="Wait and try again")
    assert str(error) == f"{FAILED[request_name]}. Wait and try again ({request_name}: 429)"
    lost = errors.ConnectionFailed(request_name, "too busy")
    assert str(lost) == f"{FAILED[request_name]} ({request_name})"


def test_a_404_about_something_else_names_no_resource() -> None:
    create = errors.NotFound(f"PUT {HOME}/serverlessEndpoints/m", status=404, detail="Model m was not found.")
    assert str(create).startswith("cannot create endpoint 'm' in workspace 'w': Model m was not found. (PUT ")
    gateway = errors.NotFound(f"GET {HOME}/jobs/ft-1", status=404, detail="no route")
    assert str(gateway).startswith("cannot read job 'ft-1' in workspace 'w': no route (GET ")


def test_a_response_without_text_is_described_by_its_status() -> None:
    assert str(errors.PermissionDenied(f"GET {HOME}/jobs", status=403)).startswith(
        "cannot list the jobs in workspace 'w': Forbidden ("
    )
    assert "status 599" in str(errors.ServiceUnavailable("chat with 'x'", status=599))


def test_no_secret_in_an_escaped_name_is_unescaped() -> None:
    error = errors.BadRequest(f"GET {HOME}/jobs/x%3Fsig%3Dhunter2hunter2", status=400)
    assert str(error).startswith("cannot read job 'x?sig=***' in workspace 'w': ")


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ([], "there are none"),
        (["ft-1"], "the only one is ft-1"),
        (["ft-3", "ft-2", "ft-1", "ft-0"], "the latest are ft-3, ft-2 and ft-1"),
        (["other", "support-bot"], "did you mean 'support-bot'?"),
    ],
)
def test_the_nearest_names_or_the_latest_are_listed(there: list[str], said: str) -> None:
    assert names_there("suport-bot", there) == said


def test_names_are_added_only_to_an_error_about_a_name() -> None:
    elsewhere = errors.NotFound(f"GET {HOME}/jobs/x", status=404, detail="no route")
    assert with_names(elsewhere, "x", ["y"]) is elsewhere
    missing = errors.NotFound(f"GET {HOME}/jobs/x", status=404, code="C", detail="x was not found", request_id="r")
    named = with_names(missing, "x", [])
    assert str(named).startswith("no job 'x' in workspace 'w'; there are none (GET ")
    assert (named.code, named.detail, named.request_id) == ("C", "x was not found", "r")
