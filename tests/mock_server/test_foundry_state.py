"""Foundry's files and jobs after a restart, in an export, and at the limit of a file's size."""

from pathlib import Path

import httpx
import pytest

from mock_server.resources import foundry_files
from mock_server.server import Server, serve
from tests.mock_server.driver import rows
from tests.mock_server.foundry_driver import DATED, V1, Foundry


def test_a_job_continues_after_a_restart(tmp_path: Path) -> None:
    with serve(state=tmp_path, clock="virtual") as server:
        before = Foundry(server)
        job = before.job()
        server.advance(12)
        running = before.show(job)
        events = before.get(f"/fine_tuning/jobs/{job}/events", limit="100").json()
        before.http.close()
    with serve(state=tmp_path, clock="virtual") as server:
        after = Foundry(server)
        assert after.show(job) == running
        assert after.get(f"/fine_tuning/jobs/{job}/events", limit="100").json() == events
        assert after.get(f"/files/{running['training_file']}/content").content == rows()
        server.advance(40)
        assert after.status(job) == "succeeded"
        after.http.close()


def test_an_export_holds_files_jobs_and_models(foundry: Foundry, maas_server: Server) -> None:
    job = foundry.job()
    foundry.server.advance(40)
    done, files = foundry.show(job), foundry.get("/files").json()
    models = foundry.get("/models").json()
    checkpoints = foundry.get(f"/fine_tuning/jobs/{job}/checkpoints").json()
    exported = httpx.get(f"{maas_server.endpoint}/_mock/state").json()
    maas_server.reset()
    assert foundry.get("/files").json()["data"] == []
    assert httpx.post(f"{maas_server.endpoint}/_mock/state", json=exported).status_code == 200
    assert foundry.show(job) == done
    assert foundry.get("/files").json() == files
    assert foundry.get("/models").json() == models
    assert foundry.get(f"/fine_tuning/jobs/{job}/checkpoints").json() == checkpoints


def test_a_deleted_job_leaves_its_model_and_its_results(foundry: Foundry) -> None:
    first = foundry.job()
    rest = [foundry.job() for _ in range(3)]
    foundry.server.advance(45)
    done = foundry.show(first)
    seen = [foundry.show(job) for job in rest]
    assert foundry.by(DATED).delete(f"/fine_tuning/jobs/{first}").status_code == 204
    assert [foundry.show(job) for job in rest] == seen
    assert foundry.get(f"/models/{done['fine_tuned_model']}").status_code == 200
    assert foundry.get(f"/files/{done['result_files'][0]}/content").text.startswith("step,")


def test_jobs_of_no_seconds_have_everything_at_once() -> None:
    with serve(job_seconds=0, clock="virtual") as server:
        foundry = Foundry(server)
        done = foundry.show(foundry.job())
        assert (done["status"], len(done["result_files"])) == ("succeeded", 1)
        assert foundry.get(f"/fine_tuning/jobs/{done['id']}/checkpoints").json()["data"]
        foundry.http.close()


def test_a_file_above_the_limit_is_refused_and_not_kept(foundry: Foundry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundry_files, "MAX_FILE_BYTES", 1_000_000)
    refused = foundry.upload(b"x" * 1_000_001)
    assert (refused.status_code, "512 MB" in refused.json()["error"]["message"]) == (400, True)
    assert foundry.upload(b"x" * 1_000_000).status_code == 200
    assert len(foundry.get("/files").json()["data"]) == 1


def test_a_form_that_ends_early_leaves_nothing(foundry: Foundry) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: a/b\r\n\r\nhalf'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = foundry.http.post(f"{V1}/files", content=body, headers=headers)
    assert (answer.status_code, "before its last boundary" in answer.text) == (400, True)
    not_a_form = foundry.http.post(f"{V1}/files", content=b"{}", headers={"Content-Type": "application/json"})
    assert (not_a_form.status_code, "multipart/form-data" in not_a_form.text) == (400, True)
    assert foundry.get("/files").json()["data"] == []
