"""Environments over the wire: versions that never change, with the routes of a serving image."""

import pytest

from tests.mock_server.driver import Azure, Json

IMAGE: Json = {"image": "mcr.microsoft.com/azureml/curated/foundation-model-inference:latest"}


def test_a_version_is_made_once_and_kept(azure: Azure) -> None:
    made = azure.put("/environments/serve/versions/1", {"properties": IMAGE})
    assert (made.status_code, made.json()["properties"]["image"]) == (201, IMAGE["image"])
    again = azure.put("/environments/serve/versions/1", {"properties": {**IMAGE, "tags": {"a": "b"}}})
    assert (again.status_code, again.json()["properties"]["tags"]) == (200, {"a": "b"})
    assert azure.put("/environments/serve/versions/1", {"properties": {"image": "another"}}).status_code == 400
    assert azure.get("/environments/serve").json()["properties"]["nextVersion"] == "2"
    assert [one["name"] for one in azure.get("/environments/serve/versions").json()["value"]] == ["1"]
    assert [one["name"] for one in azure.get("/environments").json()["value"]] == ["serve"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {**IMAGE, "build": {"contextUri": "azureml://datastores/workspaceblobstore/paths/context"}},
        {**IMAGE, "inferenceConfig": {"scoringRoute": {"path": "score", "port": 5001}}},
        {**IMAGE, "inferenceConfig": {"livenessRoute": {"path": "/", "port": 0}}},
    ],
)
def test_an_environment_that_cannot_be_built_is_refused(azure: Azure, wrong: Json) -> None:
    assert azure.put("/environments/serve/versions/1", {"properties": wrong}).status_code == 400


def test_an_environment_that_is_not_there_is_not_found(azure: Azure) -> None:
    for path in ("/environments/none", "/environments/none/versions", "/environments/none/versions/1"):
        assert azure.get(path).status_code == 404
