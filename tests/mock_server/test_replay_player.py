"""The player takes requests and returns recorded answers, with the names that the requests have."""

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mock_server.replay.answers import Answer
from mock_server.replay.player import Lost, Player
from mock_server.replay.requests import ReplayRequest
from mock_server.replay.unmatched import Unmatched
from tests.mock_server.cassettes import ARM, BASE, WORKSPACE, Json, asks, cassette, line

STORE = "https://account-1.blob.core.windows.net/container-1"
BLOBS = f"{BASE}/store.blob.127.0.0.1:8765/box"


class Replay:
    """A replay of exchanges, which keeps its state."""

    def __init__(self, folder: Path, *lines: Json) -> None:
        self.player = Player(cassette(folder, *lines))
        self.state = self.player.start

    def play(self, request: ReplayRequest) -> Answer | Lost | Unmatched:
        """Play a request."""
        self.state, played = self.player.play(self.state, request)
        return played

    def answer(self, method: str, path: str, body: object = None, **more: Any) -> Answer:
        """Return the answer to a request that fits."""
        played = self.play(asks(method, path, body, **more))
        assert isinstance(played, Answer), played
        return played

    def json(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer's JSON."""
        return json.loads(self.answer(method, path, body).body)

    def unmatched(self, method: str, path: str, body: object = None) -> str:
        """Return why a request fits nothing."""
        played = self.play(asks(method, path, body))
        assert isinstance(played, Unmatched)
        return played.sentence


def status(word: str) -> Json:
    return {"name": "job-1", "properties": {"status": word}}


def test_names_of_a_request_come_back_in_answers(tmp_path: Path) -> None:
    document = {"id": f"{WORKSPACE}/jobs/job-1", "name": "job-1", "tags": {"tag-1": "text-1"}}
    replay = Replay(tmp_path, line("PUT", "/jobs/job-1", 201, document), line("GET", "/jobs/job-1", 200, document))
    shown = replay.json("PUT", "/jobs/mine")
    assert shown["name"] == "mine"
    assert shown["id"].endswith("/workspaces/ws/jobs/mine")
    assert shown["tags"] == {"tag-1": "text-1"}
    assert replay.json("GET", "/jobs/mine") == shown


def test_names_in_a_body_are_bound_by_walking_it(tmp_path: Path) -> None:
    sent = {"properties": {"displayName": "name-1", "tags": {"tag-1": "text-1"}, "uri": "azureml:data-1:version-1"}}
    replay = Replay(tmp_path, line("PUT", "/jobs/job-1", 201, sent, sent=sent))
    mine = {"properties": {"displayName": "Mine", "tags": {"team": "red"}, "uri": "azureml:rows:7"}}
    assert replay.json("PUT", "/jobs/mine", mine) == mine


def test_a_bound_name_is_asked_for_by_no_other(tmp_path: Path) -> None:
    replay = Replay(tmp_path, line("PUT", "/jobs/job-1", 201, {}), line("GET", "/jobs/job-1", 200, {}))
    replay.json("PUT", "/jobs/mine")
    assert "job-1 stands for 'mine'" in replay.unmatched("GET", "/jobs/yours")


def test_a_place_and_a_resource_of_one_name_are_two(tmp_path: Path) -> None:
    scope = "/subscriptions/group-1/resourceGroups/group-1/providers/P/workspaces/group-1"
    document = {"id": f"{scope}/jobs/group-1", "name": "group-1", "subscriptionId": "group-1"}
    replay = Replay(tmp_path, line("PUT", f"{ARM}{scope}/jobs/group-1?v=1", 201, document))
    place = "/subscriptions/s/resourceGroups/r/providers/P/workspaces/w"
    shown = replay.json("PUT", f"{BASE}{place}/jobs/j?v=1")
    assert shown == {"id": f"{place}/jobs/j", "name": "j", "subscriptionId": "j"}
    assert "group-1 stands for" in replay.unmatched("PUT", f"{BASE}{place}-2/jobs/j?v=1")


def test_a_place_is_known_without_its_scope(tmp_path: Path) -> None:
    replay = Replay(tmp_path, line("GET", "", 200, {"name": "workspace-1", "resourceGroup": "group-1"}))
    assert replay.json("GET", "") == {"name": "ws", "resourceGroup": "rg"}


def test_a_name_that_the_service_gave_is_kept(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path,
        line("POST", "https://account-1.openai.azure.com/openai/v1/files", 200, {"id": "file-1"}),
        line("GET", "https://account-1.openai.azure.com/openai/v1/files/file-1", 200, {"id": "file-1"}),
    )
    assert replay.json("POST", f"{BASE}/openai/v1/files")["id"] == "file-1"
    assert "file-1 stands for 'file-1'" in replay.unmatched("GET", f"{BASE}/openai/v1/files/file-9")
    assert replay.json("GET", f"{BASE}/openai/v1/files/file-1")["id"] == "file-1"


def test_a_word_of_the_service_is_no_name_of_the_program(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path,
        line("GET", "/jobs", 200, {"value": [{"name": "job-1", "kind": "endpoint-1"}]}),
        line("GET", "/serverlessEndpoints/endpoint-1", 404, {}),
        line("PUT", "/serverlessEndpoints/endpoint-1", 201, {"name": "endpoint-1"}),
    )
    assert replay.json("GET", "/jobs")["value"] == [{"name": "job-1", "kind": "endpoint-1"}]
    assert replay.answer("GET", "/serverlessEndpoints/mine").status == 404
    assert replay.json("PUT", "/serverlessEndpoints/mine") == {"name": "mine"}


def test_a_repeated_poll_gets_the_last_answer(tmp_path: Path) -> None:
    words = ["Queued", "Running", "Completed"]
    replay = Replay(tmp_path, *(line("GET", "/jobs/job-1", 200, status(word)) for word in words))
    seen = [replay.json("GET", "/jobs/mine")["properties"]["status"] for _ in range(5)]
    assert seen == [*words, "Completed", "Completed"]


def test_a_change_is_answered_only_as_often_as_recorded(tmp_path: Path) -> None:
    replay = Replay(tmp_path, line("PUT", "/jobs/job-1", 201, {}))
    replay.json("PUT", "/jobs/mine")
    assert "it was answered already" in replay.unmatched("PUT", "/jobs/mine")


def test_a_read_does_not_run_ahead_of_a_deletion(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path,
        line("GET", "/serverlessEndpoints/endpoint-1", 200, {"name": "endpoint-1"}),
        line("DELETE", "/serverlessEndpoints/endpoint-1", 202),
        line("GET", "/serverlessEndpoints/endpoint-1", 404, {"error": {"code": "UserError"}}),
    )
    path = "/serverlessEndpoints/mine"
    assert [replay.answer("GET", path).status for _ in range(3)] == [200, 200, 200]
    replay.answer("DELETE", path)
    assert [replay.answer("GET", path).status for _ in range(2)] == [404, 404]


def test_a_read_from_before_a_change_is_passed_over(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path,
        line("GET", "/jobs/job-1", 404, {}),
        line("GET", "/jobs/job-1", 404, {}),
        line("PUT", "/jobs/job-1", 201, {}),
        line("GET", "/jobs/job-1", 200, {}),
    )
    assert replay.answer("GET", "/jobs/mine").status == 404
    replay.answer("PUT", "/jobs/mine")
    assert replay.answer("GET", "/jobs/mine").status == 200


def test_a_secret_may_be_read_again(tmp_path: Path) -> None:
    replay = Replay(tmp_path, line("POST", "/serverlessEndpoints/endpoint-1/listKeys", 200, {"primaryKey": "key-1"}))
    keys = [replay.json("POST", "/serverlessEndpoints/mine/listKeys")["primaryKey"] for _ in range(2)]
    assert keys == ["key-1", "key-1"]


def test_of_two_changes_the_one_with_this_body_answers(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path,
        line("PUT", "/jobs/job-1", 201, {"rate": 1}, sent={"rate": 1}),
        line("PUT", "/jobs/job-2", 201, {"rate": 2}, sent={"rate": 2}),
    )
    assert replay.json("PUT", "/jobs/b", {"rate": 2}) == {"rate": 2}
    assert replay.json("PUT", "/jobs/a", {"rate": 1}) == {"rate": 1}


def test_an_unmatched_request_names_the_nearest_and_why(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path, line("GET", "/jobs/job-1"), line("GET", "/computes/compute-1"), line("PUT", "/jobs/job-1")
    )
    message = replay.unmatched("GET", "/jobs/mine?api-version=2030-01-01")
    assert message.startswith("GET /subscriptions/sub/")
    assert "fits no exchange of the cassette. Nearest: exchange 0 (GET https://management.azure.com/" in message
    assert "its query has api-version=2024-10-01" in message
    assert message.endswith("Repeat the recorded work, or record it again.")


def test_an_answer_that_was_lost_is_lost_again_once(tmp_path: Path) -> None:
    lost = line("PUT", "/jobs/job-1", None, failure="connection")
    replay = Replay(tmp_path, lost, line("PUT", "/jobs/job-1", 201, {}), line("POST", "/x", None, failure="timeout"))
    assert replay.answer("PUT", "/jobs/mine").status == 201
    assert isinstance(replay.play(asks("PUT", "/jobs/mine")), Lost)
    assert "it was answered already" in replay.unmatched("PUT", "/jobs/mine")
    assert "no answer to it was recorded" in replay.unmatched("POST", "/x?other")


def test_signatures_do_not_decide_what_fits(tmp_path: Path) -> None:
    replay = Replay(tmp_path, line("HEAD", f"{STORE}/file-1.jsonl?sv=2022-11-02&sig=***", 404))
    assert replay.answer("HEAD", f"{BLOBS}/rows.jsonl?sig=abc&se=2030&sp=r&sv=2024-01-01").status == 404


def test_urls_in_answers_are_those_of_this_server(tmp_path: Path) -> None:
    urls = {
        "arm": f"{ARM}{WORKSPACE}/jobs?page=2",
        "history": "https://eastus2.api.azureml.ms/history/v1.0",
        "blob": f"{STORE}/file-1.txt?sig=***",
        "serverless": "https://endpoint-1.eastus2.models.ai.azure.com/v1",
        "online": "https://endpoint-1.eastus2.inference.ml.azure.com/score",
        "local": "http://localhost/account-1.blob.core.windows.net/container-1",
        "other": "https://aka.ms/help",
    }
    headers = {"location": f"{ARM}/subscriptions/subscription-1/x", "etag": "etag-1"}
    replay = Replay(tmp_path, line("GET", "/jobs", 200, urls, headers=headers))
    answer = replay.answer("GET", "/jobs")
    shown = json.loads(answer.body)
    assert shown["arm"].startswith(f"{BASE}/subscriptions/sub/resourceGroups/rg/")
    assert shown["history"] == f"{BASE}/history/v1.0"
    assert shown["blob"] == f"{BASE}/account-1.blob.127.0.0.1:8765/container-1/file-1.txt?sig=***"
    assert shown["serverless"] == f"{BASE}/maas/endpoint-1/v1"
    assert shown["online"] == f"{BASE}/mir/endpoint-1/score"
    assert shown["local"] == f"{BASE}/account-1.blob.127.0.0.1:8765/container-1"
    assert shown["other"] == "https://aka.ms/help"
    assert answer.headers == {"location": f"{BASE}/subscriptions/sub/x", "etag": '"etag-1"'}


def test_a_request_to_a_service_of_its_own_host_fits(tmp_path: Path) -> None:
    replay = Replay(
        tmp_path,
        line("POST", "https://endpoint-1.eastus2.models.ai.azure.com/v1/chat/completions", 200, {"id": "id-1"}),
    )
    assert replay.json("POST", f"{BASE}/maas/mine/v1/chat/completions") == {"id": "id-1"}


def test_a_datastore_is_on_this_server(tmp_path: Path) -> None:
    properties = {"accountName": "account-1", "containerName": "container-1", "endpoint": "core.windows.net"}
    replay = Replay(tmp_path, line("GET", "/datastores/workspaceblobstore", 200, {"properties": properties}))
    shown = replay.json("GET", "/datastores/workspaceblobstore")["properties"]
    container = f"{shown['protocol']}://{shown['accountName']}.blob.{shown['endpoint']}/{shown['containerName']}"
    assert container == f"{BASE}/account-1.blob.127.0.0.1:8765/container-1"


def test_a_datastore_has_the_account_of_the_urls(tmp_path: Path) -> None:
    properties = {"accountName": "account-9", "containerName": "container-1", "endpoint": "host-1"}
    store, blob = "/datastores/workspaceblobstore", f"{STORE}/file-1.txt"
    replay = Replay(tmp_path, line("GET", store, 200, {"properties": properties}), line("HEAD", blob, 404))
    shown = replay.json("GET", store)["properties"]
    assert shown["accountName"] == "127.0.0.1:8765/account-1"


def test_parameters_may_have_any_order_and_new_names(tmp_path: Path) -> None:
    url = f"{ARM}/subscriptions/subscription-1/operations/id-1?api-version=1&header-1=id-2&header-2=id-3"
    replay = Replay(tmp_path, line("GET", url, 200, {"next": "header-1 header-2"}))
    assert "its query has" in replay.unmatched("GET", f"{BASE}/subscriptions/s/operations/o?api-version=1&t=5")
    assert "its query has" in replay.unmatched("GET", f"{BASE}/subscriptions/s/operations/o?api-version=2&t=5&c=6")
    shown = replay.json("GET", f"{BASE}/subscriptions/s/operations/o?t=5&c=6&api-version=1")
    assert shown == {"next": "t c"}


def test_a_tuned_model_has_the_id_of_its_job(tmp_path: Path) -> None:
    jobs = "https://account-1.openai.azure.com/openai/v1/fine_tuning/jobs"
    job = {"id": "job-3", "fine_tuned_model": "Ministral-3B.ft-model-1"}
    replay = Replay(tmp_path, line("POST", jobs, 200, {"id": "job-3"}), line("GET", f"{jobs}/job-3", 200, job))
    made = replay.json("POST", f"{BASE}/openai/v1/fine_tuning/jobs")["id"]
    model = replay.json("GET", f"{BASE}/openai/v1/fine_tuning/jobs/{made}")["fine_tuned_model"]
    assert re.fullmatch("ftjob-[0-9a-f]{32}", made)
    assert model == f"Ministral-3B.ft-{made.removeprefix('ftjob-')}"


@pytest.mark.parametrize("end", ["", "\r"])
def test_a_table_of_figures_is_answered_as_it_was(tmp_path: Path, end: str) -> None:
    table = f"step,train_loss{end}\n1,2.5{end}\n2,{end}\n"
    data = {"bytes": len(table), "columns": ["step", "train_loss"], "figures": [f"1,2.5{end}", f"2,{end}"]}
    replay = Replay(tmp_path, line("GET", f"{STORE}/results.csv", 200, {"data": data}))
    assert replay.answer("GET", f"{BLOBS}/results.csv").body.decode() == table


def test_an_event_stream_is_sent_event_by_event(tmp_path: Path) -> None:
    events: list[Json] = [{"choices": [{"delta": {"content": "text-2"}}]}, {"choices": []}]
    url = "https://endpoint-1.eastus2.models.ai.azure.com/v1/chat/completions"
    replay = Replay(tmp_path, line("POST", url, 200, {"events": events, "done": True}))
    body = replay.answer("POST", f"{BASE}/maas/mine/v1/chat/completions").body.decode()
    assert body.endswith("data: [DONE]\n\n")
    assert [json.loads(part[6:]) for part in body.split("\n\n")[:2]] == events


def test_data_is_filled_in_with_its_size_and_shape(tmp_path: Path) -> None:
    shape = {"": ["object"], "/messages": ["array"], "/messages/*": ["object"], "/messages/*/role": ["string"]}
    rows: Json = {"data": {"bytes": 500, "media": "application/jsonl", "rows": 3, "shape": shape}}
    log: Json = {"data": {"bytes": 100, "media": "text/plain"}}
    weights: Json = {"data": {"bytes": 64, "media": "application/octet-stream"}}
    urls = [f"{STORE}/file-{number}.bin" for number in range(3)]
    replay = Replay(
        tmp_path, *(line("GET", url, 200, body) for url, body in zip(urls, (rows, log, weights), strict=True))
    )
    filled = [replay.answer("GET", f"{BLOBS}/{name}.bin").body for name in ("a", "b", "c")]
    assert [len(one) for one in filled] == [500, 100, 64]
    made = [json.loads(row) for row in filled[0].splitlines()]
    assert made == [{"messages": [{"role": "filler"}]}] * 3
    assert filled[1].endswith(b"\n")


def test_the_checksum_of_data_is_that_of_what_is_sent(tmp_path: Path) -> None:
    headers = {"content-md5": "of something else"}
    body: Json = {"data": {"bytes": 64, "media": "text/plain"}}
    replay = Replay(tmp_path, line("GET", f"{STORE}/file-1.txt", 200, body, headers=headers))
    answer = replay.answer("GET", f"{BLOBS}/log.txt")
    digest = hashlib.md5(answer.body, usedforsecurity=False).digest()
    assert answer.headers["content-md5"] == b64encode(digest).decode()


def test_an_uploaded_file_has_its_own_blocks_and_content(tmp_path: Path) -> None:
    blob, blocks = f"{STORE}/file-1.jsonl", "<BlockList><Latest>id-1</Latest></BlockList>"
    listed = "<BlockList><CommittedBlocks><Block><Name>id-1</Name><Size>9</Size></Block></CommittedBlocks></BlockList>"
    replay = Replay(
        tmp_path,
        line("PUT", f"{blob}?blockid=id-1&comp=block", 201, sent={"data": {"bytes": 9}}),
        line("PUT", f"{blob}?comp=blocklist", 201, sent={"xml": blocks}),
        line("GET", f"{blob}?blocklisttype=committed&comp=blocklist", 200, {"xml": listed}),
        line("HEAD", blob, 200, headers={"etag": "etag-1", "content-length": "9"}),
        line("GET", blob, 206, {"data": {"bytes": 9}}, headers={"etag": "etag-1"}),
    )
    mine = f"{BLOBS}/rows.jsonl"
    for name, content in (("QQ==", b"one and "), ("Qg==", b"two")):
        replay.answer("PUT", f"{mine}?comp=block&blockid={name}", content)
    listing = "<BlockList><Latest>QQ==</Latest><Latest>Qg==</Latest></BlockList>"
    replay.answer("PUT", f"{mine}?comp=blocklist", listing.encode())
    shown = replay.answer("GET", f"{mine}?comp=blocklist&blocklisttype=committed").body.decode()
    assert "<Name>QQ==</Name><Size>8</Size>" in shown
    assert "<Name>Qg==</Name><Size>3</Size>" in shown
    assert replay.answer("HEAD", mine).headers["content-length"] == "11"
    part = replay.answer("GET", mine, range="bytes=4-10")
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"and two", "bytes 4-10/11")


