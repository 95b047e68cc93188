"""A mock server with a workspace full of jobs, and what it takes to reach it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from benchmarks.processes import ROOT, Children, Running, server
from maas_client import MaasClient

SUBSCRIPTION, GROUP, WORKSPACE = "00000000-0000-0000-0000-000000000000", "bench", "bench"
JOBS = 20


def variables(running: Running) -> dict[str, str]:
    """Return the environment that names the workspace."""
    return {
        "MAAS_ENDPOINT": running.endpoint,
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
        "AZURE_RESOURCE_GROUP": GROUP,
        "AZUREML_WORKSPACE_NAME": WORKSPACE,
    }


def client(running: Running) -> MaasClient:
    """Return a client for the workspace."""
    return MaasClient(
        subscription_id=SUBSCRIPTION, resource_group=GROUP, workspace=WORKSPACE, endpoint=running.endpoint
    )


@contextmanager
def workspace(children: Children) -> Generator[Running]:
    """Start a server and create the jobs `bench-0`, `bench-1` and so on."""
    with server(children, "-m", "mock_server", "--port", "0", "--job-seconds", "1") as running:
        with client(running) as maas:
            training = maas.datasets.upload(ROOT / "examples" / "data" / "train.jsonl")
            for number in range(JOBS):
                maas.jobs.create(model="Phi-4-mini-instruct", training_data=training, name=f"bench-{number}")
        yield running
