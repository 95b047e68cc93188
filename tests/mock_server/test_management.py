"""What every management request needs, and the addresses in responses."""

import time

import pytest
from support import jwt

from mock_server.server import serve
from tests.mock_server.driver import VERSION, Azure

OLD = {"exp": 1, "aud": "https://management.azure.com"}
FOREIGN = {"exp": time.time() + 3600, "aud": "https://graph.microsoft.com"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "AuthenticationFailed"),
        ("Basic abc", "AuthenticationFailed"),
        (f"Bearer {jwt(OLD)}", "ExpiredAuthenticationToken"),
        (f"Bearer {jwt(FOREIGN)}", "InvalidAuthenticationTokenAudience"),
    ],
    ids=["none", "basic", "old", "foreign"],
)
def test_a_missing_expired_or_foreign_token_is_rejected(azure: Azure, header: str, code: str) -> None:
    answer = azure.http.get(azure.ws, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_a_valid_api_version_is_required(azure: Azure) -> None:
    url = f"{azure.server.endpoint}{azure.ws}"
    assert azure.follow(url).json()["error"]["code"] == "MissingApiVersionParameter"
    assert azure.follow(url + "?api-version=new").json()["error"]["code"] == "InvalidApiVersionParameter"


def test_answers_carry_azure_s_headers(azure: Azure) -> None:
    answer = azure.http.get(azure.ws, headers={"x-ms-client-request-id": "mine"})
    assert answer.headers["x-ms-client-request-id"] == "mine"
    assert {"x-ms-request-id", "x-ms-correlation-request-id", "strict-transport-security"} <= set(answer.headers)


def test_paths_match_in_any_case_and_ids_are_canonical(azure: Azure) -> None:
    answer = azure.http.get(azure.ws.replace("resourceGroups", "resourcegroups").replace("workspaces", "WORKSPACES"))
    assert answer.json()["id"] == azure.ws


def test_only_named_workspaces_exist_where_some_are_named() -> None:
    with serve(workspaces=["mine"]) as server:
        mine, other = Azure(server, "MINE"), Azure(server, "other")
        assert mine.get("").status_code == 200
        assert (other.get("").status_code, other.get("").json()["error"]["code"]) == (404, "ResourceNotFound")
        listed = mine.http.get("/subscriptions/sub/providers/Microsoft.MachineLearningServices/workspaces")
        assert [one["name"] for one in listed.json()["value"]] == ["MINE"]
        mine.close()
        other.close()


def test_the_registry_answers_latest_and_versions(azure: Azure) -> None:
    place = azure.http.get("/registrymanagement/v1.0/registries/azureml/discovery").json()
    models = (
        f"{place['primaryRegionResourceProviderUri']}mferp/managementfrontend/subscriptions/{place['subscriptionId']}"
        f"/resourceGroups/{place['resourceGroup']}/providers/Microsoft.MachineLearningServices/registries/azureml/models"
    )
    versions = f"{models}/Phi-3-mini-4k-instruct/versions"
    latest = azure.follow(f"{versions}?$orderBy=createdtime desc&$top=1").json()
    assert [one["name"] for one in latest["value"]] == ["15"]
    assert azure.follow(f"{versions}/11").json()["properties"]["flavors"] == {}
    assert azure.follow(f"{versions}/16").status_code == 404
    assert azure.follow(f"{models}/nothing/versions").status_code == 404


def test_the_path_of_an_asset_version_never_changes(azure: Azure) -> None:
    azure.asset(b"x")
    uri = "azureml://datastores/workspaceblobstore/paths/other.jsonl"
    answer = azure.put("/data/train/versions/1", {"properties": {"dataUri": uri, "dataType": "uri_file"}})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Asset paths cannot be updated.")
    assert azure.get("/data/train").json()["properties"]["nextVersion"] == "2"


def test_missing_resources_are_reported_in_the_service_s_words(azure: Azure) -> None:
    said = {path: azure.get(path).json()["error"]["message"] for path in ("/jobs/x", "/data/x", "/data/x/versions/1")}
    assert said == {
        "/jobs/x": "Run x was not found.",
        "/data/x": "x container was not found.",
        "/data/x/versions/1": "x:1 (dataContainerName:version) not found.",
    }


def test_a_wrong_method_and_an_unknown_path_are_client_errors(azure: Azure) -> None:
    assert azure.http.delete(azure.ws).status_code == 405
    assert azure.get("/nothing").status_code == 404
    assert azure.http.get("/nowhere", params=VERSION).json()["error"]["code"] == "InvalidResourceType"


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("name", ["Microsoft.MachineLearningServices", "microsoft.cognitiveservices"])
def test_a_provider_lists_its_resource_types(azure: Azure, name: str, end: str) -> None:
    got = azure.http.get(f"/subscriptions/s/providers/{name}{end}", params={"api-version": "2021-04-01"})
    found = got.json()
    assert (got.status_code, found["namespace"].lower()) == (200, name.lower())
    assert all(one["resourceType"] and one["apiVersions"] for one in found["resourceTypes"])
