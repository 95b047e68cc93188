"""Hints for requests with an unknown path: which paths exist, and what to change."""

from mock_server.core.errors import ServiceError

UNKNOWN = "InvalidResourceType"
KNOWN_PATHS = {
    "admin": (
        "Known: GET /_mock/health; POST /_mock/reset; GET, POST /_mock/clock; GET, POST, DELETE /_mock/faults; "
        "GET, DELETE /_mock/requests; GET /_mock/verdict; GET, POST /_mock/state. "
        "Its page is /_mock/ui."
    ),
    "management": (
        "Under /subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.MachineLearningServices/workspaces/{ws}: "
        "data, datastores, environments, jobs, models, computes, onlineEndpoints, serverlessEndpoints and "
        "marketplaceSubscriptions. Elsewhere: /registrymanagement, /mferp, /discovery, /history, /logs, /metric, "
        "/mlflow, /maas, /mir, Foundry's data plane at /openai/v1 and /api/projects/{project}, its account under "
        "/subscriptions, blobs at /mockstore.blob.{host}/{container}/{blob}, and its own routes under /_mock."
    ),
    "registry": (
        "Known: /registrymanagement/v1.0/registries/{registry}/discovery and, at the address that it returns, the "
        "registry's models."
    ),
    "history": (
        "Known: /discovery, /history/v1.0/{workspace's id}/runs/{job}/details, "
        "/metric/v2.0/{workspace's id}/runs/{job}/full, /mlflow/v2.0/{workspace's id}/api/2.0/mlflow/runs/get, and "
        "logs at the addresses in a run's details."
    ),
    "inference": (
        "Below an endpoint's address, /maas/{endpoint}: v1/chat/completions, chat/completions, v1/models, "
        "models and info."
    ),
    "scoring": (
        "Below an online endpoint's address, /mir/{endpoint}: score, chat/completions, v1/chat/completions, v1/models "
        "and swagger.json."
    ),
}


def with_hints(error: ServiceError, surface: str) -> ServiceError:
    """Return an error, extended by the known paths if it is about an unknown one."""
    if error.code != UNKNOWN or surface not in KNOWN_PATHS:
        return error
    message = f"{error.message} {KNOWN_PATHS[surface]} Correct the path."
    return ServiceError(error.status, error.code, message, error.headers)
