"""Models that are registered by request: from a job's output or a path, by version, archived and restored."""

import pytest

from tests.mock_server.driver import Azure, Json

OUTPUT = "azureml://jobs/job/outputs/registered_model"


def register(azure: Azure, version: str = "1", *, uri: str = OUTPUT, name: str = "mine", **more: object) -> Json:
    """Register a model and return the response's document."""
    body = {"properties": {"modelUri": uri, "modelType": "mlflow_model", **more}}
    answer = azure.put(f"/models/{name}/versions/{version}", body)
    document: Json = {"status": answer.status_code, **answer.json()}
    return document


def test_a_completed_job_s_output_becomes_a_model(azure: Azure) -> None:
    azure.tuned()
    made = register(azure, tags={"team": "bench"})
    assert (made["status"], made["properties"]["jobName"]) == (201, "job")
    assert made["properties"]["tags"] == {"team": "bench"}
    assert made["properties"]["modelUri"].endswith("/paths/azureml/job/registered_model")
    assert azure.get("/models/mine").json()["properties"]["nextVersion"] == "2"
    assert register(azure, "2", uri="runs:/job/registered_model")["status"] == 201


@pytest.mark.parametrize("uri", ["", "azureml://jobs/none/outputs/model", "runs:/none/model", "https://elsewhere"])
def test_a_model_without_files_is_refused(azure: Azure, uri: str) -> None:
    assert register(azure, uri=uri)["status"] == 400


def test_a_job_that_is_not_over_has_no_output(azure: Azure) -> None:
    azure.job()
    assert "has no output" in register(azure)["error"]["message"]


def test_where_a_version_s_files_are_never_changes(azure: Azure) -> None:
    azure.tuned()
    register(azure)
    moved = register(azure, uri="azureml://datastores/workspaceblobstore/paths/elsewhere")
    assert (moved["status"], moved["error"]["message"]) == (409, "Asset paths cannot be updated.")
    assert register(azure, description="new")["properties"]["description"] == "new"


def test_a_version_can_be_archived_and_restored(azure: Azure) -> None:
    azure.tuned()
    register(azure)
    assert register(azure, isArchived=True)["properties"]["isArchived"] is True
    assert azure.get("/models/mine/versions").json()["value"] == []
    assert len(azure.get("/models/mine/versions", listViewType="ArchivedOnly").json()["value"]) == 1
    restored = azure.http.patch(f"{azure.ws}/models/mine/versions/1", json={"properties": {"isArchived": False}})
    assert restored.json()["properties"]["isArchived"] is False


def test_a_whole_model_can_be_archived(azure: Azure) -> None:
    azure.tuned()
    register(azure)
    azure.put("/models/mine", {"properties": {"isArchived": True}})
    assert [one["name"] for one in azure.get("/models").json()["value"]] == ["tuned"]
    assert azure.put("/models/nothing", {"properties": {"isArchived": True}}).status_code == 404


def test_a_job_s_version_comes_after_those_registered(azure: Azure) -> None:
    azure.tuned()
    register(azure, "7", name="tuned")
    data = str(azure.get("/data/train/versions/1").json()["id"])
    azure.put("/jobs/second", azure.job_body(data))
    azure.server.advance(3600)
    assert azure.get("/models/tuned").json()["properties"]["latestVersion"] == "8"
