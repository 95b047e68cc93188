"""Every request of the user's own compute that azure-ai-ml 1.35.2 was recorded sending gets its recorded status."""

import json
from pathlib import Path

from mock_server.server import serve
from tests.own_compute_judges.maap_replay import MaapReplay

QUOTA = {"standardNCADSA100v4Family": 1000, "lowPriority": 1000}
"""The recorded subscription had none for the H100 family: a cluster and a deployment of it are refused."""


def test_each_recorded_request_gets_its_recorded_status(shared: Path) -> None:
    lines = (shared / "wire" / "maap-requests.jsonl").read_text("utf-8").splitlines()
    recording = [json.loads(line) for line in lines]
    with serve(clock="virtual", workspaces=["conf-ws"], quota=QUOTA) as server:
        answers = MaapReplay(server, recording).answers()
    assert answers == [(one["n"], one["method"], one["status"]) for one in recording]
