"""azure-storage-blob on the blob surface alone, and the same script against Azurite."""

from importlib.metadata import version

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobLeaseClient, ContainerClient

from mock_server.server import Server
from tests.judges import azurite as emulator
from tests.judges.azurite import Azurite
from tests.judges.blob_script import Answer, run
from tests.judges.sdk import Microsoft

# By the reference of the Blob service: Put Block sends the block's sum back to who sent one; a blob without committed
# blocks has no ETag yet; a wrong sum is an Md5Mismatch.
WHERE_AZURITE_IS_NOT_AZURE = {
    "put block 0": {"content-md5"},
    "put block 1": {"content-md5"},
    "put block 2": {"content-md5"},
    "get block list": {"etag", "last-modified"},
    "put with a wrong MD5": {"Md5Mismatch", "InvalidOperation"},
    "put block with a wrong MD5": {"Md5Mismatch", "InvalidOperation"},
}


def difference(one: Answer, other: Answer) -> set[object]:
    """Say in what two answers of the same step differ."""
    headers = {name for name, _ in one.headers.items() ^ other.headers.items()}
    plain = {one.status, one.code, repr(one.value)} ^ {other.status, other.code, repr(other.value)}
    return {*headers, *plain, *(one.stamped ^ other.stamped)}


@pytest.fixture
def ours(microsoft: Microsoft) -> ContainerClient:
    """Give the container of the workspace's datastore, opened by its SAS."""
    secret = microsoft.ml.datastores.get_default(include_secrets=True)
    url = f"{microsoft.server.endpoint}/mockstore.blob.localhost/{secret.container_name}"
    return ContainerClient.from_container_url(f"{url}?{secret.credentials.sas_token}", retry_total=0)


@pytest.fixture
def theirs(azurite_session: Azurite) -> ContainerClient:
    """Give a container of Azurite, empty."""
    key = AzureNamedKeyCredential(emulator.ACCOUNT, emulator.KEY)
    container = ContainerClient(azurite_session.url, "judged", key, retry_total=0)
    container.create_container()
    return container


def by_step(answers: list[Answer]) -> dict[str, tuple[int, str | None]]:
    """Give the status and the error code of each step."""
    return {answer.step: (answer.status, answer.code) for answer in answers if answer.status}


def test_the_script_gives_what_azure_documents(ours: ContainerClient) -> None:
    found = by_step(run(ours))
    expected = {
        "head of an absent blob": (404, "BlobNotFound"),
        "get of an absent blob": (404, "BlobNotFound"),
        "put": (201, None),
        "put again": (409, "BlobAlreadyExists"),
        "get": (206, None),
        "get of a range": (206, None),
        "get behind the end": (416, "InvalidRange"),
        "head if it has changed": (304, "ConditionNotMet"),
        "overwrite what is still the same": (201, None),
        "overwrite what has changed": (412, "ConditionNotMet"),
        "put block 0": (201, None),
        "get of a blob that is only staged": (404, "BlobNotFound"),
        "put block list": (201, None),
        "put a list with an absent block": (400, "InvalidBlockList"),
        "put with a wrong MD5": (400, "Md5Mismatch"),
        "put block with a wrong MD5": (400, "Md5Mismatch"),
        "head of what was damaged": (404, "BlobNotFound"),
        "delete": (202, None),
        "delete again": (404, "BlobNotFound"),
    }
    assert {step: found[step] for step in expected} == expected


def test_azurite_and_this_server_answer_the_script_alike(ours: ContainerClient, theirs: ContainerClient) -> None:
    differing = [(one, other) for one, other in zip(run(ours), run(theirs), strict=True) if one != other]
    assert {one.step: difference(one, other) for one, other in differing} == WHERE_AZURITE_IS_NOT_AZURE


def test_a_lease_is_refused_by_name(ours: ContainerClient) -> None:
    blob = ours.get_blob_client("a")
    blob.upload_blob(b"x")
    with pytest.raises(HttpResponseError, match="no leases") as caught:
        BlobLeaseClient(blob).acquire()
    assert caught.value.status_code == 400


def test_the_journal_names_the_version_that_asked(ours: ContainerClient, server: Server) -> None:
    ours.get_blob_client("a").upload_blob(b"x")
    asked = [entry for entry in server.requests() if entry["operation"] == "blob.put"]
    assert f"azsdk-python-storage-blob/{version('azure-storage-blob')}" in asked[0]["request_headers"]["user-agent"]
