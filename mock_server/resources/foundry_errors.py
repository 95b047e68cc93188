"""The errors of Foundry's data plane that several operations share, with the codes of its published specification."""

from mock_server.core.errors import ServiceError


def invalid_payload(message: str, param: str | None = None) -> ServiceError:
    """Return the error for a request that the service refuses as it is."""
    return ServiceError(400, "invalidPayload", message, param=param)


def not_found(kind: str, name: str) -> ServiceError:
    """Return the 404 for a file or job, in the words that OpenAI's platform uses."""
    # Assumption: The account answers 404 with the code `notFound` for a file or a job that does not exist.
    # Shown wrong by: Another status or code.
    # Verified by: missing file, missing tuning job, delete file, delete tuning job
    # If wrong: The mock server's code differs; the client goes by the status.
    return ServiceError(404, "notFound", f"No such {kind} object: {name[:200]}", param="id")


def unexpected_state(message: str) -> ServiceError:
    """Return the error for an action that the state of a job does not allow."""
    return ServiceError(400, "unexpectedEntityState", message)


def quota_exceeded(message: str) -> ServiceError:
    """Return the error for a limit of the resource."""
    return ServiceError(400, "quotaExceeded", message)
