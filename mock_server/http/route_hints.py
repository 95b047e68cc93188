"""What to say to a request whose path leads nowhere: what is known there, and what to change."""

from mock_server.core.errors import ServiceError

UNKNOWN = "InvalidResourceType"
KNOWN_PATHS = {
    "admin": (
        "It knows GET /_mock/health; POST /_mock/reset; GET, POST /_mock/clock; GET, POST, DELETE /_mock/faults; "
        "GET, DELETE /_mock/requests; GET /_mock/verdict; GET, POST /_mock/state. "
        "Its page is /_mock/ui."
    ),
    "management": (
        "Under /subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.MachineLearningServices/workspaces/{ws} it "
        "knows data, datastores, jobs, models, serverlessEndpoints and marketplaceSubscriptions. Elsewhere it knows "
        "/registrymanagement, /mferp, /discovery, /history, /logs, /metric, /mlflow, /maas, blobs at "
        "/mockstore.blob.{host}/{container}/{blob}, and its own routes under /_mock."
    ),
    "registry": (
        "It knows /registrymanagement/v1.0/registries/{registry}/discovery and, at the address that this gives, the "
        "registry's models."
    ),
    "history": (
        "It knows /discovery, /history/v1.0/{workspace's id}/runs/{job}/details, "
        "/metric/v2.0/{workspace's id}/runs/{job}/full, /mlflow/v2.0/{workspace's id}/api/2.0/mlflow/runs/get, and "
        "logs at the addresses that a run's details give."
    ),
    "inference": (
        "Behind an endpoint's address, /maas/{endpoint}, it knows v1/chat/completions, chat/completions, v1/models, "
        "models and info."
    ),
}


def with_hints(error: ServiceError, surface: str) -> ServiceError:
    """Give a refusal, completed by the places there are if it is about an unknown path."""
    if error.code != UNKNOWN or surface not in KNOWN_PATHS:
        return error
    message = f"{error.message} {KNOWN_PATHS[surface]} Correct the path."
    return ServiceError(error.status, error.code, message, error.headers)
