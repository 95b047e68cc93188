"""Block blobs over the wire: content, conditions and access."""

import base64
import hashlib
import hmac
import re
from email.utils import formatdate
from urllib.parse import urlsplit

import pytest

from tests.mock_server.driver import Azure

BLOCK = {"x-ms-blob-type": "BlockBlob"}
CONTENT = bytes(range(256)) * 8192  # 2 MiB


def block_id(number: int) -> str:
    """Return a block id."""
    return base64.b64encode(f"{number:06}".encode()).decode()


def test_a_blob_is_read_back_whole_and_in_ranges(azure: Azure) -> None:
    azure.upload(CONTENT, "a/b.bin")
    url = azure.blob_url("a/b.bin")
    assert azure.plain.get(url).content == CONTENT
    part = azure.plain.get(url, headers={"x-ms-range": "bytes=600000-600009"})
    assert (part.status_code, part.content) == (206, CONTENT[600000:600010])
    assert part.headers["content-range"] == f"bytes 600000-600009/{len(CONTENT)}"
    assert azure.plain.get(url, headers={"Range": f"bytes={len(CONTENT)}-"}).status_code == 416


def test_a_head_has_size_type_and_metadata_or_an_error_code(azure: Azure) -> None:
    azure.upload(b"abc", "a.txt")
    azure.plain.put(azure.blob_url("a.txt") + "&comp=metadata", headers={"x-ms-meta-upload_status": "completed"})
    head = azure.plain.head(azure.blob_url("a.txt"))
    assert (head.headers["content-length"], head.headers["x-ms-meta-upload_status"]) == ("3", "completed")
    missing = azure.plain.head(azure.blob_url("b.txt"))
    assert (missing.status_code, missing.headers["x-ms-error-code"]) == (404, "BlobNotFound")


def test_blocks_become_a_blob_when_their_list_is_committed(azure: Azure) -> None:
    url = azure.blob_url("big.bin")
    pieces = [CONTENT[:700_000], CONTENT[700_000:1_500_000], CONTENT[1_500_000:]]
    for number in (2, 0, 1):
        sent = azure.plain.put(f"{url}&comp=block&blockid={block_id(number)}", content=pieces[number])
        assert sent.status_code == 201
    assert azure.plain.get(url).status_code == 404
    listed = azure.plain.get(url + "&comp=blocklist&blocklisttype=all").text
    assert listed.count("<Block>") == 3
    names = "".join(f"<Latest>{block_id(number)}</Latest>" for number in range(3))
    body = f"<BlockList>{names}</BlockList>"
    done = azure.plain.put(url + "&comp=blocklist", content=body)
    sum_of_list = base64.b64encode(hashlib.md5(body.encode()).digest()).decode()
    assert (done.status_code, done.headers["content-md5"]) == (201, sum_of_list)
    assert azure.plain.get(url).content == CONTENT


def test_block_ids_have_one_length_until_they_are_committed(azure: Azure) -> None:
    url = azure.blob_url("a.txt") + "&comp=block&blockid="
    assert azure.plain.put(url + block_id(1), content=b"x").status_code == 201
    for other in ("YQ==", "YWJjZGVmZw=="):
        answer = azure.plain.put(url + other, content=b"x")
        assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "InvalidBlobOrBlock")
    body = f"<BlockList><Latest>{block_id(1)}</Latest></BlockList>"
    assert azure.plain.put(azure.blob_url("a.txt") + "&comp=blocklist", content=body).status_code == 201
    assert azure.plain.put(url + "YQ==", content=b"x").status_code == 201


@pytest.mark.parametrize("size", [65, 66, 100])
def test_a_block_id_must_be_base64_of_at_most_64_bytes(azure: Azure, size: int) -> None:
    url = azure.blob_url("a.txt") + "&comp=block&blockid="
    longest = base64.b64encode(bytes(64)).decode()
    assert azure.plain.put(url + longest, content=b"x").status_code == 201
    for wrong in (base64.b64encode(bytes(size)).decode(), "no base64", "YQ", ""):
        answer = azure.plain.put(url + wrong, content=b"x")
        assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "InvalidQueryParameterValue")


