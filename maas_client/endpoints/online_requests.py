"""Documents of online endpoints and deployments as they are sent: probes and timeouts fit for a language model."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.json_fields import Document, is_object, part, text

AUTH_MODES: Mapping[str, str] = {"key": "Key", "aml_token": "AMLToken", "aad_token": "AADToken"}
"""How an endpoint authorizes its callers, by the names that azure-ai-ml gives its modes."""

REQUEST_TIMEOUT = "PT3M"
"""The longest time that the service gives one request. Its default is 5 s, less than most answers of a language model
take (azure-ai-docs, reference-yaml-deployment-managed-online.md)."""

# Assumption: The service takes 32 requests in flight for each instance of a deployment.
# Shown wrong by: 400 about `maxConcurrentRequestsPerInstance`, or another number in the deployment's document.
# Verified by: deploy on own compute
# If wrong: Deployments are refused.
MOST_CONCURRENT = 32
"""Requests in flight per instance. By default the service lets one in and answers 429 to the next, while vLLM, which
the serving image runs, generates many answers together."""

PROBE_PERIOD, PROBE_TIMEOUT, PROBE_FAILURES = "PT1M40S", "PT10S", 30
LIVENESS_DELAY = "PT10M"
"""Time to load the weights before the container counts as hung and is killed; by default 10 s.

azureml-examples, `chat-completion.ipynb`: 600 s; its later samples have 500 s, a period of 100 s and 30 failures.
"""

READINESS_DELAY = "PT10S"
"""A container that is not ready yet is only asked again, so there is nothing to wait for."""

# Assumption: An online endpoint takes its own document back in a PUT, without the fields that only the service sets.
# Shown wrong by: 400 for the PUT that sets the traffic.
# Verified by: deploy on own compute
# If wrong: The deployment is there and gets no traffic.
_READ_ONLY = frozenset({"provisioningState", "scoringUri", "swaggerUri"})
_KEPT = ("location", "tags", "kind", "sku")


def endpoint_body(*, location: str, auth_mode: str, tags: Mapping[str, str]) -> dict[str, object]:
    """Return the document of a new endpoint; `auth_mode` is one of AUTH_MODES."""
    return {
        "location": location,
        "identity": {"type": "SystemAssigned"},
        "tags": dict(tags),
        "properties": {"authMode": AUTH_MODES[auth_mode], "properties": {}, "traffic": {}, "mirrorTraffic": {}},
    }


def deployment_body(
    *, location: str, model_id: str, instance_type: str, instance_count: int, tags: Mapping[str, str]
) -> dict[str, object]:
    """Return the document of a new deployment, without scoring script: the model's own image serves it."""
    probe = {
        "period": PROBE_PERIOD,
        "timeout": PROBE_TIMEOUT,
        "failureThreshold": PROBE_FAILURES,
        "successThreshold": 1,
    }
    return {
        "location": location,
        "tags": dict(tags),
        "sku": {"name": "Default", "capacity": instance_count},
        "properties": {
            "endpointComputeType": "Managed",
            "model": model_id,
            "instanceType": instance_type,
            "environmentVariables": {},
            "appInsightsEnabled": False,
            "properties": {},
            "requestSettings": {
                "requestTimeout": REQUEST_TIMEOUT,
                "maxConcurrentRequestsPerInstance": MOST_CONCURRENT,
            },
            "livenessProbe": {**probe, "initialDelay": LIVENESS_DELAY},
            "readinessProbe": {**probe, "initialDelay": READINESS_DELAY},
        },
    }


def scale_body(instance_count: int) -> dict[str, object]:
    """Return what changes a deployment's number of instances, and nothing else."""
    return {"sku": {"name": "Default", "capacity": instance_count}}


def traffic_body(document: Document, traffic: Mapping[str, int]) -> dict[str, object]:
    """Return an endpoint's own document with other traffic: a PUT resets what it lacks."""
    properties = {name: value for name, value in part(document, "properties").items() if name not in _READ_ONLY}
    body: dict[str, object] = {name: document[name] for name in _KEPT if document.get(name) is not None}
    if kind := text(document, "identity", "type"):
        assigned = part(document, "identity", "userAssignedIdentities")
        users = {"userAssignedIdentities": {name: dict[str, object]() for name in assigned}} if assigned else {}
        body["identity"] = {"type": kind, **users}
    shares = {name: percent for name, percent in traffic.items() if percent}
    return {**body, "properties": {**properties, "traffic": shares}}


def logs_body(container: str, tail: int) -> dict[str, object]:
    """Return a request for the last lines of a container's log; `container` is one of CONTAINERS."""
    return {"containerType": CONTAINERS[container], "tail": tail}


CONTAINERS: Mapping[str, str] = {"inference-server": "InferenceServer", "storage-initializer": "StorageInitializer"}
"""The containers of a deployment: the one that serves the model, and the one that downloads it before."""


def operation_in(document: Document) -> str:
    """Return the URL of the last operation on an endpoint or deployment, which its document has; empty without one."""
    own = part(document, "properties", "properties")
    return text(own, "AzureAsyncOperationUri") if is_object(own) else ""
