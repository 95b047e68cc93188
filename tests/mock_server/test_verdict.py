"""The verdict: for every charge a client that deserves it, and one that does the same correctly."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from support import Clock

from mock_server.server import serve
from tests.mock_server.driver import Azure, Json, rows
from tests.test_main_job import TRAIN, VALIDATION, Place, whole_job, whole_job_on_a_loop

EARLY = "retried too early"
FINAL = "retried what must not be retried"
STORM = "retry storm"
PACE = "no back-off"
TWICE = "created twice"
CUT = "ignored a truncated stream"
STRAY = "credentials sent where they don't belong"
VAIN = "uploaded what was there already"


def charges(azure: Azure) -> list[str]:
    """Return the names of the charges."""
    return [charge["charge"] for charge in found(azure)]


def found(azure: Azure) -> Sequence[Json]:
    """Return the charges."""
    verdict = azure.server.verdict()
    assert verdict["verdict"] == ("guilty" if verdict["charges"] else "clean")
    charged: list[Json] = verdict["charges"]
    return charged


def fail(azure: Azure, count: int, status: int = 500) -> None:
    """Make the next `count` listings fail."""
    azure.server.fault(operation="jobs.list", status=status, count=count)


def retry(azure: Azure, *waits: float) -> None:
    """List the jobs, and again after each wait."""
    azure.get("/jobs")
    for wait in waits:
        azure.server.advance(wait)
        azure.get("/jobs")


def test_every_retry_after_format_is_checked(azure: Azure) -> None:
    for spelling in ("seconds", "date", "retry-after-ms", "x-ms-retry-after-ms"):
        for wait, verdict in ((1, [EARLY]), (31, [])):
            azure.server.reset()
            azure.server.fault(operation="jobs.list", status=429, retry_after=30, spelling=spelling)
            retry(azure, wait)
            assert charges(azure) == verdict, spelling


def test_the_charge_shows_its_requests(azure: Azure) -> None:
    azure.server.fault(operation="jobs.list", status=429, retry_after=30)
    retry(azure, 1)
    (charge,) = found(azure)
    assert [(entry["operation"], entry["status"]) for entry in charge["requests"]] == [
        ("jobs.list", 429),
        ("jobs.list", 200),
    ]
    assert "Retry-After" in charge["because"]


def test_a_rejected_creation_sent_again_is_a_charge(azure: Azure) -> None:
    for _ in range(2):
        azure.put("/jobs/job", {"properties": {"jobType": "Command"}})
    assert charges(azure) == [FINAL]


def test_a_corrected_creation_is_not_a_charge(azure: Azure) -> None:
    body = azure.job_body(azure.asset(rows()))
    azure.put("/jobs/job", {"properties": {"jobType": "Command"}})
    azure.put("/jobs/job", body)
    assert charges(azure) == []


def test_a_retry_with_a_renewed_token_is_not_a_charge(azure: Azure) -> None:
    body = azure.job_body(azure.asset(rows()))
    azure.server.fault(operation="jobs.create", expired=True)
    azure.put("/jobs/job", body)
    azure.http.headers["Authorization"] = "Bearer fresh"
    assert azure.put("/jobs/job", body).status_code == 201
    assert charges(azure) == []


def test_regenerating_keys_again_after_a_lost_reply_is_a_charge(azure: Azure) -> None:
    azure.endpoint()
    azure.server.fault(operation="endpoints.regenerate_keys", status=500)
    for _ in range(2):
        azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary"})
    assert charges(azure) == [FINAL]


def test_reading_keys_twice_is_not_a_charge(azure: Azure) -> None:
    azure.endpoint()
    azure.server.fault(operation="endpoints.list_keys", status=500)
    for _ in range(2):
        azure.post("/serverlessEndpoints/ep/listKeys")
    assert charges(azure) == []


def test_eleven_retries_in_a_minute_are_a_retry_storm(azure: Azure) -> None:
    fail(azure, 20)
    retry(azure, *(0.5 * 1.2**n for n in range(11)))
    assert charges(azure) == [STORM]


def test_half_an_hour_of_polls_through_an_outage_is_not_a_charge(azure: Azure) -> None:
    fail(azure, 30)
    retry(azure, *[60.0] * 30)
    assert charges(azure) == []


def test_immediate_and_evenly_spaced_retries_lack_back_off(azure: Azure) -> None:
    fail(azure, 3)
    retry(azure, 0, 0, 0)
    assert charges(azure) == [PACE]
    azure.server.reset()
    fail(azure, 4, status=503)
    retry(azure, 2, 2, 2, 2)
    assert charges(azure) == [PACE]


def test_retries_with_growing_gaps_have_back_off(azure: Azure) -> None:
    fail(azure, 4)
    retry(azure, 0.5, 1, 2, 4)
    assert charges(azure) == []


def test_a_second_name_after_a_lost_reply_creates_twice(azure: Azure) -> None:
    body = azure.job_body(azure.asset(rows()))
    azure.server.fault(operation="jobs.create", drop="after")
    with pytest.raises(httpx.RemoteProtocolError):
        azure.put("/jobs/a", body)
    azure.put("/jobs/b", body)
    assert charges(azure) == [TWICE]


def test_the_same_name_after_a_lost_reply_creates_once(azure: Azure) -> None:
    body = azure.job_body(azure.asset(rows()))
    azure.server.fault(operation="jobs.create", drop="after")
    with pytest.raises(httpx.RemoteProtocolError):
        azure.put("/jobs/a", body)
    assert azure.put("/jobs/a", body).status_code == 200
    assert charges(azure) == []


def cut_conversation(azure: Azure) -> tuple[str, str]:
    """Start a conversation whose first answer is cut; returns the key, and the text received."""
    azure.endpoint()
    azure.server.advance(60)
    key = azure.key()
    azure.server.fault(operation="chat.complete", shorten=900)
    azure.chat("Hello", key=key, stream=True)
    cut: str = azure.server.requests()[-1]["cut_text"]
    assert cut
    return key, cut


def test_continuing_from_a_cut_answer_is_a_charge(azure: Azure) -> None:
    key, half = cut_conversation(azure)
    said = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": half}]
    azure.chat([*said, {"role": "user", "content": "Go on"}], key=key)
    assert charges(azure) == [CUT]


def test_asking_again_after_a_cut_answer_is_not_a_charge(azure: Azure) -> None:
    key, _ = cut_conversation(azure)
    whole = azure.chat("Hello", key=key).json()["choices"][0]["message"]
    said = [{"role": "user", "content": "Hello"}, whole]
    azure.chat([*said, {"role": "user", "content": "Go on"}], key=key)
    assert charges(azure) == []


def test_a_token_on_a_foreign_host_is_a_charge(azure: Azure) -> None:
    foreign = azure.server.endpoint.replace("127.0.0.1", "localhost") + "/foreign/next"
    azure.server.fault(operation="jobs.list", next_link=foreign)
    azure.follow(azure.get("/jobs").json()["nextLink"])
    assert charges(azure) == [STRAY]


def test_a_foreign_link_without_a_token_is_not_a_charge(azure: Azure) -> None:
    foreign = azure.server.endpoint.replace("127.0.0.1", "localhost") + "/foreign/next"
    azure.server.fault(operation="jobs.list", next_link=foreign)
    azure.plain.get(azure.get("/jobs").json()["nextLink"])
    azure.get("/jobs")
    assert charges(azure) == []


def test_a_token_next_to_a_signature_is_a_charge(azure: Azure) -> None:
    url = azure.blob_url("a")
    azure.plain.put(url, content=b"a", headers={"x-ms-blob-type": "BlockBlob", "Authorization": "Bearer token"})
    assert charges(azure) == [STRAY]


def test_a_management_token_sent_to_an_endpoint_is_a_charge(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    assert azure.chat("Hello", key=azure.key()).status_code == 200
    assert charges(azure) == []
    assert azure.chat("Hello", key="token").status_code == 401
    assert charges(azure) == [STRAY]


def test_a_sas_on_a_management_route_is_a_charge(azure: Azure) -> None:
    azure.get("/jobs", sig="abc")
    assert charges(azure) == [STRAY]


def put_blocks(azure: Azure, *contents: bytes) -> None:
    """Upload a blob in blocks with random ids, as Microsoft's SDK does, and commit it."""
    url = azure.blob_url("blocks")
    ids = [f"{len(azure.server.requests()) + n:08d}" for n in range(len(contents))]
    for block, content in zip(ids, contents, strict=True):
        assert azure.plain.put(f"{url}&comp=block&blockid={block}", content=content).status_code == 201
    listed = "".join(f"<Latest>{block}</Latest>" for block in ids)
    azure.plain.put(f"{url}&comp=blocklist", content=f"<BlockList>{listed}</BlockList>")


