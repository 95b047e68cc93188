"""The routes behind the page, without a browser: journal pages, rows, searches, changes, the compressed log."""

import json
import string

import httpx
import pytest
from hypothesis import given, settings, strategies as st

from mock_server.core.json_values import Json
from mock_server.core.scope import Scope
from mock_server.journal import compressed_log
from mock_server.journal.compressed_log import CompressedLog
from mock_server.journal.journal import Journal
from mock_server.training import simulation
from mock_server.training.simulation import Plan
from mock_server.ui import overview
from mock_server.ui.request_list import rows, search
from tests.mock_server.driver import Azure

ENTRY: Json = {
    "method": "GET",
    "url": "http://127.0.0.1/a?b=c",
    "operation": "jobs.list",
    "workspace": "ws",
    "status": 200,
    "request_body": None,
    "request_bytes": 0,
    "response_bytes": 2,
    "time": 1.0,
    "ended": 1.5,
    "fault": None,
}


def journal(*changes: Json) -> Journal:
    """Return a journal with one entry per change to the default one."""
    made = Journal()
    for change in changes:
        made.write({**ENTRY, **change}, made.generation)
    return made


@settings(deadline=None)
@given(
    count=st.integers(0, 1_200),
    most=st.integers(1, 600),
    after=st.integers(0, 1_300),
    limit=st.integers(0, 400),
)
def test_a_compressed_log_returns_the_last_lines_in_order(count: int, most: int, after: int, limit: int) -> None:
    made = CompressedLog(max_lines=most, min_lines=1)
    for number in range(1, count + 1):
        made.add(f"line {number}")
    kept = count - made.first + 1
    assert min(count, most) <= kept < most + 2 * compressed_log.LINES_PER_PACK
    assert made.last == count
    expected = [f"line {number}" for number in range(max(after + 1, made.first), count + 1)]
    assert made.read(after, limit) == expected[:limit]


def test_long_lines_reduce_the_log_to_its_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed_log, "MAX_BYTES", 1_000)
    made = CompressedLog(max_lines=10_000, min_lines=300)
    for number in range(2_000):
        made.add("".join(string.printable[(number * place) % 90] for place in range(100)))
    assert 300 <= made.last - made.first + 1 < 300 + 2 * compressed_log.LINES_PER_PACK


def test_a_cleared_log_restarts_numbering() -> None:
    made = CompressedLog(max_lines=10, min_lines=1)
    for _ in range(300):
        made.add("x")
    made.clear()
    made.add("y")
    assert (made.first, made.last, made.read(0, 10)) == (1, 1, ["y"])


def test_the_journal_is_read_page_by_page(azure: Azure) -> None:
    for _ in range(5):
        azure.get("/jobs")
        azure.get("/data")
    ask = azure.http.get("/_mock/requests", params={"after": 2, "limit": 3}).json()
    assert ([entry["n"] for entry in ask["requests"]], ask["first"], ask["last"]) == ([3, 4, 5], 1, 10)
    seen: list[int] = []
    while page := azure.http.get(
        "/_mock/requests", params={"after": max(seen, default=0), "limit": 2, "operation": "data.list"}
    ).json()["requests"]:
        seen += [entry["n"] for entry in page]
    assert seen == [2, 4, 6, 8, 10]
    assert len(azure.http.get("/_mock/requests", params={"operation": "data.list"}).json()["requests"]) == 5


@pytest.mark.parametrize(
    "path",
    [
        "requests?after=x",
        "requests?limit=-1",
        "requests?limit=1e3",
        "ui/rows?numbers=1,b",
        "ui/rows?numbers=" + "1," * 300,
        "ui/search?after=%C2%B2",
    ],
)
def test_an_invalid_number_in_the_query_is_rejected(azure: Azure, path: str) -> None:
    answer = azure.plain.get(f"{azure.server.endpoint}/_mock/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")


@pytest.mark.parametrize("path", ["ui/curve?guid=x&job=y", "ui/key?endpoint=none", "ui/files/none.js"])
def test_missing_resources_are_not_found(azure: Azure, path: str) -> None:
    assert azure.plain.get(f"{azure.server.endpoint}/_mock/{path}").status_code == 404


@settings(deadline=None)
@given(st.sets(st.integers(0, 700), max_size=40))
def test_the_requested_rows_are_returned_in_order(numbers: set[int]) -> None:
    assert [row["n"] for row in rows(KEPT, list(numbers))] == sorted(number for number in numbers if 1 <= number <= 600)


