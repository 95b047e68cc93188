"""Copies of this server's own blobs, into blocks and blobs: results and rejections."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mock_server.app.application import Application
from mock_server.state.blob_store import Part
from mock_server.state.world import Options, open_world
from tests.mock_server.copy_requests import (
    BLOCK_BLOB,
    CONTENT,
    commit,
    copy_blob,
    copy_block,
    count_staged_blocks,
    error_of,
    md5,
    read_blob,
)
from tests.mock_server.driver import Azure
from tests.mock_server.loopback_server import allow_loopback_sources, loopback_server, whole
from tests.mock_server.test_blobs import block_id
from tests.mock_server.test_malformed_requests import answer
from tests.mock_server.test_server import Remote, process

Copy = Callable[[Azure, str], httpx.Response]


def test_ranges_of_a_blob_become_the_blocks_of_another(azure: Azure) -> None:
    azure.upload(CONTENT, "a b/ü.bin")
    source = str(httpx.URL(azure.blob_url("a b/ü.bin")))
    for number, part in enumerate(("bytes=0-699999", "bytes=700000-1500000", "bytes=1500001-")):
        made = copy_block(azure, source, number, {"x-ms-source-range": part})
        assert (made.status_code, made.headers.get("content-md5")) == (201, None)
    assert commit(azure, 0, 1, 2).status_code == 201
    assert read_blob(azure) == CONTENT


def test_copied_and_sent_blocks_make_one_blob(azure: Azure) -> None:
    azure.upload(b"first", "a")
    assert copy_block(azure, azure.blob_url("a"), 0).status_code == 201
    azure.plain.put(f"{azure.blob_url('copy')}&comp=block&blockid={block_id(1)}", content=b" and second")
    assert commit(azure, 0, 1).status_code == 201
    assert read_blob(azure) == b"first and second"


def test_a_blob_is_copied_with_its_properties_and_new_metadata(azure: Azure) -> None:
    put = {**BLOCK_BLOB, "Content-Type": "text/csv", "x-ms-blob-cache-control": "no-store", "x-ms-meta-old": "1"}
    azure.plain.put(azure.blob_url("a"), content=CONTENT, headers=put)
    made = copy_blob(azure, azure.blob_url("a"), headers={"x-ms-meta-new": "2"})
    assert (made.status_code, made.headers["content-md5"]) == (201, md5(CONTENT))
    head = azure.plain.head(azure.blob_url("copy")).headers
    assert (head["content-type"], head["cache-control"], head["content-md5"]) == ("text/csv", "no-store", md5(CONTENT))
    assert (head["x-ms-meta-new"], "x-ms-meta-old" in head, head["etag"]) == ("2", False, made.headers["etag"])
    assert read_blob(azure) == CONTENT


def test_a_request_can_override_or_omit_the_source_s_properties(azure: Azure) -> None:
    azure.plain.put(azure.blob_url("a"), content=b"x", headers={**BLOCK_BLOB, "Content-Type": "text/csv"})
    copy_blob(azure, azure.blob_url("a"), "own", {"x-ms-blob-content-type": "text/plain"})
    copy_blob(azure, azure.blob_url("a"), "none", {"x-ms-copy-source-blob-properties": "false"})
    kinds = [azure.plain.head(azure.blob_url(name)).headers["content-type"] for name in ("own", "none")]
    assert kinds == ["text/plain", "application/octet-stream"]


def test_a_blob_can_be_copied_onto_itself(azure: Azure) -> None:
    azure.upload(CONTENT, "copy")
    assert copy_blob(azure, azure.blob_url("copy")).status_code == 201
    assert read_blob(azure) == CONTENT


def test_an_empty_blob_can_be_copied(azure: Azure) -> None:
    azure.upload(b"", "a")
    assert copy_blob(azure, azure.blob_url("a")).status_code == 201
    assert azure.plain.head(azure.blob_url("copy")).headers["content-length"] == "0"


def test_a_bearer_token_opens_the_source_other_schemes_do_not(azure: Azure) -> None:
    azure.upload(b"x", "a")
    source = azure.blob_url("a", "").rstrip("?")
    assert copy_block(azure, source, headers={"x-ms-copy-source-authorization": "Bearer token"}).status_code == 201
    other = copy_block(azure, source, headers={"x-ms-copy-source-authorization": "SharedKey mockstore:x"})
    assert error_of(other) == (400, "InvalidHeaderValue")


@pytest.mark.parametrize("copy", [copy_block, copy_blob])
@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("a", "sp=", "off=", (403, "AuthenticationFailed")),
        ("a", "sig=", "sig=A", (403, "AuthenticationFailed")),
        ("a", "sig=", "other=", (401, "NoAuthenticationInformation")),
        ("b", "sig=", "sig=", (404, "BlobNotFound")),
    ],
)
def test_a_rejected_source_passes_on_its_status_and_code(
    azure: Azure, copy: Copy, name: str, old: str, new: str, code: tuple[int, str]
) -> None:
    azure.upload(b"x", "a")
    got = copy(azure, azure.blob_url(name).replace(old, new, 1))
    assert error_of(got) == (code[0], "CannotVerifyCopySource")
    assert got.headers["x-ms-copy-source-error-code"] == code[1]
    assert f"<CopySourceStatusCode>{code[0]}</CopySourceStatusCode>" in got.text
    assert f"<CopySourceErrorCode>{code[1]}</CopySourceErrorCode>" in got.text
    assert "www-authenticate" not in got.headers
    assert read_blob(azure).startswith(b"<?xml")


def test_a_range_beyond_the_source_s_end_is_rejected(azure: Azure) -> None:
    azure.upload(b"abc", "a")
    got = copy_block(azure, azure.blob_url("a"), headers={"x-ms-source-range": "bytes=3-5"})
    assert error_of(got) == (416, "CannotVerifyCopySource")
    assert got.headers["x-ms-copy-source-error-code"] == "InvalidRange"


def test_a_source_changed_between_ranges_is_detected_by_its_etag(azure: Azure) -> None:
    first = azure.upload(b"old", "a").headers["etag"]
    on_first = {"x-ms-source-if-match": first}
    assert copy_block(azure, azure.blob_url("a"), 0, on_first).status_code == 201
    second = azure.upload(b"new", "a").headers["etag"]
    assert error_of(copy_block(azure, azure.blob_url("a"), 1, on_first)) == (412, "SourceConditionNotMet")
    assert error_of(copy_blob(azure, azure.blob_url("a"), headers=on_first)) == (412, "SourceConditionNotMet")
    assert copy_block(azure, azure.blob_url("a"), 1, {"x-ms-source-if-match": f"W/{second}"}).status_code == 201
    assert count_staged_blocks(azure) == 2


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"if-match": "*"}, 201),
        ({"if-none-match": "*"}, 412),
        ({"if-none-match": '"other"'}, 201),
        ({"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 201),
        ({"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 412),
        ({"if-unmodified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 412),
        ({"if-unmodified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 201),
    ],
)
def test_every_source_condition_is_checked(azure: Azure, condition: dict[str, str], status: int) -> None:
    azure.upload(b"x", "a")
    headers = {f"x-ms-source-{name}": value for name, value in condition.items()}
    assert copy_block(azure, azure.blob_url("a"), headers=headers).status_code == status


def test_the_source_s_md5_is_checked_and_returned_if_requested(azure: Azure) -> None:
    azure.upload(b"bytes", "a")
    source = azure.blob_url("a")
    right, wrong = ({"x-ms-source-content-md5": md5(content)} for content in (b"bytes", b"other"))
    assert copy_block(azure, source, 0, right).headers["content-md5"] == md5(b"bytes")
    assert copy_block(azure, source, 1, {"x-ms-version": "2018-11-09"}).headers["content-md5"] == md5(b"bytes")
    assert error_of(copy_block(azure, source, 2, wrong)) == (400, "Md5Mismatch")
    assert error_of(copy_blob(azure, source, headers=wrong)) == (400, "Md5Mismatch")
    assert error_of(copy_block(azure, source, 3, {"x-ms-source-content-md5": "AAAA"})) == (400, "InvalidMd5")
    assert count_staged_blocks(azure) == 2


def test_the_destination_s_conditions_are_checked_first(azure: Azure) -> None:
    azure.upload(b"old", "copy")
    allow_loopback_sources(azure.server.endpoint)
    with loopback_server(whole(b"new")) as there:
        got = copy_blob(azure, there.url, headers={"If-None-Match": "*"})
    assert error_of(got) == (409, "BlobAlreadyExists")
    assert (there.requests, read_blob(azure)) == ([], b"old")


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ms-copy-source": "ftp://127.0.0.1/a"},
        {"x-ms-copy-source": "/container/a"},
        {"x-ms-copy-source": "http://[127.0.0.1/a"},
        {"x-ms-copy-source": "http://127.0.0.1:99999/a"},
        {"x-ms-copy-source": f"http://127.0.0.1/{'a' * 2048}"},
        {"x-ms-source-range": "bytes=5-1"},
        {"x-ms-source-range": "0-5"},
        {"x-ms-source-if-modified-since": "yesterday"},
    ],
)
def test_invalid_copy_headers_are_rejected(azure: Azure, headers: dict[str, str]) -> None:
    assert error_of(copy_block(azure, "http://127.0.0.1/a", headers=headers)) == (400, "InvalidHeaderValue")


def test_unsupported_copies_are_rejected_by_name(azure: Azure) -> None:
    azure.upload(b"x", "a")
    source = azure.blob_url("a")
    with_crc = copy_block(azure, source, headers={"x-ms-source-content-crc64": "AAAAAAAAAAA="})
    ranged = copy_blob(azure, source, headers={"x-ms-source-range": "bytes=0-1"})
    plain = azure.plain.put(azure.blob_url("copy"), headers={"x-ms-copy-source": source})
    assert [error_of(got) for got in (with_crc, ranged, plain)] == [(400, "UnsupportedHeader")] * 3
    bytes_too = azure.plain.put(
        azure.blob_url("copy"), content=b"x", headers={**BLOCK_BLOB, "x-ms-copy-source": source}
    )
    assert error_of(bytes_too) == (400, "InvalidHeaderValue")


def test_a_source_deleted_during_the_copy_fails_its_condition() -> None:
    world = open_world(Options())
    blob = world.blobs.commit("container", "a", [Part("", "gone", 5)], modified=0.0, headers={}, metadata={})
    app, place = Application(world), "/mockstore.blob.x/container"
    proof = {"authorization": "Bearer token", "x-ms-copy-source-authorization": "Bearer token"}
    headers = {**BLOCK_BLOB, **proof, "x-ms-copy-source": f"http://127.0.0.1{place}/{blob.name}"}
    got = answer(app, "PUT", f"{place}/copy", {}, headers, b"")
    assert error_of(got) == (412, "SourceConditionNotMet")
    assert world.blobs.get("container", "copy") is None
    world.close()


def test_the_journal_redacts_the_source_s_secrets(azure: Azure) -> None:
    azure.upload(b"x", "a")
    source = azure.blob_url("a")
    copy_block(azure, source, headers={"x-ms-copy-source-authorization": "Bearer secret"})
    headers = azure.server.requests()[-1]["request_headers"]
    assert headers["x-ms-copy-source-authorization"] == "Bearer REDACTED"
    assert headers["x-ms-copy-source"].partition("&sig=")[2] == "REDACTED"
    assert headers["x-ms-copy-source"].partition("?")[0] == source.partition("?")[0]


def test_copies_that_were_acknowledged_survive_a_kill(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state"))
    with process(tmp_path, *options) as (running, address), closing(Azure(Remote(str(address["endpoint"])))) as azure:
        azure.upload(CONTENT, "a")
        assert copy_blob(azure, azure.blob_url("a"), "whole").status_code == 201
        assert copy_block(azure, azure.blob_url("a"), headers={"x-ms-source-range": "bytes=0-9"}).status_code == 201
        running.kill()
    with process(tmp_path, *options) as (_, address), closing(Azure(Remote(str(address["endpoint"])))) as azure:
        assert read_blob(azure, "whole") == CONTENT
        assert commit(azure, 0).status_code == 201
        assert read_blob(azure) == CONTENT[:10]


def test_copying_the_same_bytes_again_is_not_a_charge(azure: Azure) -> None:
    azure.upload(CONTENT, "a")
    source = azure.blob_url("a")
    for _ in range(2):
        copy_blob(azure, source)
        for number in range(2):
            copy_block(azure, source, number, {"x-ms-source-range": f"bytes={number}-9"}, to="blocks")
        commit(azure, 0, 1, to="blocks")
    azure.plain.put(f"{azure.blob_url('b')}&comp=block&blockid={block_id(0)}", content=b"sent")
    copy_block(azure, source, 0, to="b")
    azure.plain.put(f"{azure.blob_url('b')}&comp=block&blockid={block_id(0)}", content=b"sent")
    assert azure.server.verdict()["verdict"] == "clean"


def test_only_a_copy_from_the_same_source_counts_as_a_retry(azure: Azure) -> None:
    azure.upload(CONTENT, "a")
    url = f"{azure.blob_url('copy')}&comp=block&blockid={block_id(0)}"
    gone, there = ({"x-ms-copy-source": azure.blob_url(name)} for name in ("gone", "a"))
    assert [azure.plain.put(url, headers=source).status_code for source in (gone, there)] == [404, 201]
    assert azure.server.verdict()["verdict"] == "clean"
    assert [azure.plain.put(url, headers=source).status_code for source in (gone, gone)] == [404, 404]
    charges = [charge["charge"] for charge in azure.server.verdict()["charges"]]
    assert charges == ["retried what must not be retried"]
