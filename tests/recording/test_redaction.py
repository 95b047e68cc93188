"""What a recording keeps of an exchange: what is harmless, and placeholders for everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client.contract.match import match
from maas_client.contract.table import OPERATIONS
from maas_client.recording.exchange import Exchange
from maas_client.recording.redactor import Redactor
from maas_client.recording.seen import Sample, Seen

WS = "/subscriptions/my-sub/resourceGroups/my-group/providers/Microsoft.MachineLearningServices/workspaces/my-work"
HIDDEN_WS = WS.replace("my-sub", "subscription-1").replace("my-group", "group-1").replace("my-work", "workspace-1")
ARM = "https://management.azure.com"

URLS = {
    f"{ARM}{WS}/jobs/ft-secret?api-version=2024-10-01": f"{ARM}{HIDDEN_WS}/jobs/job-1?api-version=2024-10-01",
    f"http://127.0.0.1:8765{WS}/jobs/jobs/cancel": f"http://localhost{HIDDEN_WS}/jobs/job-1/cancel",
    f"{ARM}{WS}/jobs/a%20b": f"{ARM}{HIDDEN_WS}/jobs/job-1",
    f"{ARM}{WS}/datastores/workspaceblobstore": f"{ARM}{HIDDEN_WS}/datastores/workspaceblobstore",
    f"{ARM}/subscriptions/x/providers/Microsoft.MachineLearningServices/locations/eastus2/vmSizes": (
        f"{ARM}/subscriptions/subscription-1/providers/Microsoft.MachineLearningServices/locations/eastus2/vmSizes"
    ),
    "https://store.blob.core.windows.net/box/LocalUpload/abcdef/rows.jsonl?sv=2024-11-04&se=2026-01-01&sig=x%3D": (
        "https://account-1.blob.core.windows.net/container-1/LocalUpload/file-1/file-2.jsonl?sv=2024-11-04&se=***&sig=***"
    ),
    "http://127.0.0.1:8765/store.blob.127.0.0.1:8765/box?restype=container&comp=list&prefix=UI/mine": (
        "http://localhost/account-1.blob.core.windows.net/container-1?restype=container&comp=list&prefix=UI/file-1"
    ),
    "https://chat-bot.eastus2.models.ai.azure.com/v1/chat/completions": (
        "https://endpoint-1.eastus2.models.ai.azure.com/v1/chat/completions"
    ),
    "http://localhost:1/maas/chat-bot/v1/chat/completions": "http://localhost/maas/endpoint-1/v1/chat/completions",
    "https://acme.openai.azure.com/openai/v1/fine_tuning/jobs/ftjob-1a": (
        "https://account-1.openai.azure.com/openai/v1/fine_tuning/jobs/job-1"
    ),
    "https://acme.services.ai.azure.com/api/projects/demo/openai/files/import?api-version=2025-11-15-preview": (
        "https://account-1.services.ai.azure.com/api/projects/project-1/openai/files/import"
        "?api-version=2025-11-15-preview"
    ),
    "azureml://registries/azureml/models/Phi-4/versions/7": "azureml://registries/azureml/models/Phi-4/versions/7",
    "azureml://registries/acme/models/Ours/versions/7": "azureml://registries/registry-1/models/model-1/versions/7",
    "https://user:word@intern.acme.example:8443/a/b?q=c#d": "https://host-1/file-1/file-2?header-1=id-1",
}


@pytest.mark.parametrize(("url", "written"), URLS.items())
def test_a_url_keeps_its_form_and_no_name(url: str, written: str) -> None:
    assert Redactor().url(url) == written


def test_a_written_url_is_of_the_same_operation() -> None:
    for url in URLS:
        for method in ("GET", "POST", "PUT"):
            before, after = match(method, url), match(method, Redactor().url(url))
            assert (before and before.operation) == (after and after.operation)


def test_an_account_is_the_same_in_a_datastore_and_in_a_host() -> None:
    redactor = Redactor()
    assert redactor.text("127.0.0.1:8080/store", "accountName") == "account-1"
    assert redactor.text("127.0.0.1:8080", "endpoint") == "core.windows.net"
    assert redactor.url("http://127.0.0.1:8080/store.blob.127.0.0.1:8080/box") == (
        "http://localhost/account-1.blob.core.windows.net/container-1"
    )
    assert redactor.url("https://store.blob.core.windows.net/box") == (
        "https://account-1.blob.core.windows.net/container-1"
    )


def test_one_name_is_one_placeholder_everywhere() -> None:
    redactor = Redactor()
    redactor.url(f"{ARM}{WS}/jobs/ft-secret")
    assert redactor.text("ft-secret", "runId") == "job-1"
    assert redactor.text("FT-Secret", "displayName") == "job-1"
    assert redactor.text(f"{WS}/jobs/ft-secret", "id") == f"{HIDDEN_WS}/jobs/job-1"
    assert redactor.text("ft-other", "runId") == "job-2"


JOB = {
    "id": f"{WS}/jobs/ft-secret",
    "name": "ft-secret",
    "type": "Microsoft.MachineLearningServices/workspaces/jobs",
    "properties": {
        "jobType": "FineTuning",
        "status": "Pondering",
        "displayName": "our merger",
        "description": "nobody may know",
        "tags": {"Status": "Running", "team": "red"},
        "newField": "their words",
        "fineTuningDetails": {
            "modelProvider": "Custom",
            "taskType": "ChatCompletion",
            "model": {"uri": "azureml://registries/azureml/models/Phi-4-mini-instruct/versions/12"},
            "trainingData": {"uri": f"{WS}/data/clients/versions/3"},
            "hyperParameters": {"num_train_epochs": "3", "learning_rate": "2e-05"},
        },
        "outputs": {},
    },
    "systemData": {"createdAt": "2026-03-04T05:06:07.123Z", "createdBy": "Ada <ada@acme.example>"},
}
WRITTEN_JOB = {
    "id": f"{HIDDEN_WS}/jobs/job-1",
    "name": "job-1",
    "type": "Microsoft.MachineLearningServices/workspaces/jobs",
    "properties": {
        "jobType": "FineTuning",
        "status": "Pondering",
        "displayName": "job-2",
        "description": "text-1",
        "tags": {"tag-1": "text-2", "tag-2": "text-3"},
        "newField": "text-4",
        "fineTuningDetails": {
            "modelProvider": "Custom",
            "taskType": "ChatCompletion",
            "model": {"uri": "azureml://registries/azureml/models/Phi-4-mini-instruct/versions/12"},
            "trainingData": {"uri": f"{HIDDEN_WS}/data/data-1/versions/3"},
            "hyperParameters": {"num_train_epochs": "3", "learning_rate": "2e-05"},
        },
        "outputs": {},
    },
    "systemData": {"createdAt": "2026-03-04T05:06:07.123Z", "createdBy": "user-1"},
}


def test_a_job_keeps_its_words_times_and_numbers() -> None:
    body = Redactor().body(OPERATIONS["jobs.get"], 200, "application/json", json.dumps(JOB).encode())
    assert body == {"json": WRITTEN_JOB}


CHAT = "https://e.eastus2.models.ai.azure.com/v1/chat/completions"


def chat(question: str, answer: bytes, media: str = "application/json") -> Exchange:
    asked = json.dumps({"messages": [{"role": "user", "content": question}], "max_tokens": 5, "stream": True})
    return Redactor().exchange(
        Seen(
            method="POST",
            url=CHAT,
            headers={"Authorization": "Bearer abcdefgh12345678", "Content-Type": "application/json"},
            credential="bearer",
            body=Sample.of(asked.encode()),
            status=200,
            answer_headers={"Content-Type": media},
            answer=Sample.of(answer),
        )
    )


def test_questions_and_answers_are_texts() -> None:
    answer = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Blue"}}]}
    written = chat("Which colour?", json.dumps(answer).encode())
    assert written.operation == "chat.complete"
    assert written.request_headers == {"content-type": "application/json"}
    assert written.request_body == {
        "json": {"messages": [{"role": "user", "content": "text-1"}], "max_tokens": 5, "stream": True}
    }
    assert written.body == {
        "json": {
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "text-2"}}]
        }
    }


def test_a_text_is_no_word_of_the_service() -> None:
    redactor = Redactor()
    assert redactor.text("Running", "content") == "text-1"
    assert redactor.text("https://acme.example/Running", "description") == "text-2"
    assert redactor.text("Running", "status") == "Running"


def test_a_streamed_answer_is_one_text() -> None:
    pieces: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in ("Da", "rk")]
    stream = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    written = chat("Dark", stream.encode(), "text/event-stream; charset=utf-8")
    assert written.body == {
        "events": [
            {"choices": [{"index": 0, "delta": {"content": "text-1"}}]},
            {"choices": [{"index": 0, "delta": {"content": ""}}]},
        ],
        "done": True,
    }


def put_blob(body: bytes) -> Exchange:
    return Redactor().exchange(
        Seen(
            method="PUT",
            url="https://s.blob.core.windows.net/c/rows.jsonl?sig=x",
            body=Sample.of(body),
            status=201,
            answer_headers={"ETag": '"0x8D"', "x-ms-meta-Owner": "ada", "Set-Cookie": "a=b"},
        )
    )


def test_of_rows_only_number_and_shape_are_kept() -> None:
    row = {"messages": [{"role": "user", "content": "?"}], "customer": "Ada"}
    written = put_blob(f"{json.dumps(row)}\n{json.dumps(row)}".encode())
    assert written.request_body is not None
    data = written.request_body["data"]
    assert (data["rows"], data["media"]) == (2, "application/octet-stream")
    assert data["shape"]["/messages/*/content"] == ["string"]
    assert "customer" not in written.to_line()


def test_unknown_headers_become_placeholders() -> None:
    assert put_blob(b"x").headers == {"etag": '"etag-1"', "header-1": "text-1"}


def test_of_a_blob_listing_the_names_are_replaced() -> None:
    listing = (
        '<?xml version="1.0" encoding="utf-8"?><EnumerationResults'
        ' ServiceEndpoint="https://acme.blob.core.windows.net/" ContainerName="box">'
        "<Blobs><Blob><Name>UI/our rows.jsonl</Name><Properties><Content-Length>12</Content-Length>"
        "<BlobType>BlockBlob</BlobType></Properties><Metadata><owner>Ada &amp; Co</owner></Metadata></Blob></Blobs>"
        "<NextMarker /></EnumerationResults>"
    )
    body = Redactor().body(OPERATIONS["blob.list"], 200, "application/xml", listing.encode())
    assert body == {
        "xml": '<?xml version="1.0" encoding="utf-8"?><EnumerationResults'
        ' ServiceEndpoint="https://account-1.blob.core.windows.net/" ContainerName="container-1"><Blobs><Blob>'
        "<Name>UI/file-1.jsonl</Name><Properties><Content-Length>12</Content-Length><BlobType>BlockBlob</BlobType>"
        "</Properties><Metadata><tag-1>text-1</tag-1></Metadata></Blob></Blobs><NextMarker/></EnumerationResults>"
    }


def test_a_line_is_read_as_it_was_written() -> None:
    written = put_blob(b"{}")
    assert Exchange.from_line(written.to_line()) == written


def test_the_family_of_a_quota_is_kept() -> None:
    place = "/subscriptions/mine/providers/Microsoft.MachineLearningServices/locations/eastus2/vmFamily"
    quota = f"{place}/standardNCADSA100v4Family/usages"
    written = Redactor().text(quota, "id")
    assert written.endswith("/locations/eastus2/vmFamily/standardNCADSA100v4Family/usages")
    assert "mine" not in written


CLOUD = "https://management.azure.com/metadata/endpoints?api-version=2019-05-01"
SUBSCRIPTION = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers"
PERMISSIONS = f"{ARM}{WS}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"


@pytest.mark.parametrize(
    ("url", "document"),
    [
        (CLOUD, [{"name": "Contoso", "suffixes": {"storage": "local.contoso.com"}, "portal": "https://x.contoso.com"}]),
        (
            f"{SUBSCRIPTION}/Microsoft.CognitiveServices/accounts/a/models?api-version=2025-06-01",
            {"value": [{"name": "gpt-4.1-nano.ft-0123456789abcdef-contoso", "format": "OpenAI", "version": "1"}]},
        ),
        (
            PERMISSIONS,
            {"value": [{"actions": ["*"], "notActions": ["x"], "condition": "@Resource[name] StringEquals 'contoso'"}]},
        ),
    ],
)
def test_what_microsoft_writes_for_all_has_no_own_names(url: str, document: Any) -> None:
    seen = Seen(method="GET", url=url, status=200, answer=Sample.of(json.dumps(document).encode()))
    exchange = Redactor().exchange(seen)
    assert exchange.operation is not None
    assert "contoso" not in exchange.to_line().lower()
