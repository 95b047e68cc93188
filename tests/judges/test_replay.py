"""Every request that azure-ai-ml 1.35.2 was recorded sending gets the status that it was recorded getting."""

import json
from pathlib import Path

from mock_server.server import serve
from tests.judges.replay import Replay


def test_each_recorded_request_gets_its_recorded_status(shared: Path) -> None:
    lines = (shared / "wire" / "azureml-requests.jsonl").read_text("utf-8").splitlines()
    recording = [json.loads(line) for line in lines]
    with serve(clock="virtual", workspaces=["conf-ws"], requests_per_page=2) as server:
        answers = Replay(server, recording).answers()
    assert answers == [(one["n"], one["method"], one["status"]) for one in recording]
