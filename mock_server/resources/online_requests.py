"""What requests to make endpoints and deployments must be: names, traffic, settings and their limits.

Limits and rules are those of reference-yaml-endpoint-online, reference-yaml-deployment-managed-online and
how-to-manage-quotas; azure-ai-ml 1.35.2 (`constants/_endpoint.py`) checks the same names.
"""

import re
from collections.abc import Collection, Mapping

from mock_server.core import durations
from mock_server.core.errors import ServiceError, user_error
from mock_server.core.json_values import Json, child, is_object, number, text

NAME = re.compile(r"[A-Za-z](?:[-A-Za-z0-9]{0,30}[A-Za-z0-9])?\Z")
MIN_NAME = 3
AUTH_MODES = ("Key", "AMLToken", "AADToken")
MAX_MIRRORED = 50  # percent
MAX_INSTANCES = 50
MAX_REQUEST_SECONDS = 180.0
CLIENT_NOTES = frozenset({"createdBy", "createdAt", "lastModifiedAt"})
"""What azure-ai-ml writes back as properties of an endpoint that it has read."""
SETTINGS = frozenset(
    {
        "appInsightsEnabled",
        "codeConfiguration",
        "description",
        "egressPublicNetworkAccess",
        "environmentId",
        "environmentVariables",
        "instanceType",
        "livenessProbe",
        "model",
        "modelMountPath",
        "properties",
        "readinessProbe",
        "requestSettings",
        "scaleSettings",
    }
)
"""The properties of a deployment that a request sets."""


def check_name(name: str, what: str) -> None:
    """Raise ServiceError for a name that is not a part of a host name."""
    if len(name) < MIN_NAME or not NAME.match(name):
        raise user_error(
            f"The {what} name {name[:80]!r} is invalid: 3 to 32 letters, digits and '-', beginning with a letter and "
            "ending with a letter or a digit."
        )


def endpoint_document(body: Json) -> Json:
    """Return the members of an endpoint that a request sets; raises ServiceError for invalid ones."""
    properties: object = body.get("properties")
    if not is_object(properties):
        raise user_error("The request is invalid: properties is required.")
    mode = next((mode for mode in AUTH_MODES if mode.lower() == text(properties, "authMode").lower()), None)
    if mode is None:
        raise user_error(f"The request is invalid: authMode must be one of {', '.join(AUTH_MODES)}.")
    own = {key: value for key, value in child(properties, "properties").items() if key not in CLIENT_NOTES}
    return {
        **_resource(body),
        "identity": child(body, "identity"),
        "properties": {
            "authMode": mode,
            "description": properties.get("description"),
            "properties": own,
            "publicNetworkAccess": text(properties, "publicNetworkAccess", "Enabled"),
            "traffic": _percentages(properties, "traffic"),
            "mirrorTraffic": _percentages(properties, "mirrorTraffic"),
        },
    }


def check_traffic(document: Json, deployments: Collection[str]) -> None:
    """Raise ServiceError for percentages that do not add up, or of a deployment that does not exist.

    Args:
        document: the members of the endpoint.
        deployments: the names of its deployments, in lower case.
    """
    properties = child(document, "properties")
    traffic: Mapping[str, int] = child(properties, "traffic")
    total = sum(traffic.values())
    if total not in (0, 100):
        raise user_error(f"The request is invalid: the sum of traffic must be 0 or 100; got {total}.")
    mirrored: Mapping[str, int] = child(properties, "mirrorTraffic")
    if sum(mirrored.values()) > MAX_MIRRORED:
        raise user_error(f"The request is invalid: the sum of mirrorTraffic must be at most {MAX_MIRRORED}.")
    unknown = [name for name, percent in traffic.items() if percent and name.lower() not in deployments]
    if unknown:
        raise user_error(
            f"The request is invalid: traffic names deployment {unknown[0][:80]!r}, which does not exist. Create it "
            "before it gets traffic."
        )


def deployment_document(body: Json) -> Json:
    """Return the members of a deployment that a request sets; raises ServiceError for invalid ones."""
    properties: object = body.get("properties")
    if not is_object(properties):
        raise user_error("The request is invalid: properties is required.")
    if text(properties, "endpointComputeType") != "Managed":
        raise user_error("The request is invalid: endpointComputeType must be Managed.")
    for key in ("model", "instanceType"):
        if not text(properties, key):
            raise user_error(f"The request is invalid: properties.{key} is required.")
    settings = {key: _without_nulls(properties[key]) for key in SETTINGS if properties.get(key) is not None}
    _check_settings(settings)
    return {**_resource(body), "settings": settings, "capacity": capacity(body)}


def capacity(body: Json) -> int:
    """Return the number of instances in `sku`; raises ServiceError for one that an online deployment cannot have."""
    found: object = child(body, "sku").get("capacity")
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= MAX_INSTANCES:
        raise user_error(
            f"The request is invalid: sku.capacity must be from 1 to {MAX_INSTANCES}; got {str(found)[:40]!r}. A "
            "managed online deployment cannot be scaled to zero."
        )
    return found


def refused(code: str, message: str) -> ServiceError:
    """Return the refusal of the service that runs the machines, as the management service hands it on."""
    return ServiceError(400, "BadRequest", "The request is invalid.", details=[{"code": code, "message": message}])


def _resource(body: Json) -> Json:
    if not text(body, "location"):
        raise ServiceError(400, "LocationRequired", "The location property is required for this definition.")
    if body.get("tags") is not None and not is_object(body["tags"]):
        raise user_error("The request is invalid: tags must be an object.")
    return {"location": text(body, "location"), "tags": child(body, "tags")}


def _without_nulls(value: object) -> object:
    return {name: each for name, each in value.items() if each is not None} if is_object(value) else value


def _percentages(properties: Json, key: str) -> Json:
    given: object = properties.get(key)
    if given is None:
        return {}
    if not is_object(given) or not all(
        isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100 for value in given.values()
    ):
        raise user_error(f"The request is invalid: {key} must have an integer from 0 to 100 for each deployment.")
    return given


def _check_settings(settings: Json) -> None:
    limits = child(settings, "requestSettings")
    for key in ("requestTimeout", "maxQueueWait"):
        if limits.get(key) is not None:
            _check_duration(f"requestSettings.{key}", limits[key], MAX_REQUEST_SECONDS)
    most = limits.get("maxConcurrentRequestsPerInstance")
    if most is not None and not (isinstance(most, int) and not isinstance(most, bool) and most > 0):
        raise user_error("The request is invalid: maxConcurrentRequestsPerInstance must be a positive integer.")
    for probe in ("livenessProbe", "readinessProbe"):
        for key in ("initialDelay", "period", "timeout"):
            if child(settings, probe).get(key) is not None:
                _check_duration(f"{probe}.{key}", child(settings, probe)[key], float("inf"))
        for key in ("successThreshold", "failureThreshold"):
            given = child(settings, probe).get(key)
            if given is not None and (number(given) or 0.0) < 1:
                raise user_error(f"The request is invalid: {probe}.{key} must be a positive integer.")
    variables = settings.get("environmentVariables", {})
    if not is_object(variables) or not all(isinstance(value, str) for value in variables.values()):
        raise user_error("The request is invalid: environmentVariables must be an object of strings.")


def _check_duration(name: str, value: object, maximum: float) -> None:
    seconds = durations.parse(value)
    if seconds is None:
        raise user_error(f"The request is invalid: {name} must be a duration such as PT1M30S; got {str(value)[:40]!r}.")
    if seconds > maximum:
        raise user_error(f"The request is invalid: {name} must be at most {maximum:g} seconds; got {seconds:g}.")
