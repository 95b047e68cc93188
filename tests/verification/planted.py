"""Forty differences that a service may have one day, each planted in the answers of one operation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from answer_changes import (
    error_body,
    error_of,
    going_back,
    in_events,
    in_json,
    in_text,
    lingering,
    on_error,
    other_word,
    put,
    renamed,
    with_header,
    with_status,
    without,
    without_header,
)
from relay import Change

ELSEWHERE = "http://another-host.example.com/jobs?page=2"


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted difference.

    Args:
        says: what is different.
        step: the step that has to find it; those that it needs are taken before it.
        operation: the operation whose answers have it.
        where: what the report has to name: a status, a header or a JSON pointer.
        change: the difference.
    """

    says: str
    step: str
    operation: str
    where: str
    change: Change

    @property
    def title(self) -> str:
        """Say it in one line."""
        return f"{self.operation}: {self.says}"


REFUSED = {"error": {"code": "InvalidApiVersionParameter", "message": "The api-version is invalid."}}


NOT_THERE = {"error": {"code": "UserError", "message": "It is not there."}}
DELAY = "header Retry-After or retry-after-ms or x-ms-retry-after-ms"


def _no_reason(event: Any) -> None:
    for choice in event.get("choices", []):
        choice["finish_reason"] = None


def _renamed_choices(event: Any) -> None:
    event["options"] = event.pop("choices", [])


def _null_choices(event: Any) -> None:
    event["choices"] = None


def _running(body: Any) -> None:
    if body["status"] == "succeeded":
        body.update(status="running", finished_at=None, fine_tuned_model=None)


AZURE_ML = [
    Planted(
        "a renamed field",
        "workspace",
        "workspaces.get",
        "/properties/workspaceId",
        renamed("/properties/workspaceId", "workspaceGuid"),
    ),
    Planted(
        "a missing header", "workspaces", "workspaces.list", "header x-ms-request-id", without_header("x-ms-request-id")
    ),
    Planted(
        "a number for a text",
        "datastores",
        "datastores.get",
        "/properties/containerName",
        put("/properties/containerName", 17),
    ),
    Planted(
        "another word of a type",
        "datastores",
        "datastores.get",
        "/properties/datastoreType",
        put("/properties/datastoreType", "ObjectStore"),
    ),
    Planted("a missing secret", "datastores", "datastores.list_secrets", "/sasToken", without("/sasToken")),
    Planted(
        "null for an object", "registry model", "registry.get_model", "/properties/tags", put("/properties/tags", None)
    ),
    Planted("an object for a list", "registry model", "registry.list_versions", "/value", put("/value", {})),
    Planted("a text for a list", "permissions", "access.permissions", "/value/*/actions", put("/value/*/actions", "*")),
    Planted("a number for a word", "subscriptions", "subscriptions.list", "/value/*/state", put("/value/*/state", 1)),
    Planted(
        "an error of another shape",
        "missing data",
        "data.get",
        "/error",
        error_body({"title": "Not Found", "status": 404}),
    ),
    Planted(
        "another status of an error",
        "missing endpoint",
        "endpoints.get",
        "status",
        on_error(lambda answer: replace(answer, status=410)),
    ),
    Planted(
        "a next link of another host",
        "list jobs",
        "jobs.list",
        "/nextLink",
        in_json(lambda body: body.update(nextLink=ELSEWHERE)),
    ),
    Planted("an api-version that is refused", "list jobs", "jobs.list", "status", error_of(400, REFUSED)),
    Planted("another status of a success", "upload data", "blob.put", "status", with_status(202)),
    Planted("a missing header of a blob", "upload data", "blob.put", "header ETag", without_header("etag")),
    Planted("a number for an id", "upload data", "data.create", "/id", put("/id", 5)),
    Planted(
        "a renamed address", "read data", "data.get", "/properties/dataUri", renamed("/properties/dataUri", "dataUrl")
    ),
    Planted("a missing kind", "create job", "jobs.create", "/properties/jobType", without("/properties/jobType")),
    Planted(
        "a missing address of an operation", "cancel job", "jobs.cancel", "header Location", without_header("location")
    ),
    Planted(
        "a renamed status", "create job", "jobs.create", "/properties/status", renamed("/properties/status", "state")
    ),
    Planted(
        "a slower state",
        "cancel job",
        "jobs.get",
        "/properties/status",
        lingering("/properties/status", "CancelRequested", 40),
    ),
    Planted(
        "a state that never comes",
        "job to its end",
        "jobs.get",
        "/properties/status",
        other_word("/properties/status", "Completed", "Running"),
    ),
    Planted(
        "another date format",
        "job results",
        "history.details",
        "/startTimeUtc",
        put("/startTimeUtc", "29/11/2026 15:00"),
    ),
    Planted("a text for a number", "job results", "metrics.full", "/value/*/step", put("/value/*/step", str)),
    Planted(
        "a listing without an element",
        "job outputs",
        "blob.list",
        "/EnumerationResults/Blob/*/Content-Length",
        in_text("Content-Length>", "Size>"),
    ),
    Planted(
        "another word of a state",
        "deploy",
        "endpoints.get",
        "/properties/provisioningState",
        other_word("/properties/provisioningState", "Succeeded", "Ready"),
    ),
    Planted("a changed event of a stream", "chat", "chat.complete", "/choices", in_events(_renamed_choices)),
    Planted("a text for a count", "chat", "chat.complete", "/usage/total_tokens", put("/usage/total_tokens", str)),
    Planted(
        "a renamed field that is optional",
        "create job",
        "jobs.get",
        "/properties/displayName",
        renamed("/properties/displayName", "display_name"),
    ),
    Planted(
        "another content type",
        "list data",
        "data.list",
        "header Content-Type",
        with_header("content-type", "text/html"),
    ),
    Planted(
        "a state that goes back",
        "job results",
        "jobs.get",
        "/properties/status",
        going_back("/properties/status", "Completed", "Running"),
    ),
    Planted(
        "a next link of another host that nobody follows",
        "list models",
        "models.list",
        "/nextLink",
        in_json(lambda body: body.update(nextLink=ELSEWHERE)),
    ),
    Planted("a missing delay", "cancel job", "jobs.cancel", DELAY, without_header("retry-after")),
    Planted("a stream without an end", "chat", "chat.complete", "/choices/*/finish_reason", in_events(_no_reason)),
    Planted(
        "a tag that does not come back", "create job", "jobs.create", "/properties/tags", without("/properties/tags")
    ),
    Planted("another status of what is there", "datastores", "datastores.get", "status", error_of(404, NOT_THERE)),
    Planted("a missing key", "endpoint keys", "endpoints.list_keys", "/secondaryKey", without("/secondaryKey")),
]
"""On Azure Machine Learning."""

