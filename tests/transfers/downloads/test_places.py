"""What references name: a datastore's path, a data asset, or nothing of this workspace."""

from __future__ import annotations

import pytest

from maas_client import InvalidInput
from maas_client.azure.settings import Settings
from maas_client.transfers.downloads.datastore_uri import DatastorePath, asset_of, datastore_path_of

OWN = Settings("Sub", "Group", "Work")
LONG = "azureml://subscriptions/sub/resourcegroups/group/workspaces/work/datastores/store/paths/a/b.jsonl"


@pytest.mark.parametrize(
    "uri",
    [
        "azureml://datastores/store/paths/a/b.jsonl",
        LONG,
        LONG.replace("resourcegroups", "resourceGroups"),
        LONG.replace("/workspaces", "/providers/Microsoft.MachineLearningServices/workspaces"),
    ],
)
def test_every_form_of_a_datastore_uri_names_the_same_place(uri: str) -> None:
    assert datastore_path_of(uri, OWN) == DatastorePath("store", "a/b.jsonl")


@pytest.mark.parametrize("uri", ["", "https://store/a", "azureml://registries/azureml/models/m/versions/1", "train:1"])
def test_an_invalid_datastore_uri_has_no_path(uri: str) -> None:
    assert datastore_path_of(uri, OWN) is None


@pytest.mark.parametrize(
    "reference",
    [
        "train:1",
        "azureml:train:1",
        "/subscriptions/sub/resourceGroups/group/providers/Microsoft.MachineLearningServices/workspaces/work/data/train/versions/1",
        "azureml:/subscriptions/sub/resourceGroups/group/providers/Microsoft.MachineLearningServices/workspaces/work/data/train/versions/1",
        "azureml://subscriptions/Sub/resourcegroups/Group/workspaces/Work/data/train/versions/1",
    ],
)
def test_every_form_of_a_data_asset_names_the_same_version(reference: str) -> None:
    assert asset_of(reference, OWN) == ("train", "1")


@pytest.mark.parametrize("reference", ["train", "", "azureml://datastores/store/paths/a", "a b:1"])
def test_an_invalid_data_asset_reference_has_no_version(reference: str) -> None:
    assert asset_of(reference, OWN) is None


def test_another_workspaces_data_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="belongs to another workspace"):
        datastore_path_of(LONG.replace("work/", "elsewhere/"), OWN)
    with pytest.raises(InvalidInput, match="belongs to another workspace"):
        asset_of("azureml://subscriptions/sub/resourcegroups/other/workspaces/work/data/train/versions/1", OWN)


@pytest.mark.parametrize("path", ["../other/secret", "a/../../b", "./a", "a\0b", "a\ud800"])
def test_a_path_that_leads_out_of_its_datastore_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="is not a valid datastore path"):
        datastore_path_of(f"azureml://datastores/store/paths/{path}", OWN)
