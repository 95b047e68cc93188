"""Which responses make a client poll again, and how the virtual clock advances by that wait without anyone sleeping."""

from collections.abc import Callable, Mapping

from starlette.responses import Response, StreamingResponse

from mock_server.core.json_values import Json, child, is_array, is_object, number, parse, text
from mock_server.resources.foundry_files import UNFINISHED
from mock_server.training.foundry_course import FINAL
from mock_server.training.simulation import TERMINAL

IMMEDIATE_RETRY = {"retry-after-ms": "1"}  # replaces Retry-After under a clock that steps: no one has to sleep
FOUNDRY_CHATS = frozenset({"foundry.chat", "foundry.responses.create"})
LOADING = frozenset({"DeploymentNotFound", "DeploymentNotReady"})
"""The codes of a Foundry deployment that does not answer chats yet."""
PROVISIONED = frozenset({"Succeeded", "Failed", "Canceled"})


def is_unfinished(operation: str, response: Response) -> bool:
    """Return whether a response shows a job, resource or operation that is still in progress."""
    if operation.startswith("chat."):
        return response.status_code in (424, 503)
    if operation in FOUNDRY_CHATS:
        return text(child(document_of(response) or {}, "error"), "code") in LOADING
    if operation == "operations.result":
        return response.status_code == 202
    if operation == "foundry.files.get" and response.status_code == 404:
        return True  # a file that has just been created may not be found for seconds: clients ask again
    is_pending = UNFINISHED_CHECKS.get(operation)
    if is_pending is None or response.status_code != 200:
        return False
    document = document_of(response)
    return document is not None and is_pending(document)


def seconds_to_advance(step: float, response: Response) -> float:
    """Return the seconds to advance: the step, or Retry-After if longer; a Retry-After is replaced by a short one."""
    retry_after = number(response.headers.get("retry-after"))
    if retry_after is not None:
        del response.headers["retry-after"]
        response.headers.update(IMMEDIATE_RETRY)
    return max(step, retry_after or 0.0)


def document_of(response: Response) -> Json | None:
    """Return the JSON object in a response, or None."""
    if isinstance(response, StreamingResponse):
        return None
    try:
        decoded = parse(bytes(response.body))
    except ValueError:
        return None
    return decoded if is_object(decoded) else None


def _job_unfinished(document: Json) -> bool:
    return text(child(document, "properties"), "status") not in TERMINAL


def _any_job_unfinished(document: Json) -> bool:
    jobs: object = document.get("value")
    return is_array(jobs) and any(is_object(job) and _job_unfinished(job) for job in jobs)


def _run_unfinished(document: Json) -> bool:
    return text(document, "status") not in TERMINAL


def _foundry_job_unfinished(document: Json) -> bool:
    return text(document, "status") not in FINAL


def _any_foundry_job_unfinished(document: Json) -> bool:
    jobs: object = document.get("data")
    return is_array(jobs) and any(is_object(job) and _foundry_job_unfinished(job) for job in jobs)


def _file_unfinished(document: Json) -> bool:
    return text(document, "status") in UNFINISHED


def _resource_unfinished(document: Json) -> bool:
    return text(child(document, "properties"), "provisioningState") not in PROVISIONED


def _compute_unfinished(document: Json) -> bool:
    inner = child(child(document, "properties"), "properties")
    return _resource_unfinished(document) or text(inner, "allocationState") == "Resizing"


def _operation_unfinished(document: Json) -> bool:
    return text(document, "status") == "InProgress"


UNFINISHED_CHECKS: Mapping[str, Callable[[Json], bool]] = {
    "jobs.get": _job_unfinished,
    "jobs.list": _any_job_unfinished,  # several jobs can be watched through the list
    "history.get": _run_unfinished,
    "history.details": _run_unfinished,
    "foundry.files.get": _file_unfinished,
    "foundry.jobs.get": _foundry_job_unfinished,
    "foundry.jobs.list": _any_foundry_job_unfinished,
    "endpoints.get": _resource_unfinished,
    "marketplace.get": _resource_unfinished,
    "online_deployments.get": _resource_unfinished,
    "online_endpoints.get": _resource_unfinished,
    "operations.status": _operation_unfinished,
    "operations.compute_status": _operation_unfinished,
    "computes.get": _compute_unfinished,
    "foundry.deployments.get": _resource_unfinished,
    "foundry.operations.status": _operation_unfinished,
}
