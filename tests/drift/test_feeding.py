"""The mock server is asked what a recording asked, under its own names for what only answers name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from support import TLS

from maas_client.core.blocking import run
from maas_client.drift.exchange import ComparedExchange
from maas_client.drift.feeding import Feeder
from maas_client.drift.report import drift_between
from maas_client.wire import BlockingWire
from mock_server.server import Server, serve
from tests.drift.recordings import FILE, FILES, JOBS

JOB = "https://account-1.openai.azure.com/openai/v1/fine_tuning/jobs"
UPLOAD: Mapping[str, Any] = {
    "form": [
        {"name": "purpose", "json": "fine-tune"},
        {"name": "file", "filename": "file-1.jsonl", "data": {"bytes": 2000, "media": "application/octet-stream"}},
    ]
}


@pytest.fixture
def server() -> Iterator[Server]:
    """A server whose clock goes as the recording did."""
    with serve(clock="virtual", job_seconds=30, workspaces=["workspace-1"]) as running:
        yield running


def fed(server: Server, *exchanges: ComparedExchange) -> tuple[ComparedExchange, ...]:
    """Ask the server what a recording asked."""
    with closing(BlockingWire(verify=TLS)) as wire:
        return run(Feeder(wire, server.endpoint, server.advance).feed(exchanges))


def exchange(
    method: str, url: str, body: Any = None, answer: Any = None, *, status: int = 200, at: float = 0.0
) -> ComparedExchange:
    """Return an exchange of Foundry or Resource Manager, with its bodies."""
    kept = None if answer is None else {"json": answer}
    return ComparedExchange(
        n=0, method=method, url=url, at=at, status=status, headers={}, body=kept, request_body=body, credential="bearer"
    )


def test_a_file_has_the_servers_id_in_later_requests(server: Server) -> None:
    made = exchange("POST", FILES, UPLOAD, FILE, status=201)
    answers = fed(server, made, exchange("GET", f"{FILES}/file-1", answer=FILE, at=60.0))
    assert [one.status for one in answers] == [200, 200]
    assert answers[1].body is not None
    assert answers[1].body["json"]["id"].startswith("file-")
    assert answers[1].body["json"]["status"] == "processed"


def test_a_body_names_what_the_server_named(server: Server) -> None:
    made = exchange("POST", FILES, UPLOAD, FILE)
    body = {"json": {"model": "gpt-4.1-mini-2025-04-14", "training_file": "file-1"}}
    [_, job] = fed(server, made, exchange("POST", JOB, body, {"id": "job-1"}, at=60.0))
    assert job.status == 200


def test_an_id_without_a_kept_answer_stands_for_the_latest(server: Server) -> None:
    made = ComparedExchange(
        n=0, method="POST", url=FILES, status=200, has_content=False, request_body=UPLOAD, credential="bearer"
    )
    ask = ComparedExchange(
        n=1, method="GET", url=f"{FILES}/file-{'a' * 32}", status=200, has_content=False, credential="bearer"
    )
    assert [one.status for one in fed(server, made, ask)] == [200, 200]


def test_an_id_that_was_missing_stays_missing(server: Server) -> None:
    made = ComparedExchange(
        n=0, method="POST", url=FILES, status=200, has_content=False, request_body=UPLOAD, credential="bearer"
    )
    ask = ComparedExchange(
        n=1, method="GET", url=f"{FILES}/file-{'0' * 32}", status=404, has_content=False, credential="bearer"
    )
    assert [one.status for one in fed(server, made, ask)] == [200, 404]


def test_names_that_a_request_gives_are_kept(server: Server) -> None:
    url = f"{JOBS}/job-1?api-version=2024-10-01-preview"
    [answer] = fed(server, exchange("GET", url, status=404))
    assert answer.status == 404
    assert "job-1" in json.dumps(answer.body)


def test_a_request_without_a_credential_stays_without(server: Server) -> None:
    [answer] = fed(server, ComparedExchange(n=0, method="GET", url=FILES, status=401))
    assert answer.status == 401


def test_a_host_that_is_not_azures_is_not_asked(server: Server) -> None:
    asked = (exchange("GET", "https://example.com/secret"),)
    [answer] = fed(server, *asked)
    assert (answer.status, answer.failure) == (None, "not of Azure")
    assert server.requests() == []
    drift = drift_between(asked, [answer], names=("left", "right"), same_requests=True)
    assert [one.right for one in drift.not_comparable] == ["not of Azure"]
