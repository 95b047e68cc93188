"""A cluster on the mock server, for tests of what runs on one."""

import httpx

from mock_server.server import Server

WORKSPACE = "/subscriptions/sub-1/resourceGroups/group-1/providers/Microsoft.MachineLearningServices/workspaces/work-1"


def make(
    server: Server,
    name: str,
    *,
    size: str = "Standard_NC24ads_A100_v4",
    most: int = 1,
    low_priority: bool = False,
    workspace: str = WORKSPACE,
) -> None:
    """Create a cluster, with quota for every family with GPUs, and wait for it."""
    server.set_quota({"gpu": 1000, "lowPriority": 1000})
    inner = {
        "vmSize": size,
        "vmPriority": "LowPriority" if low_priority else "Dedicated",
        "scaleSettings": {"maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": "PT2M"},
    }
    answer = httpx.put(
        f"{server.endpoint}{workspace}/computes/{name}",
        params={"api-version": "2024-10-01-preview"},
        headers={"Authorization": "Bearer token"},
        json={"properties": {"computeType": "AmlCompute", "properties": inner}},
        trust_env=False,
    )
    answer.raise_for_status()
    server.advance(5)