OWN_COMPUTE = [
    Planted("a text for a number", "vm sizes", "vm_sizes.list", "/value/*/vCPUs", put("/value/*/vCPUs", str)),
    Planted("null for a number", "quota", "usages.list", "/value/*/limit", put("/value/*/limit", None)),
    Planted(
        "a list for an object",
        "registry component",
        "registry.get_component",
        "/properties/componentSpec/inputs",
        put("/properties/componentSpec/inputs", []),
    ),
    Planted("an error as a text", "missing cluster", "computes.get", "/error", error_body({"error": "not found"})),
    Planted(
        "a conflict about what is new",
        "create cluster",
        "computes.create",
        "status",
        error_of(409, {"error": {"code": "Conflict", "message": "There is one."}}),
    ),
    Planted(
        "null for a count of nodes",
        "create cluster",
        "computes.create",
        "/properties/properties/nodeStateCounts",
        put("/properties/properties/nodeStateCounts", None),
    ),
    Planted(
        "another word of an operation",
        "create cluster",
        "operations.compute_status",
        "/status",
        other_word("/status", "Succeeded", "Done"),
    ),
]
"""On own compute."""

FOUNDRY = [
    Planted("a missing status", "upload file", "foundry.files.create", "/status", without("/status")),
    Planted(
        "another date format",
        "read file",
        "foundry.files.get",
        "/created_at",
        put("/created_at", "2026-11-29T15:00:00Z"),
    ),
    Planted("a list that never ends", "upload file", "foundry.files.list", "/has_more", put("/has_more", value=True)),
    Planted("a text for a truth", "delete file", "foundry.files.delete", "/deleted", put("/deleted", "true")),
    Planted(
        "a renamed mark of the last page",
        "list tuning jobs",
        "foundry.jobs.list",
        "/has_more",
        renamed("/has_more", "hasMore"),
    ),
    Planted(
        "an error of another shape",
        "missing file",
        "foundry.files.get",
        "/error",
        error_body({"detail": "no such file"}),
    ),
    Planted("a state that never comes", "tuning job to its end", "foundry.jobs.get", "/status", in_json(_running)),
    Planted(
        "another word for the end",
        "tuning job to its end",
        "foundry.jobs.get",
        "/status",
        other_word("/status", "succeeded", "completed"),
    ),
    Planted("null for a list", "tuning job results", "foundry.jobs.events", "/data", put("/data", None)),
    Planted(
        "a text for a capacity",
        "create deployment",
        "foundry.deployments.put",
        "/sku/capacity",
        put("/sku/capacity", str),
    ),
    Planted(
        "a changed event of a stream", "chat with deployment", "foundry.chat", "/choices", in_events(_null_choices)
    ),
]
"""On Azure AI Foundry."""

NEWS = [
    Planted(
        "a new field",
        "workspace",
        "workspaces.get",
        "/properties/newField",
        in_json(lambda body: body["properties"].update(newField=1)),
    ),
    Planted(
        "a new field of every size",
        "vm sizes",
        "vm_sizes.list",
        "/value/*/cooling",
        in_json(lambda body: [one.update(cooling="water") for one in body["value"]]),
    ),
]
"""What a service may add at any time, on Azure Machine Learning and own compute."""
