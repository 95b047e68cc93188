"""azure-ai-ml: the workspace, the registry of base models, data assets and their uploads."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from azure.ai.ml.entities import Data
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import GROUP, MODEL, SUBSCRIPTION, WORKSPACE, Microsoft, StaticToken

MIB = 1 << 20


def test_the_journal_names_the_version_of_the_sdk_that_asked(microsoft: Microsoft) -> None:
    microsoft.ml.workspaces.get(WORKSPACE)
    (asked,) = microsoft.asked("workspaces.get")
    assert f"azure-ai-ml/{version('azure-ai-ml')}" in asked["request_headers"]["user-agent"]


def test_the_workspace_returns_all_that_the_flow_needs(microsoft: Microsoft) -> None:
    workspace = microsoft.ml.workspaces.get(WORKSPACE)
    assert (workspace.name, workspace.location, workspace.resource_group) == (WORKSPACE, "eastus2", GROUP)
    assert workspace.discovery_url == f"{microsoft.server.endpoint}/discovery"
    assert f"/subscriptions/{SUBSCRIPTION}/" in str(workspace.mlflow_tracking_uri)


@pytest.mark.parametrize("by", [{"label": "latest"}, {"version": "15"}])
def test_the_registry_gives_a_model_by_label_and_by_version(microsoft: Microsoft, by: dict[str, str]) -> None:
    model = microsoft.registry.models.get(MODEL, **by)
    assert (model.name, model.version, model.type) == (MODEL, "15", "mlflow_model")
    assert model.id == f"azureml://registries/azureml/models/{MODEL}/versions/15"
    assert "eastus2" in str(model.tags)


def test_a_small_file_is_one_put_blob_and_then_an_asset(microsoft: Microsoft, train: Path) -> None:
    made = microsoft.upload(train)
    assert re.fullmatch(
        r"azureml://datastores/workspaceblobstore/paths/LocalUpload/[0-9a-f]{64}/train\.jsonl", made.path
    )
    (put,) = microsoft.asked("blob.put")
    assert (put["status"], put["request_bytes"]) == (201, train.stat().st_size)
    found = microsoft.ml.data.get("train", version="1")
    assert (found.id, found.path, found.version) == (made.id, made.path, "1")


def test_a_file_above_64_mib_is_put_in_blocks(microsoft: Microsoft, tmp_path: Path) -> None:
    large = tmp_path / "large.jsonl"
    with large.open("wb") as file:
        file.truncate(66 * MIB)
    microsoft.upload(large, "large")
    blocks = microsoft.asked("blob.put_block")
    assert len(blocks) == 17
    assert sum(block["request_bytes"] for block in blocks) == 66 * MIB
    assert [entry["status"] for entry in microsoft.asked("blob.put_block_list")] == [201]
    assert microsoft.asked("blob.put") == []


def test_equal_content_is_not_uploaded_again_for_another_asset(microsoft: Microsoft, train: Path) -> None:
    microsoft.upload(train)
    again = microsoft.upload(train, "other")
    assert again.version == "1"
    assert len(microsoft.asked("blob.put")) == 1


def test_a_version_that_is_not_named_is_the_next_one(microsoft: Microsoft, train: Path) -> None:
    versions = [microsoft.upload(train, version=None).version for _ in range(3)]
    assert versions == ["1", "2", "3"]
    assert microsoft.ml.data.get("train", label="latest").version == "3"
    assert [data.version for data in microsoft.ml.data.list("train")] == ["3", "2", "1"]


def test_the_content_of_a_version_never_changes(microsoft: Microsoft, train: Path) -> None:
    microsoft.upload(train)
    train.write_text('{"messages": []}\n')
    with pytest.raises(HttpResponseError, match="Asset paths cannot be updated") as caught:
        microsoft.upload(train)
    assert caught.value.status_code == 400


@pytest.mark.parametrize("credentials", ["sas", "key", "none"])
def test_a_datastore_of_each_kind_takes_an_upload(microsoft: Microsoft, train: Path, credentials: str) -> None:
    microsoft.settings(datastore_credentials=credentials)
    microsoft.upload(train)
    (put,) = microsoft.asked("blob.put")
    proof = {"sas": None, "key": "SharedKey REDACTED", "none": "Bearer REDACTED"}[credentials]
    assert (put["status"], put["request_headers"].get("authorization")) == (201, proof)
    assert ("sig=" in put["url"]) == (credentials == "sas")


@pytest.mark.parametrize(("credentials", "asked"), [("sas", False), ("none", True)])
def test_a_storage_token_is_requested_only_for_identity_access(
    microsoft: Microsoft, train: Path, credentials: str, asked: bool
) -> None:
    microsoft.settings(datastore_credentials=credentials)
    microsoft.credential.scopes.clear()
    microsoft.upload(train)
    assert ("https://storage.azure.com/.default" in microsoft.credential.scopes) == asked


def test_a_missing_asset_is_not_found_with_azure_s_text(microsoft: Microsoft) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        microsoft.ml.data.get("absent", version="4")
    assert caught.value.error is not None
    assert caught.value.error.code == "UserError"
    assert caught.value.error.message == "absent:4 (dataContainerName:version) not found."


def test_a_missing_registry_model_is_a_resource_not_found_error(microsoft: Microsoft) -> None:
    with pytest.raises(ResourceNotFoundError, match="absent container was not found"):
        microsoft.registry.models.get("absent", version="1")


def test_an_expired_token_is_a_client_authentication_error(microsoft: Microsoft) -> None:
    expired = StaticToken("eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln")  # {"alg":"none"}.{"exp":1}.sig
    with pytest.raises(ClientAuthenticationError, match="expiry"):
        microsoft.client(WORKSPACE, expired).workspaces.get(WORKSPACE)


def test_a_rejected_body_is_an_http_response_error_with_code(microsoft: Microsoft) -> None:
    with pytest.raises(HttpResponseError) as caught:
        microsoft.ml.data.create_or_update(
            Data(name="odd", version="1", path="azureml://datastores//paths/a.jsonl", type="uri_file")
        )
    assert caught.value.error is not None
    assert (caught.value.status_code, caught.value.error.code) == (400, "UserError")
