"""The steps that only read: they are free."""

from __future__ import annotations

from ..contract.operation import Level, Surface
from .step import Step


def _steps(surface: Surface, level: Level, *steps: tuple[str, str, str], expected: float = 60.0) -> tuple[Step, ...]:
    """Return free steps that need no other one: each with its name, its operations, and what it does."""
    return tuple(
        Step(
            name=name, surface=surface, level=level, operations=tuple(operations.split()), says=says, expected=expected
        )
        for name, operations, says in steps
    )


READ_AZURE_ML = _steps(
    Surface.AZURE_ML,
    Level.READ,
    ("workspace", "workspaces.get", "Read the workspace."),
    ("cloud", "metadata.endpoints", "Read where the cloud signs in."),
    ("subscriptions", "subscriptions.list", "List the subscriptions."),
    ("workspaces", "workspaces.list", "List the subscription's workspaces."),
    ("permissions", "access.permissions", "Read what the caller may do in the workspace."),
    ("api versions", "access.provider", "Read which api-versions the providers list."),
    ("datastores", "datastores.get datastores.list_secrets blob.head", "Read the default datastore, and reach it."),
    (
        "registry model",
        "registry.discovery registry.list_versions registry.get_model",
        "Read a base model of the registry.",
    ),
    ("list data", "data.list data.list_versions data.get_container", "List data assets."),
    ("missing data", "data.get data.get_container data.list", "Ask for data that there is not: 404 is expected."),
    ("list models", "models.list models.list_versions", "List registered models."),
    ("list jobs", "jobs.list", "List jobs, the newest first."),
    ("missing job", "jobs.get jobs.list", "Ask for a job that there is not: 404 is expected."),
    (
        "newest job",
        "jobs.list jobs.get history.discovery history.details history.log metrics.list metrics.full",
        "Read the newest job that there is, with its run, its metrics and its log.",
    ),
    (
        "list endpoints",
        "endpoints.list online_endpoints.list online_deployments.list",
        "List serverless and online endpoints.",
    ),
    (
        "missing endpoint",
        "endpoints.get online_endpoints.get endpoints.list online_endpoints.list",
        "Ask for an endpoint that there is not.",
    ),
)
READ_OWN_COMPUTE = _steps(
    Surface.OWN_COMPUTE,
    Level.READ,
    (
        "registry component",
        "registry.discovery registry.list_component_versions registry.get_component",
        "Read the component of the registry that fine-tunes on own compute.",
    ),
    ("vm sizes", "vm_sizes.list workspaces.get", "List the region's VM sizes, each with its price."),
    ("quota", "usages.list workspaces.get", "Read the region's quota, which has families with GPUs."),
    ("list clusters", "computes.list computes.list_nodes", "List clusters, and the nodes of the first one."),
    ("missing cluster", "computes.get computes.list", "Ask for a cluster that there is not."),
    (
        "running costs",
        (
            "workspaces.get computes.list computes.list_nodes vm_sizes.list endpoints.list online_endpoints.list "
            "online_deployments.list monitor.online_endpoint"
        ),
        "Read what runs in the workspace and costs money by the hour.",
    ),
)
READ_FOUNDRY = _steps(
    Surface.FOUNDRY,
    Level.READ,
    ("list files", "foundry.files.list", "List the account's files."),
    ("missing file", "foundry.files.get foundry.files.list", "Ask for a file that there is not."),
    ("list tuning jobs", "foundry.jobs.list", "List fine-tuning jobs, the newest first."),
    ("missing tuning job", "foundry.jobs.get foundry.jobs.list", "Ask for a fine-tuning job that there is not."),
    (
        "newest tuning job",
        (
            "foundry.jobs.list foundry.jobs.get foundry.jobs.events foundry.checkpoints.list foundry.files.content "
            "foundry.files.get"
        ),
        "Read the newest fine-tuning job that there is, with its events, checkpoints and metrics.",
    ),
    ("list deployments", "foundry.deployments.list", "List the account's deployments."),
    (
        "missing deployment",
        "foundry.deployments.get foundry.deployments.list",
        "Ask for a deployment that there is not.",
    ),
    ("list webhooks", "foundry.webhooks.list", "List webhook endpoints."),
    ("account api versions", "access.provider", "Read which api-versions the account's provider lists."),
)
