"""azure-storage-blob copying from URLs, and its block lists: against this server, and Azurite as far as it goes."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.storage.blob import (
    BlobBlock,
    BlobClient,
    BlobSasPermissions,
    ContainerClient,
    ContentSettings,
    generate_blob_sas as sign,
)

from mock_server.server import Server
from tests.judges import azurite as emulator
from tests.judges.azurite import Azurite
from tests.judges.blob_script import Script
from tests.judges.sdk import Microsoft
from tests.judges.test_azure_storage_blob import by_step, difference

CONTENT = Random(5).randbytes(1 << 20)
HALF = len(CONTENT) // 2
Address = Callable[[BlobClient], str]


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
    container = ContainerClient(azurite_session.url, "copied", key, retry_total=0)
    if container.exists():
        container.delete_container()
    container.create_container()
    return container


@pytest.fixture
def theirs_that_copies(theirs: ContainerClient) -> ContainerClient:
    """Give Azurite's container if it copies from URLs; 3.35.0 answers 501, later ones may do it."""
    blob = theirs.get_blob_client("probe")
    blob.upload_blob(b"x")
    try:
        theirs.get_blob_client("copy").stage_block_from_url("1", read_address(blob))
    except HttpResponseError as error:
        if error.status_code != 501:
            raise
        pytest.skip(f"Azurite {emulator.VERSION} has no Put Block From URL")
    return theirs


def own_address(blob: BlobClient) -> str:
    """Give a blob's address with the SAS that its client has."""
    return blob.url


def read_address(blob: BlobClient) -> str:
    """Give a blob of Azurite an address with a SAS of its own."""
    until = datetime.now(UTC) + timedelta(hours=1)
    container, name = str(blob.container_name), str(blob.blob_name)
    may = BlobSasPermissions(read=True)
    token = sign(emulator.ACCOUNT, container, name, account_key=emulator.KEY, permission=may, expiry=until)
    return f"{blob.url}?{token}"


def listed(found: Any) -> list[list[tuple[str, int]]]:  # Any: a pair of lists, typed as a tuple of anything by the SDK
    """Give the ids and sizes of both sides of a block list; no order is documented for the uncommitted ones."""
    committed, uncommitted = ([(block.id, block.size) for block in side] for side in found)
    return [committed, sorted(uncommitted)]


def lists(script: Script) -> None:
    """Stage blocks out of order, with ids of two lengths, and list them before and after they are committed."""
    blob = script.blob("listed")
    for number in (2, 1):
        script.step(f"put block {number}", blob.stage_block, f"{number:06}", b"x" * number)
    script.step("put block with a longer id", blob.stage_block, "0000003", b"x")
    script.note("uncommitted alone", listed(script.step("list uncommitted", blob.get_block_list, "uncommitted")))
    names = [BlobBlock("000002"), BlobBlock("000001")]
    script.step("put block list", blob.commit_block_list, names)
    script.step("put another block", blob.stage_block, "000003", b"xxx")
    for kind in ("committed", "uncommitted", "all"):
        script.note(kind, listed(script.step(f"list {kind} of both", blob.get_block_list, kind)))
    script.step("list of an absent blob", script.blob("absent").get_block_list, "all")


def copied_blocks(script: Script, address: Address) -> None:
    """Copy a blob block by block, and try what must be refused."""
    source, copy = script.blob("a source"), script.blob("by/blocks")
    put = script.step("put the source", source.upload_blob, CONTENT)
    url, stage = address(source), copy.stage_block_from_url
    md5 = hashlib.md5(CONTENT[HALF:]).digest()
    script.step("first half", stage, "1", url, source_offset=0, source_length=HALF)
    script.step("second half", stage, "2", url, source_offset=HALF, source_length=HALF, source_content_md5=md5)
    script.step("wrong md5", stage, "3", url, source_offset=0, source_length=HALF, source_content_md5=md5)
    script.step("behind the end", stage, "3", url, source_offset=len(CONTENT), source_length=1)
    script.step("absent", stage, "3", address(script.blob("absent")))
    script.step("longer id", stage, "33", url)
    script.step("same etag", stage, "3", url, headers={"x-ms-source-if-match": put["etag"]})
    script.step("other etag", stage, "3", url, headers={"x-ms-source-if-match": '"other"'})
    script.note("staged", listed(script.step("list", copy.get_block_list, "all")))
    script.step("commit", copy.commit_block_list, [BlobBlock("1"), BlobBlock("2")])
    script.read("get", copy)


def copied_blobs(script: Script, address: Address) -> None:
    """Copy whole blobs, under conditions."""
    source, copy = script.blob("a whole source"), script.blob("whole")
    settings = ContentSettings(content_type="text/csv")
    put = script.step("put the source", source.upload_blob, CONTENT, content_settings=settings)
    url = address(source)
    script.step("copy", copy.upload_blob_from_url, url, metadata={"colour": "blue"})
    script.step("head", copy.get_blob_properties)
    script.step("copy again", copy.upload_blob_from_url, url)
    script.step("copy over", copy.upload_blob_from_url, url, overwrite=True, include_source_blob_properties=False)
    script.step("head without properties", copy.get_blob_properties)
    script.step("copy of an absent blob", copy.upload_blob_from_url, address(script.blob("absent")), overwrite=True)
    for name, etag in (("same", put["etag"]), ("other", '"other"')):
        match = {"source_etag": etag, "source_match_condition": MatchConditions.IfNotModified}
        script.step(f"copy of the {name} etag", copy.upload_blob_from_url, url, overwrite=True, **match)
    script.read("get", copy)


