"""Foundry's large files over the wire: uploads in parts, and import from a URL."""

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest

from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, rows
from tests.mock_server.foundry_driver import DATED, PROJECT, PROJECT_DATED, V1, Foundry, Json

CONTENT = rows(500)


@pytest.fixture
def dated(foundry: Foundry) -> Foundry:
    """Return the account by its dated base, the only one with uploads."""
    return foundry.by(DATED)


def _begin(dated: Foundry, size: int = len(CONTENT), **changes: object) -> httpx.Response:
    body = {"purpose": "fine-tune", "filename": "big.jsonl", "bytes": size, "mime_type": "application/jsonl"}
    return dated.post("/uploads", {**body, **changes})


def _part(dated: Foundry, upload: str, data: bytes) -> Json:
    files = {"data": ("upload", data, "application/octet-stream")}
    answer = dated.http.post(f"{DATED}/uploads/{upload}/parts", params=dated.query, files=files)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _pieces(size: int = 9_000) -> Iterator[bytes]:
    return (CONTENT[start : start + size] for start in range(0, len(CONTENT), size))


@pytest.mark.parametrize("names", ["id", "azure_block_id"])
def test_parts_in_parallel_become_one_file(dated: Foundry, names: str) -> None:
    upload = _begin(dated).json()
    assert (upload["status"], upload["file"], upload["expires_at"] - upload["created_at"]) == ("pending", None, 7200)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(partial(_part, dated, upload["id"]), _pieces()))
    body = {"part_ids": [part[names] for part in parts], "md5": hashlib.md5(CONTENT).hexdigest()}
    done = dated.post(f"/uploads/{upload['id']}/complete", body).json()
    assert (done["status"], done["file"]["bytes"], done["file"]["filename"]) == ("completed", len(CONTENT), "big.jsonl")
    dated.server.advance(3)
    assert dated.get(f"/files/{done['file']['id']}/content").content == CONTENT
    assert dated.post("/fine_tuning/jobs", dated.job_body(done["file"]["id"])).status_code == 201


def test_a_part_that_was_sent_twice_counts_once(dated: Foundry) -> None:
    upload = _begin(dated).json()["id"]
    lost, kept = (_part(dated, upload, CONTENT) for _ in range(2))
    twice = dated.post(f"/uploads/{upload}/complete", {"part_ids": [lost["id"], kept["id"]]})
    assert (twice.status_code, "bytes" in twice.text) == (400, True)
    done = dated.post(f"/uploads/{upload}/complete", {"part_ids": [kept["id"]]})
    assert done.json()["file"]["bytes"] == len(CONTENT)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"part_ids": []}, "part_ids must be a list"),
        ({"part_ids": ["uplprt-none"]}, "unknown or there twice"),
        ({"md5": base64.b64encode(b"0" * 16).decode()}, "is not the md5"),
        ({"md5": "short"}, "md5 must be"),
    ],
)
def test_an_upload_that_does_not_add_up_stays_open(dated: Foundry, body: Json, words: str) -> None:
    upload = _begin(dated).json()["id"]
    part = _part(dated, upload, CONTENT)
    refused = dated.post(f"/uploads/{upload}/complete", {"part_ids": [part["id"]], **body})
    assert (refused.status_code, words in refused.json()["error"]["message"]) == (400, True)
    assert dated.post(f"/uploads/{upload}/complete", {"part_ids": [part["id"]]}).status_code == 200


def test_an_upload_ends_once(dated: Foundry) -> None:
    first, second = (_begin(dated).json()["id"] for _ in range(2))
    part = _part(dated, first, CONTENT)
    assert dated.post(f"/uploads/{first}/cancel").json()["status"] == "cancelled"
    assert dated.post(f"/uploads/{first}/complete", {"part_ids": [part["id"]]}).status_code == 400
    dated.server.advance(7201)
    files = {"data": ("upload", b"x", "text/plain")}
    late = dated.http.post(f"{DATED}/uploads/{second}/parts", params=dated.query, files=files)
    assert (late.status_code, "expired" in late.text) == (400, True)
    assert dated.get("/files").json()["data"] == []


@pytest.mark.parametrize(
    "changes", [{"bytes": 0}, {"bytes": 10 * 1024**3}, {"bytes": "5"}, {"filename": ""}, {"purpose": "odd"}]
)
def test_an_invalid_upload_is_refused(dated: Foundry, changes: Json) -> None:
    assert _begin(dated, **changes).status_code == 400


@pytest.mark.parametrize("base", [V1, PROJECT, PROJECT_DATED])
def test_only_the_dated_base_of_the_account_has_uploads(foundry: Foundry, base: str) -> None:
    assert _begin(foundry.by(base)).status_code == 404


@pytest.mark.parametrize("base", [DATED, PROJECT_DATED])
def test_a_file_is_imported_from_a_url(foundry: Foundry, azure: Azure, base: str) -> None:
    assert azure.upload(CONTENT).status_code == 201
    body = {"purpose": "fine-tune", "filename": "i.jsonl", "content_url": azure.blob_url("data/train.jsonl")}
    answer = foundry.by(base).post("/files/import", body)
    made = answer.json()
    assert (answer.status_code, made["status"], "bytes" in made) == (201, "pending", False)
    assert foundry.http.get(answer.headers["location"]).json()["id"] == made["id"]
    foundry.server.advance(3)
    assert foundry.get(f"/files/{made['id']}").json()["bytes"] == len(CONTENT)
    assert foundry.get(f"/files/{made['id']}/content").content == CONTENT


@pytest.mark.parametrize("url", ["https://account.blob.core.windows.net/c/i.jsonl?sig=x", "http://127.0.0.1:9/x"])
def test_an_import_that_cannot_be_read_ends_as_error(foundry: Foundry, url: str) -> None:
    dated = foundry.by(DATED)
    made = dated.post("/files/import", {"purpose": "fine-tune", "filename": "i.jsonl", "content_url": url}).json()
    assert made["status"] == "pending"
    dated.server.advance(3)
    failed = dated.get(f"/files/{made['id']}").json()
    assert (failed["status"], failed["error"]["code"]) == ("error", "fileImportFailed")
    assert dated.post("/fine_tuning/jobs", dated.job_body(made["id"])).status_code == 400


def test_v1_has_no_import(foundry: Foundry) -> None:
    assert foundry.post("/files/import", {"content_url": "https://x/y"}).status_code == 404


def test_an_import_reads_an_allowed_server_on_loopback(foundry: Foundry, maas_server: Server) -> None:
    with serve() as other:
        source = Foundry(other)
        file = source.file_now(CONTENT)
        url = f"{other.endpoint}{V1}/files/{file}/content"
        body = {"purpose": "fine-tune", "filename": "i.jsonl", "content_url": url}
        httpx.post(f"{maas_server.endpoint}/_mock/state", json={"settings": {"copy_sources": other.endpoint}})
        refused = foundry.by(DATED).post("/files/import", body).json()
        source.http.close()
    foundry.server.advance(3)
    failed = foundry.get(f"/files/{refused['id']}").json()
    assert failed["status"] == "error"
    assert "401" in failed["error"]["message"]
