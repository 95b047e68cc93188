"""A verification is answered from the recording of another one: it passes under names of its own, without a service."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import TLS, Clock

from maas_client import BlockingWire, MaasClient
from maas_client.client import blocking_wire
from maas_client.settings_choice import resolve
from maas_client.verification.report import VerificationReport
from maas_client.verification.verification import Verification
from mock_server import serve_replay
from mock_server.server import serve

MINE = {"subscription_id": "my-sub", "resource_group": "my-group", "workspace": "my-workspace"}
THEIRS = {"subscription_id": "their-sub", "resource_group": "their-group", "workspace": "their-workspace"}


def settings(surface: str, endpoint: str, workspace: dict[str, str]) -> dict[str, Any]:
    """Return the settings of a client of a server on this machine."""
    if surface == "foundry":
        return {"foundry_endpoint": f"{endpoint}/api/projects/{workspace['workspace']}"}
    return {**workspace, "endpoint": endpoint}


def recorded(surface: str, file: Path) -> VerificationReport:
    """Verify everything on the mock server, and record it."""
    with serve(clock="virtual", quota={"gpu": 1000}) as server:
        clock = Clock(time=server.now(), listeners=[server.advance])
        with (
            closing(BlockingWire(verify=TLS, sleep=clock.sleep, now=clock.now, clock=clock.now)) as wire,
            MaasClient(**settings(surface, server.endpoint, MINE), wire=wire) as maas,
            maas.record(file) as view,
        ):
            verification = Verification(view)
            return verification.run(verification.plan("full"))


@pytest.mark.parametrize("surface", ["azureml", "foundry"])
def test_a_recorded_verification_passes_again(surface: str, tmp_path: Path) -> None:
    first = recorded(surface, tmp_path / "verification.jsonl")
    with serve_replay(tmp_path / "verification.jsonl") as replay:
        given = settings(surface, replay.endpoint, THEIRS)
        with (
            closing(blocking_wire(resolve(**given, environ={"MAAS_MOCK": "1"}, directory=tmp_path))) as wire,
            MaasClient(**given, wire=wire) as maas,
        ):
            verification = Verification(maas)
            again = verification.run(verification.plan("full"))
        assert replay.unmatched() == []
    assert [one.sentence for one in again.findings] == []
    assert [(one.name, one.state) for one in again.steps] == [(one.name, one.state) for one in first.steps]
    assert again.ok