def test_a_block_list_sorts_committed_by_order_and_others_by_id(azure: Azure) -> None:
    url = azure.blob_url("a.txt")
    for number in (1, 0):
        azure.plain.put(f"{url}&comp=block&blockid={block_id(number)}", content=b"x" * (number + 1))
    empty = azure.plain.get(url + "&comp=blocklist&blocklisttype=uncommitted")
    assert (empty.headers["x-ms-blob-content-length"], "etag" in empty.headers) == ("0", False)
    body = f"<BlockList><Latest>{block_id(1)}</Latest><Latest>{block_id(0)}</Latest></BlockList>"
    etag = azure.plain.put(url + "&comp=blocklist", content=body).headers["etag"]
    for number in (3, 2):
        azure.plain.put(f"{url}&comp=block&blockid={block_id(number)}", content=b"x" * (number + 1))
    committed, uncommitted, both, default = (
        azure.plain.get(url + "&comp=blocklist" + kind)
        for kind in ("&blocklisttype=committed", "&blocklisttype=uncommitted", "&blocklisttype=all", "")
    )
    blocks = [f"<Block><Name>{block_id(n)}</Name><Size>{n + 1}</Size></Block>" for n in range(4)]
    first = f"<CommittedBlocks>{blocks[1]}{blocks[0]}</CommittedBlocks>"
    second = f"<UncommittedBlocks>{blocks[2]}{blocks[3]}</UncommittedBlocks>"
    start = '<?xml version="1.0" encoding="utf-8"?><BlockList>'
    assert [answer.text for answer in (committed, uncommitted, both)] == [
        f"{start}{inner}</BlockList>" for inner in (first, second, first + second)
    ]
    assert default.text == committed.text
    assert (both.headers["etag"], both.headers["x-ms-blob-content-length"]) == (etag, "3")


def test_a_list_that_names_an_absent_block_changes_nothing(azure: Azure) -> None:
    azure.upload(b"old", "a.txt")
    url = azure.blob_url("a.txt")
    body = f"<BlockList><Latest>{block_id(9)}</Latest></BlockList>"
    answer = azure.plain.put(url + "&comp=blocklist", content=body)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "InvalidBlockList")
    assert azure.plain.get(url).content == b"old"


def test_conditions_protect_existing_blobs(azure: Azure) -> None:
    url = azure.blob_url("a.txt")
    first = azure.plain.put(url, content=b"one", headers={**BLOCK, "If-None-Match": "*"})
    second = azure.plain.put(url, content=b"two", headers={**BLOCK, "If-None-Match": "*"})
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.headers["x-ms-error-code"] == "BlobAlreadyExists"
    wrong = azure.plain.put(url, content=b"two", headers={**BLOCK, "If-Match": '"0x1"'})
    right = azure.plain.put(url, content=b"two", headers={**BLOCK, "If-Match": first.headers["etag"]})
    assert (wrong.status_code, right.status_code) == (412, 201)


def test_a_wrong_md5_is_refused_for_blob_block_and_list(azure: Azure) -> None:
    url = azure.blob_url("a.txt")
    wrong = {"Content-MD5": base64.b64encode(hashlib.md5(b"other").digest()).decode()}
    for place, headers in ((url, {**BLOCK, **wrong}), (f"{url}&comp=block&blockid={block_id(1)}", wrong)):
        answer = azure.plain.put(place, content=b"bytes", headers=headers)
        assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "Md5Mismatch")
    assert azure.plain.get(url).status_code == 404


def test_a_block_s_md5_is_returned_if_sent_or_for_old_versions(azure: Azure) -> None:
    sum_of = base64.b64encode(hashlib.md5(b"bytes").digest()).decode()
    sent = (
        {"x-ms-version": "2023-11-03"},
        {"x-ms-version": "2018-11-09"},
        {"x-ms-version": "2023-11-03", "Content-MD5": sum_of},
    )
    place = f"{azure.blob_url('a.txt')}&comp=block&blockid={block_id(1)}"
    md5s = [azure.plain.put(place, content=b"bytes", headers=headers).headers.get("content-md5") for headers in sent]
    assert md5s == [None, sum_of, sum_of]


def test_listing_goes_by_prefix_and_in_pages(azure: Azure) -> None:
    for name in ("a/1", "a/2", "a/3", "b/1"):
        azure.upload(b"x", name)
    root = azure.blob_url("").replace("/?", "?") + "&restype=container&comp=list&prefix=a/&maxresults=2"
    first = azure.plain.get(root).text
    assert first.count("<Blob>") == 2
    assert "<NextMarker>a/2</NextMarker>" in first
    second = azure.plain.get(root + "&marker=a/2").text
    assert "<Name>a/3</Name>" in second


