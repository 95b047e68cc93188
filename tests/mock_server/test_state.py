"""The state as a document: exported, imported and loaded at the start without loss."""

import base64
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, Json, rows
from tests.mock_server.test_server import process


def busy(server: Server) -> Azure:
    """Create one resource of every kind, some of them unfinished."""
    azure = Azure(server)
    azure.endpoint("tuned", azure.tuned())
    server.fault(job="queue", seconds=1000)
    azure.put("/jobs/queued", azure.job_body(f"{azure.ws}/data/train/versions/1", tags={"a": "b"}))
    server.fault(endpoint="fail", reason="No capacity.")
    azure.endpoint("failing")
    azure.http.post("/_mock/clock", json={"workspace": "own", "mode": "scaled", "scale": 3, "advance": 50})
    azure.http.post("/_mock/clock", json={"step_on_poll": 5})
    url = azure.blob_url("blocks")
    for block in ("YQ==", "Yg=="):
        azure.plain.put(f"{url}&comp=block&blockid={block}", content=block.encode() * 1000)
    azure.plain.put(
        f"{url}&comp=blocklist", content=b"<BlockList><Latest>Yg==</Latest><Latest>YQ==</Latest></BlockList>"
    )
    azure.plain.put(f"{url}&comp=metadata", headers={"x-ms-meta-upload_status": "completed"})
    azure.plain.put(f"{url}&comp=block&blockid=Yw==", content=b"staged")
    azure.http.post("/_mock/state", json={"settings": {"blob_addressing": "host"}})
    return azure


def export(azure: Azure) -> Json:
    """Export the state."""
    state: Json = azure.http.get("/_mock/state").json()
    return state


def test_an_export_imported_elsewhere_exports_the_same() -> None:
    with (
        serve(clock="virtual") as first,
        serve(clock="virtual", seed=7) as second,
        closing(busy(first)) as here,
        closing(Azure(second)) as there,
    ):
        state = export(here)
        assert there.http.post("/_mock/state", json=state).status_code == 200
        assert export(there) == state


def test_an_imported_state_responds_like_the_exported_one() -> None:
    with (
        serve(clock="virtual") as first,
        serve(clock="virtual", seed=7) as second,
        closing(busy(first)) as here,
        closing(Azure(second)) as there,
    ):
        there.http.post("/_mock/state", json=export(here))
        for name in ("queued", "job"):
            assert there.get(f"/jobs/{name}").json() == here.get(f"/jobs/{name}").json()


def test_a_blob_keeps_its_etag_metadata_date_and_blocks(azure: Azure) -> None:
    url = azure.blob_url("blocks")
    azure.plain.put(f"{url}&comp=block&blockid=YQ==", content=b"abc")
    azure.plain.put(f"{url}&comp=blocklist", content=b"<BlockList><Latest>YQ==</Latest></BlockList>")
    azure.plain.put(f"{url}&comp=metadata", headers={"x-ms-meta-upload_status": "completed"})
    azure.plain.put(f"{url}&comp=block&blockid=Yw==", content=b"staged")

    def shown() -> list[object]:
        head = {name: value for name, value in azure.plain.head(url).headers.items() if name in KEPT}
        return [head, azure.plain.get(url).content, azure.plain.get(f"{url}&comp=blocklist&blocklisttype=all").text]

    before, state = shown(), export(azure)
    azure.server.reset()
    assert azure.plain.head(url).status_code == 404
    azure.http.post("/_mock/state", json=state)
    assert shown() == before
    assert "Yw==" in str(before)


KEPT = ("etag", "last-modified", "x-ms-meta-upload_status", "content-length", "content-type")


def test_failed_endpoints_and_held_jobs_keep_their_state() -> None:
    with (
        serve(clock="virtual") as first,
        serve(clock="virtual") as second,
        closing(busy(first)) as here,
        closing(Azure(second)) as there,
    ):
        there.http.post("/_mock/state", json=export(here))
        second.advance(60)
        assert there.status("queued") == "Queued"
        shown = there.get("/serverlessEndpoints/failing").json()["properties"]
        assert shown["provisioningState"] == "Failed"
        second.advance(3600)
        assert there.status("queued") == "Completed"
        assert there.chat("What is the capital of country 3?", "tuned").status_code == 200


def test_a_file_is_loaded_only_into_an_empty_state(tmp_path: Path) -> None:
    file, folder = tmp_path / "seed.json", tmp_path / "state"
    with serve(clock="virtual") as server, closing(busy(server)) as azure:
        file.write_text(json.dumps(export(azure)))
    with serve(clock="virtual", load=file, state=folder) as server, closing(Azure(server)) as azure:
        assert azure.status() == "Completed"
        azure.http.delete(f"{azure.ws}/jobs/job")
    with serve(clock="virtual", load=file, state=folder) as server, closing(Azure(server)) as azure:
        assert azure.get("/jobs/job").status_code == 404
        assert azure.get("/jobs/queued").status_code == 200


def test_a_small_file_written_by_hand_is_loaded(tmp_path: Path) -> None:
    blob = {"container": "azureml-blobstore-x", "name": "a", "content": base64.b64encode(rows()).decode()}
    file = tmp_path / "seed.json"
    file.write_text(json.dumps({"blobs": [blob]}))
    with serve(load=file) as server, closing(Azure(server)) as azure:
        (shown,) = export(azure)["blobs"]
        assert base64.b64decode(shown["content"]) == rows()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"colour": 1}, "got ['colour']: remove them"),
        ({"documents": {}}, "documents must be a list of {kind"),
        (
            {"documents": [{"kind": "server", "scope": "", "name": "clocks", "body": {"a": 1}}]},
            "documents must be a list",
        ),
        ({"blobs": [{"container": "c", "name": "n", "content": "???"}]}, "content in base64"),
        ({"blobs": [{"container": "c", "name": "n", "content": "YQ==", "parts": [{"id": "", "size": 9}]}]}, "parts"),
        ({"blocks": [{"container": "c", "name": "n"}]}, "blocks must be a list"),
        ({"clocks": {"": {"mode": "wild"}}}, "a clock is {mode"),
        ({"clocks": []}, "clocks must be an object"),
        ({"settings": {"colour": "red"}}, "settings accept"),
        ({"account_key": 5}, "account_key must be a string"),
    ],
)
def test_an_invalid_export_is_rejected_whole_with_a_correction(azure: Azure, state: Json, words: str) -> None:
    before = export(azure)
    answer = azure.http.post("/_mock/state", json={"documents": [], **state})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")
    assert words in answer.json()["error"]["message"]
    assert export(azure) == before


@pytest.mark.parametrize("content", ["{", "[]", '{"colour": 1}', None])
def test_an_invalid_load_file_ends_the_start_with_one_line(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "seed.json"
    (tmp_path / ("seed.json" if content else "other.json")).write_text(content or "")
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--load", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, f"cannot load {file}" in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)


def test_steps_and_loads_are_options_of_the_command(tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    with serve(clock="virtual") as server, closing(Azure(server)) as azure:
        azure.job()
        file.write_text(json.dumps({**export(azure), "clocks": {}}))
    with process(tmp_path, "--step-on-poll", "60", "--load", str(file)) as (_, address):
        shown = httpx.get(f"{address['endpoint']}/_mock/clock", trust_env=False).json()
        assert (shown["mode"], shown["step_on_poll"]) == ("virtual", 60)
