"""Whether the container of an online deployment starts: its model, and the time that its probes give it.

A language model's weights take minutes to load; a container whose liveness probe gives up before is killed
(Azure/mlops-v2#120, Azure/azureml-examples#3444). The seconds here follow the size of the model; they are compared with
the probe and cost nobody any.
"""

from mock_server.core import durations
from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import Scope
from mock_server.resources import online_deployments, references
from mock_server.state.world import World

PARAMETERS = {"mini": 3.8, "small": 7.4, "medium": 14.0, "moe": 41.9, "phi-4": 14.7}
"""Billions of parameters by what a model's name contains; the first that fits."""
BASE_SECONDS = 60.0
SECONDS_PER_BILLION = 30.0


def check_model(world: World, scope: Scope, model_id: str) -> None:
    """Raise ServiceError if a deployment's model does not exist."""
    reference = references.parse_model(scope, model_id)
    if reference is None:
        raise _bad_model(f"The model {model_id[:300]!r} is not the id of a registered model.")
    if reference.guid is not None:
        is_known = world.store.get("model", reference.guid, f"{reference.name}:{reference.version}") is not None
    else:
        is_known = references.find_base_model(world, reference) is not None
    if not is_known:
        raise _bad_model(f"The model {model_id[:300]} was not found.")


def failure(world: World, settings: Json) -> Json | None:
    """Return the error of a container that does not start, with the last lines of its log; None if it starts."""
    liveness = {**online_deployments.PROBE, **child(settings, "livenessProbe")}
    delay, period = (durations.parse(liveness[key]) or 0.0 for key in ("initialDelay", "period"))
    grace = delay + period * (number(liveness["failureThreshold"]) or 1.0)
    needed = load_seconds(world, text(settings, "model"))
    if needed <= grace:
        return None
    return {
        "code": "ResourceNotReady",
        "message": "User container has crashed or terminated: Liveness probe failed: HTTP probe failed with "
        f"statuscode: 502. The probe gave it {grace:g} seconds. Please see the troubleshooting guide, available here: "
        "https://aka.ms/oe-tsg#error-resourcenotready",
        "log": [
            "Loading checkpoint shards",
            f"Liveness probe failed after {grace:g} seconds: HTTP probe failed with statuscode: 502",
            "Container was killed before the model was loaded",
        ],
    }


def load_seconds(world: World, model_id: str) -> float:
    """Return how long a container takes until its model answers."""
    reference = references.parse_model(Scope("", "", ""), model_id)
    base = None if reference is None else references.find_base_model(world, reference)
    name = "" if base is None else base.name.lower()
    billions = next((size for part, size in PARAMETERS.items() if part in name), PARAMETERS["mini"])
    return BASE_SECONDS + SECONDS_PER_BILLION * billions


def _bad_model(message: str) -> ServiceError:
    return ServiceError(400, "BadArgument", message)