def test_the_same_blob_uploaded_twice_is_a_charge(azure: Azure) -> None:
    azure.upload(rows())
    azure.upload(rows())
    assert charges(azure) == [VAIN]
    azure.server.reset()
    put_blocks(azure, b"a" * 20, b"b" * 20)
    put_blocks(azure, b"a" * 20, b"b" * 20)
    assert charges(azure) == [VAIN]


def test_sending_an_acknowledged_block_again_is_a_charge(azure: Azure) -> None:
    url = azure.blob_url("a") + "&comp=block&blockid=YQ=="
    for _ in range(2):
        azure.plain.put(url, content=b"abc")
    assert charges(azure) == [VAIN]


def test_new_content_deletion_and_lost_replies_are_not_charges(azure: Azure) -> None:
    azure.upload(rows(20))
    azure.upload(rows(30))
    azure.plain.delete(azure.blob_url("data/train.jsonl"))
    azure.upload(rows(30))
    azure.server.fault(operation="blob.put", drop="after")
    with pytest.raises(httpx.RemoteProtocolError):
        azure.upload(rows(), "other")
    azure.upload(rows(), "other")
    put_blocks(azure, b"a" * 20, b"b" * 20)
    put_blocks(azure, b"a" * 20, b"c" * 20)
    assert charges(azure) == []


def test_the_whole_job_with_this_client_is_clean(tmp_path: Path, clock: Clock) -> None:
    with serve(state=tmp_path / "state", clock="virtual") as server:
        clock.time = httpx.get(f"{server.endpoint}/_mock/clock", trust_env=False).json()["now"]
        clock.listeners.append(server.advance)
        place = Place(server, clock)
        whole_job(place, TRAIN, VALIDATION, "Where is the workshop?")
        assert server.verdict() == {"verdict": "clean", "charges": [], "requests": len(server.requests()), "costs": []}
        server.reset()
        server.fault(operation="jobs.*", status=429, retry_after=20, count=2)
        server.fault(operation="chat.complete", status=503, count=3)
        server.fault(operation="blob.put", drop="after")
        server.fault(operation="jobs.create", drop="after")
        server.fault(endpoint="unready", calls=3)
        server.fault(operation="metrics.*", status=500, count=2)
        asyncio.run(whole_job_on_a_loop(place, TRAIN, VALIDATION, "Where is the workshop?"))
        assert server.verdict()["charges"] == []
