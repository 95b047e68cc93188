"""Foundry's files over the wire: form, life cycle, list, content, limits."""

import pytest

from mock_server.resources import foundry_files
from tests.mock_server.driver import rows
from tests.mock_server.foundry_driver import DATED, PROJECT, PROJECT_DATED, V1, Foundry


@pytest.mark.parametrize(("base", "status"), [(V1, 200), (PROJECT, 200), (PROJECT_DATED, 201), (DATED, 201)])
def test_a_file_is_created_on_every_base(foundry: Foundry, base: str, status: int) -> None:
    made = foundry.by(base).upload()
    assert made.status_code == status
    assert ("location" in made.headers) == (status == 201)
    shown = made.json()
    assert shown["id"].startswith("file-")
    assert (shown["status"], shown["bytes"], shown["filename"]) == ("pending", len(rows()), "train.jsonl")
    assert "expires_at" not in shown
    assert foundry.get(f"/files/{shown['id']}").json()["id"] == shown["id"]


def test_a_location_leads_to_the_file(foundry: Foundry) -> None:
    made = foundry.by(DATED).upload()
    assert foundry.http.get(made.headers["location"]).json()["id"] == made.json()["id"]


def test_a_file_goes_through_its_states(foundry: Foundry) -> None:
    file = foundry.upload().json()["id"]
    seen: list[str] = []
    for _ in range(4):
        seen.append(foundry.get(f"/files/{file}").json()["status"])
        foundry.server.advance(0.8)
    assert list(dict.fromkeys(seen)) == ["pending", "running", "processed"]


def test_the_content_comes_back_as_it_was_sent(foundry: Foundry) -> None:
    content = bytes(range(256)) * 9000 + b"\r\n--boundary\r\n\r\n"
    file = foundry.file(content)
    found = foundry.get(f"/files/{file}/content")
    assert (found.content, found.headers["content-type"]) == (content, "application/octet-stream")


def test_files_are_listed_newest_first_and_in_pages(foundry: Foundry) -> None:
    made = [foundry.file() for _ in range(3)]
    assert [one["id"] for one in foundry.get("/files").json()["data"]] == made[::-1]
    first = foundry.get("/files", limit="2").json()
    assert (first["has_more"], first["last_id"]) == (True, made[1])
    second = foundry.get("/files", limit="2", after=made[1]).json()
    assert ([one["id"] for one in second["data"]], second["has_more"]) == ([made[0]], False)
    assert [one["id"] for one in foundry.get("/files", order="asc").json()["data"]] == made
    assert foundry.get("/files", purpose="batch").json()["data"] == []
    assert foundry.get("/files", after="file-unknown").status_code == 400


def test_a_deleted_file_is_gone(foundry: Foundry) -> None:
    file = foundry.file()
    assert foundry.delete(f"/files/{file}").json() == {"object": "file", "deleted": True, "id": file}
    for gone in (
        foundry.get(f"/files/{file}"),
        foundry.get(f"/files/{file}/content"),
        foundry.delete(f"/files/{file}"),
    ):
        assert (gone.status_code, gone.json()["error"]["code"]) == (404, "notFound")


def test_a_file_expires_when_it_was_asked_to(foundry: Foundry) -> None:
    fields = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "1209600"}
    made = foundry.upload(None, "train.jsonl", **fields).json()
    assert made["expires_at"] == made["created_at"] + 1_209_600
    foundry.server.advance(1_209_601)
    assert foundry.get(f"/files/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("files", "data", "words"),
    [
        ({"file": ("a.jsonl", b"{}", "")}, {"purpose": "fine-tune"}, "no or an empty content type"),
        ({"file": ("a.jsonl", b"{}", "text/plain")}, {"purpose": "odd"}, "Invalid value for 'purpose'"),
        ({"other": ("a.jsonl", b"{}", "text/plain")}, {"purpose": "fine-tune"}, "no part 'file'"),
        (
            {"file": ("a.jsonl", b"{}", "text/plain")},
            {"purpose": "fine-tune", "expires_after[seconds]": "5"},
            "expires_after",
        ),
    ],
)
def test_an_invalid_form_is_refused(
    foundry: Foundry, files: dict[str, tuple[str, bytes, str]], data: dict[str, str], words: str
) -> None:
    answer = foundry.http.post(f"{V1}/files", files=files, data=data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidPayload")
    assert words in answer.json()["error"]["message"]
    assert foundry.get("/files").json()["data"] == []


def test_more_than_a_hundred_files_are_refused(foundry: Foundry) -> None:
    for _ in range(100):
        assert foundry.upload(b"{}").status_code == 200
    assert foundry.upload(b"{}").json()["error"]["code"] == "quotaExceeded"


def test_more_bytes_than_the_resource_holds_are_refused(foundry: Foundry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundry_files, "MAX_TOTAL_BYTES", 1_000)
    first = foundry.upload(b"x" * 600).json()["id"]
    assert foundry.upload(b"x" * 600).json()["error"]["code"] == "quotaExceeded"
    assert foundry.delete(f"/files/{first}").status_code == 200
    assert foundry.upload(b"x" * 600).status_code == 200