def test_a_deleted_blob_is_gone(azure: Azure) -> None:
    azure.upload(b"x", "a")
    assert azure.plain.delete(azure.blob_url("a")).status_code == 202
    assert azure.plain.get(azure.blob_url("a")).status_code == 404


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        (r".*", "", 401, "NoAuthenticationInformation"),
        ("sig=", "sig=A", 403, "AuthenticationFailed"),
        ("sp=rwdlac", "sp=rwdlacup", 403, "AuthenticationFailed"),
    ],
)
def test_a_missing_or_altered_sas_is_rejected(azure: Azure, old: str, new: str, status: int, code: str) -> None:
    answer = azure.plain.get(azure.blob_url("a", re.sub(old, new, azure.sas())))
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (status, code)
    assert f"<Code>{code}</Code>" in answer.text


def test_a_sas_expires_by_the_workspace_s_clock(azure: Azure) -> None:
    azure.upload(b"x", "a")
    url = azure.blob_url("a")
    assert azure.plain.get(url).status_code == 200
    azure.server.advance(3601)
    assert azure.plain.get(url).headers["x-ms-error-code"] == "AuthenticationFailed"


def test_a_bearer_token_opens_blobs_too(azure: Azure) -> None:
    azure.upload(b"x", "a")
    assert azure.follow(azure.blob_url("a", "")).content == b"x"


@pytest.mark.parametrize("by_path", [False, True])
def test_shared_key_signatures_are_verified(azure: Azure, by_path: bool) -> None:
    azure.http.post("/_mock/state", json={"settings": {"datastore_credentials": "key"}})
    secret = azure.post("/datastores/workspaceblobstore/listSecrets", {}).json()
    assert secret["secretsType"] == "AccountKey"
    url = azure.blob_url("a.txt", "").rstrip("?")
    path = urlsplit(url).path
    account = {False: "mockstore", True: path.split("/")[1]}[
        by_path
    ]  # the second is the form that azure-storage-blob uses on loopback
    date = formatdate(usegmt=True)
    headers = {"x-ms-date": date, "x-ms-version": "2023-11-03", "x-ms-blob-type": "BlockBlob"}
    special = f"x-ms-blob-type:BlockBlob\nx-ms-date:{date}\nx-ms-version:2023-11-03\n"
    text = f"PUT\n\n\n3\n\n\n\n\n\n\n\n\n{special}/{account}{path}"
    signature = base64.b64encode(hmac.digest(base64.b64decode(secret["key"]), text.encode(), "sha256")).decode()
    good = azure.plain.put(
        url, content=b"abc", headers={**headers, "Authorization": f"SharedKey {account}:{signature}"}
    )
    bad = azure.plain.put(url, content=b"abd", headers={**headers, "Authorization": f"SharedKey {account}:AAAA"})
    assert (good.status_code, bad.status_code) == (201, 403)


def test_a_datastore_without_secrets_permits_no_keys(azure: Azure) -> None:
    sas = azure.sas()
    azure.http.post("/_mock/state", json={"settings": {"datastore_credentials": "none"}})
    assert azure.post("/datastores/workspaceblobstore/listSecrets", {}).status_code == 404
    answer = azure.plain.get(azure.blob_url("a", sas))
    assert answer.headers["x-ms-error-code"] == "KeyBasedAuthenticationNotPermitted"


def test_blobs_are_found_by_virtual_host_and_bare_as_well(azure: Azure) -> None:
    azure.upload(b"x", "a")
    path = urlsplit(azure.blob_url("a")).path.partition(".blob.")[2].partition("/")[2]
    port = urlsplit(azure.server.endpoint).port
    url = f"{azure.server.endpoint}/{path}?{azure.sas()}"
    assert azure.plain.get(url).content == b"x"
    assert azure.plain.get(url, headers={"Host": f"mockstore.blob.localhost:{port}"}).content == b"x"


def test_leases_are_rejected_by_name(azure: Azure) -> None:
    azure.upload(b"x", "a")
    answer = azure.plain.put(azure.blob_url("a") + "&comp=lease")
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "FeatureNotSupported")