KEPT = journal(*[{"status": 200}] * 600)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("jobs.LIST get", [1, 4, 5]),
        ("4xx", [2]),
        ("404 post", [2]),
        ("dropped", [3]),
        ("fault", [4]),
        ("Zürich", [5]),
        ('"City"', [5]),
        ("nowhere", []),
    ],
)
def test_a_search_finds_what_has_every_word(words: str, found: list[int]) -> None:
    made = journal(
        {"status": 101},
        {"method": "POST", "status": 404, "operation": "y"},
        {"method": "PUT", "status": None},
        {"fault": 3, "status": 101},
        {"request_body": {"City": "Zürich"}},
    )
    assert search(made, words, 0, 10) == found


def test_a_search_stops_at_its_limit() -> None:
    assert search(KEPT, "jobs", 100, 3) == [101, 102, 103]


def test_only_changes_are_sent() -> None:
    before = {"jobs": {"a": {"step": 1}, "b": {"step": 1}}, "faults": {"1": {"done": 0}}}
    after = {"jobs": {"a": {"step": 2}, "c": {"step": 0}}, "faults": {"1": {"done": 0}}}
    sent = {"jobs": {"changed": {"a": {"step": 2}, "c": {"step": 0}}, "removed": ["b"]}}
    assert overview.changes(before, after) == sent
    assert overview.changes(after, after) == {}


@settings(deadline=None)
@given(rows=st.integers(1, 3_000), share=st.floats(0, 1.2))
def test_the_steps_done_agree_with_the_points_that_are_logged(rows: int, share: float) -> None:
    plan = Plan(seed="s", seconds=100.0, rows=rows, tokens=1, epochs=2.0)
    done = overview.steps_done(plan, share * 100)
    logged = [point.step for point in simulation.metrics(plan, share * 100) if point.name == "loss"]
    assert max(logged, default=0) <= done <= plan.steps
    assert done - max(logged, default=0) <= 10


def test_a_curve_is_downsampled_and_keeps_its_ends(azure: Azure) -> None:
    lines = [
        json.dumps({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]})
    ] * 9_000
    azure.job(content="\n".join(lines).encode())
    azure.server.advance(3600)
    scope = Scope("sub", "rg", "ws")
    sent = httpx.get(
        f"{azure.server.endpoint}/_mock/ui/curve", params={"guid": scope.guid, "job": "job"}, trust_env=False
    ).json()
    assert (sent["loss"][0][0], sent["loss"][-1][0]) == (10, 18_000)
    assert 300 < len(sent["loss"]) <= overview.MAX_POINTS + 1


def end_job(azure: Azure, action: str, **body: object) -> httpx.Response:
    return azure.http.post(f"/_mock/ui/jobs/{action}", json={"job": "job", "guid": guid_of(azure), **body})


def guid_of(azure: Azure) -> str:
    return str(azure.get("").json()["properties"]["workspaceId"])


def test_a_failed_job_keeps_its_losses_and_never_completes(azure: Azure) -> None:
    azure.job()
    azure.server.advance(19)
    before = azure.http.get("/_mock/ui/curve", params={"guid": guid_of(azure), "job": "job"}).json()
    assert end_job(azure, "fail", reason="evicted").status_code == 200
    azure.server.advance(3600)
    assert azure.status("job") == "Failed"
    assert azure.http.get("/_mock/ui/curve", params={"guid": guid_of(azure), "job": "job"}).json() == before
    assert before["loss"]
    assert azure.get("/models").json()["value"] == []
    lines = azure.http.get("/_mock/ui/log", params={"guid": guid_of(azure), "job": "job"}).json()["lines"]
    assert lines[-1].endswith("ERROR: evicted")


def test_a_job_that_is_being_canceled_can_still_fail(azure: Azure) -> None:
    azure.job()
    azure.server.advance(19)
    assert end_job(azure, "cancel").status_code == 200
    assert azure.status("job") == "CancelRequested"
    assert end_job(azure, "fail").status_code == 200
    assert azure.status("job") == "Failed"


def test_a_job_that_has_ended_is_not_ended_again(azure: Azure) -> None:
    azure.job()
    azure.server.advance(3600)
    for action in ("fail", "cancel"):
        assert end_job(azure, action).json()["error"]["message"] == "The job job has ended: it is Completed."
    assert azure.status("job") == "Completed"


def test_only_a_known_job_and_action_are_accepted(azure: Azure) -> None:
    azure.job()
    assert end_job(azure, "explode").status_code == 404
    assert end_job(azure, "fail", job="none").status_code == 404
    assert azure.http.get("/_mock/ui/log", params={"guid": guid_of(azure), "job": "none"}).status_code == 404


def test_a_page_of_another_site_cannot_end_a_job(azure: Azure) -> None:
    azure.job()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        for action in ("fail", "cancel"):
            body = {"job": "job", "guid": guid_of(azure)}
            answer = azure.http.post(f"/_mock/ui/jobs/{action}", json=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "MockForeignPage")
    assert azure.status("job") == "NotStarted"
