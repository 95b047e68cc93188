"""`maas verify --level full` through a relay that changes one thing: it fails, and names operation and place."""

from __future__ import annotations

from pathlib import Path

import pytest
from relay import relay

from mock_server.server import Server
from tests.cli.conftest import shell_with
from tests.verification.planted import AZURE_ML, FOUNDRY, Planted

WORKSPACE = {"AZURE_SUBSCRIPTION_ID": "sub", "AZURE_RESOURCE_GROUP": "group", "AZUREML_WORKSPACE_NAME": "work"}


@pytest.mark.parametrize(("surface", "planted"), [("azureml", AZURE_ML[-1]), ("foundry", FOUNDRY[0])])
def test_a_difference_of_one_answer_ends_with_7(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surface: str, planted: Planted
) -> None:
    server.set_quota({"gpu": 1000})
    with relay(server.endpoint) as between:
        variables = WORKSPACE | {"MAAS_ENDPOINT": between.url}
        if surface == "foundry":
            variables = {"FOUNDRY_ENDPOINT": f"{between.url}/api/projects/demo"}
        maas = shell_with(server, tmp_path, monkeypatch, **variables)
        between.plant(planted.operation, planted.change)
        result = maas("verify", "--level", "full", "--yes", "--surface", surface)
    assert result.exit_code == 7, result.output
    assert f"{planted.operation}: missing field at {planted.where}" in result.stderr
