"""Pages of other sites, and host names rebound to this server, are rejected by every surface."""

import pytest

from tests.mock_server.driver import Azure

PATHS = ("{ws}/jobs", "/azureml-blobstore-x/blob", "/_mock/state", "/_mock/ui")
FOREIGN = (
    {"Host": "evil.test"},
    {"Host": "evil.test:8765", "Origin": "http://evil.test:8765", "Sec-Fetch-Site": "same-origin"},
    {"Host": "127.0.0.1.evil.test"},
    {"Host": "10.0.0.1"},
    {"Origin": "http://evil.test"},
    {"Origin": "null"},
    {"Origin": "http://[evil"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_surface_serves_a_foreign_page(azure: Azure, headers: dict[str, str]) -> None:
    got = {path: azure.http.get(path.format(ws=azure.ws), headers=headers) for path in PATHS}
    assert {path: answer.status_code for path, answer in got.items()} == dict.fromkeys(got, 403)
    assert got["{ws}/jobs"].json()["error"]["code"] == "MockForeignPage"
    assert got["/azureml-blobstore-x/blob"].text.startswith("<?xml")


def test_a_foreign_page_can_write_no_blob(azure: Azure) -> None:
    headers = {"Host": "evil.test", "x-ms-blob-type": "BlockBlob"}
    assert azure.plain.put(azure.blob_url("data/x"), content=b"x", headers=headers).status_code == 403
    assert azure.plain.get(azure.blob_url("data/x")).status_code == 404


def test_a_browser_runs_no_blob(azure: Azure) -> None:
    azure.upload(b"<script>alert(1)</script>")
    answer = azure.plain.get(azure.blob_url("data/train.jsonl"))
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("path", ["/nowhere", "/subscriptions/s/nothing", "/_mock/nothing", "/azureml-blobstore-x/b"])
def test_no_foreign_page_learns_which_paths_exist(azure: Azure, path: str) -> None:
    for method in ("GET", "PATCH", "OPTIONS"):
        got = azure.plain.request(method, f"{azure.server.endpoint}{path}", headers={"Host": "evil.test"})
        assert got.status_code == 403, method
