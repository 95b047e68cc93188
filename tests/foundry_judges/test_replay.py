"""Every request to the data plane that Foundry's SDKs were recorded sending gets its recorded status."""

import json
from pathlib import Path

import pytest

from mock_server.server import serve
from tests.foundry_judges.replay import Replay

RECORDING = Path(__file__).parents[2].parent / "shared" / "wire" / "foundry-requests.jsonl"
RESOURCE_MANAGER = "/subscriptions/"
PERMISSIONS = "/permissions"
"""An administrator's feature of OpenAI's platform, which Azure's specifications do not have: 404 here."""


@pytest.mark.skipif(not RECORDING.exists(), reason="the recording is not beside the project")
def test_each_recorded_request_gets_its_recorded_status() -> None:
    lines = RECORDING.read_text("utf-8").splitlines()
    recording = [one for one in map(json.loads, lines) if not one["path"].startswith(RESOURCE_MANAGER)]
    with serve(clock="virtual") as server:
        answers = list(Replay(server, recording).answers())
    expected = [(one["n"], one["path"], 404 if PERMISSIONS in one["path"] else one["status"]) for one in recording]
    assert answers == expected
