"""The pipeline that is exported is created by maas as well, on the machine that was chosen for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maas_client import JobFile, export_job
from maas_client.client import Resources
from maas_client.gpu_estimates.training_way import Method
from mock_server.server import Server
from tests.exports.jobs import EXAMPLE


@pytest.mark.parametrize(
    ("model", "method", "size"),
    [
        ("Phi-3-mini-4k-instruct", "lora", "Standard_NV36ads_A10_v5"),
        ("Phi-3-mini-4k-instruct", "full", "Standard_NC24ads_A100_v4"),
        ("Phi-4", "lora", "Standard_NC24ads_A100_v4"),
        ("Phi-4", "full", "Standard_NC96ads_A100_v4"),
    ],
)
async def test_the_machine_that_is_chosen_passes_the_check_of_fit(
    maas: Resources, maas_server: Server, tmp_path: Path, model: str, method: Method, size: str
) -> None:
    maas_server.set_quota({"gpu": 1000})
    file = JobFile.read(EXAMPLE, overrides=[("model", model), ("name", f"shop-{method}")])
    sharing: Any = "zero3" if method == "full" else None
    export_job(file, "azureml-pipeline", to=tmp_path, method=method, sharing=sharing)
    exported = JobFile.read(tmp_path / "job.yaml")
    assert exported.instance_types == (size,)
    job = await maas.jobs.submit(exported.spec())
    assert (job.name, job.hyperparameters["apply_lora"]) == (f"shop-{method}", str(method == "lora").lower())