def test_block_lists_give_what_azure_documents(ours: ContainerClient) -> None:
    script = Script(ours)
    lists(script)
    assert by_step(script.answers)["put block with a longer id"] == (400, "InvalidBlobOrBlock")
    assert by_step(script.answers)["list of an absent blob"] == (404, "BlobNotFound")
    assert {answer.step: answer.value for answer in script.answers if not answer.status} == {
        "uncommitted alone": [[], [("000001", 1), ("000002", 2)]],
        "committed": [[("000002", 2), ("000001", 1)], []],
        "uncommitted": [[], [("000003", 3)]],
        "all": [[("000002", 2), ("000001", 1)], [("000003", 3)]],
    }


def test_azurite_and_this_server_list_blocks_alike(ours: ContainerClient, theirs: ContainerClient) -> None:
    scripts = Script(ours), Script(theirs)
    for script in scripts:
        lists(script)
    pairs = zip(*(script.answers for script in scripts), strict=True)
    differing = {one.step: difference(one, other) for one, other in pairs if one != other}
    # By the reference of the Blob service a blob without committed blocks has no ETag yet.
    assert differing == {"list uncommitted": {"etag", "last-modified"}}


def test_copies_block_by_block_give_what_azure_documents(ours: ContainerClient) -> None:
    script = Script(ours)
    copied_blocks(script, own_address)
    assert by_step(script.answers) == {
        "put the source": (201, None),
        "first half": (201, None),
        "second half": (201, None),
        "wrong md5": (400, "Md5Mismatch"),
        "behind the end": (416, "CannotVerifyCopySource"),
        "absent": (404, "CannotVerifyCopySource"),
        "longer id": (400, "InvalidBlobOrBlock"),
        "same etag": (201, None),
        "other etag": (412, "SourceConditionNotMet"),
        "list": (200, None),
        "commit": (201, None),
        "get": (206, None),
    }
    values = {answer.step: answer.value for answer in script.answers if not answer.status}
    assert values["staged"] == [[], [("1", HALF), ("2", HALF), ("3", len(CONTENT))]]
    assert values["get: bytes"] == hashlib.sha256(CONTENT).hexdigest()


def test_azurite_and_this_server_copy_blocks_alike(ours: ContainerClient, theirs_that_copies: ContainerClient) -> None:
    here, there = Script(ours), Script(theirs_that_copies)
    copied_blocks(here, own_address)
    copied_blocks(there, read_address)
    assert by_step(here.answers) == by_step(there.answers)


def test_copies_of_whole_blobs_give_what_azure_documents(ours: ContainerClient) -> None:
    script = Script(ours)
    copied_blobs(script, own_address)
    assert by_step(script.answers) == {
        "put the source": (201, None),
        "copy": (201, None),
        "head": (200, None),
        "copy again": (409, "BlobAlreadyExists"),
        "copy over": (201, None),
        "head without properties": (200, None),
        "copy of an absent blob": (404, "CannotVerifyCopySource"),
        "copy of the same etag": (201, None),
        "copy of the other etag": (412, "SourceConditionNotMet"),
        "get": (206, None),
    }
    headers = {answer.step: answer.headers for answer in script.answers}
    assert (headers["head"]["content-type"], headers["head"]["x-ms-meta-colour"]) == ("text/csv", "blue")
    assert headers["head without properties"]["content-type"] == "application/octet-stream"
    assert script.answers[-1].value == hashlib.sha256(CONTENT).hexdigest()


def test_the_sdk_reads_how_the_source_refused(ours: ContainerClient) -> None:
    source, copy = ours.get_blob_client("source"), ours.get_blob_client("copy")
    source.upload_blob(CONTENT)
    with pytest.raises(ClientAuthenticationError) as caught:
        copy.stage_block_from_url("1", source.url.partition("?")[0])
    info = getattr(caught.value, "additional_info", None)
    assert (caught.value.status_code, info) == (
        401,
        {
            "copysourcestatuscode": "401",
            "copysourceerrorcode": "NoAuthenticationInformation",
            "copysourceerrormessage": str(caught.value.message).partition("\n")[0],
        },
    )
    with pytest.raises(ResourceNotFoundError, match="The specified blob does not exist"):
        copy.upload_blob_from_url(ours.get_blob_client("absent").url)


def test_a_token_opens_the_source_in_place_of_a_sas(ours: ContainerClient, server: Server) -> None:
    source, copy = ours.get_blob_client("source"), ours.get_blob_client("copy")
    source.upload_blob(CONTENT)
    plain = source.url.partition("?")[0]
    copy.upload_blob_from_url(plain, source_authorization="Bearer token")
    assert copy.download_blob().readall() == CONTENT
    assert server.verdict()["verdict"] == "clean"