def test_an_uploaded_form_has_its_own_size_and_name(tmp_path: Path) -> None:
    form = [
        {"name": "purpose", "json": "fine-tune"},
        {"name": "file", "filename": "file-1.jsonl", "data": {"bytes": 700}},
    ]
    shown = {"id": "file-2", "bytes": 700, "filename": "file-1.jsonl"}
    url = "https://account-1.openai.azure.com/openai/v1/files"
    replay = Replay(tmp_path, line("POST", url, 200, shown, sent={"form": form}))
    parts = '--x\r\nContent-Disposition: form-data; name="file"; filename="rows.jsonl"\r\n\r\nabc\r\n--x--\r\n'
    answer = replay.answer(
        "POST", f"{BASE}/openai/v1/files", parts.encode(), content_type="multipart/form-data; boundary=x"
    )
    assert json.loads(answer.body) == {"id": "file-2", "bytes": 3, "filename": "rows.jsonl"}


def test_names_are_put_into_xml_and_urls_as_they_must_be(tmp_path: Path) -> None:
    xml = "<EnumerationResults><Blob><Name>file-1.txt</Name></Blob></EnumerationResults>"
    replay = Replay(
        tmp_path,
        line("PUT", f"{STORE}/file-1.txt", 201, headers={"location": f"{STORE}/file-1.txt"}),
        line("GET", f"{STORE}?comp=list&restype=container", 200, {"xml": xml}),
    )
    location = replay.answer("PUT", f"{BLOBS}/a%20%26%20b.txt", b"x").headers["location"]
    assert location.endswith("/box/a%20%26%20b.txt")
    listed = replay.answer("GET", f"{BLOBS}?restype=container&comp=list").body.decode()
    assert "<Name>a &amp; b.txt</Name>" in listed


@pytest.mark.parametrize("word", ["gpt-4", "job-1x", "myjob-1", "data-"])
def test_words_that_look_like_placeholders_are_kept(tmp_path: Path, word: str) -> None:
    replay = Replay(tmp_path, line("PUT", "/jobs/job-1", 201, {"model": word}))
    assert replay.json("PUT", "/jobs/mine") == {"model": word}


def test_the_state_before_a_request_is_still_there(tmp_path: Path) -> None:
    player = Player(cassette(tmp_path, line("GET", "/jobs/job-1", 200, status("Queued"))))
    before = player.start
    after, _ = player.play(before, asks("GET", "/jobs/mine"))
    assert (before.used, after.used) == ((), (0,))
    assert "job-1" not in before.bindings.values
    assert after.bindings.values["job-1"] == "mine"
    assert [one.n for one in player.unused(before)] == [0]
