"""Whether the container of an online deployment starts: its model, its image, and the time that its probes give it.

A language model's weights take minutes to load; a container whose liveness probe gives up before is killed
(Azure/mlops-v2#120, Azure/azureml-examples#3444). The seconds here follow the size of the model; they are compared with
the probe but no time passes. The codes are those of how-to-troubleshoot-online-endpoints.
"""

from mock_server.core import durations
from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import Scope
from mock_server.resources import online_deployments, references, vm_sizes
from mock_server.state.world import World
from mock_server.training import base_models

BYTES_PER_PARAMETER = 2  # of 16-bit weights
BASE_SECONDS = 60.0
SECONDS_PER_BILLION = 30.0
GUIDE = "Please see the troubleshooting guide, available here: https://aka.ms/oe-tsg#error-"


def check_references(world: World, scope: Scope, settings: Json) -> None:
    """Raise ServiceError if a deployment's model or environment does not exist."""
    model_id, environment = text(settings, "model"), text(settings, "environmentId")
    reference = references.parse_model(scope, model_id)
    if reference is None:
        raise _bad(f"The model {model_id[:300]!r} is not the id of a registered model.")
    if reference.guid is not None:
        is_known = world.store.get("model", reference.guid, f"{reference.name}:{reference.version}") is not None
    else:
        is_known = references.find_base_model(world, reference) is not None
    if not is_known:
        raise _bad(f"The model {model_id[:300]} was not found.")
    if environment and not references.environment_exists(world, scope, environment):
        raise _bad(f"The environment {environment[:300]} was not found.")


def failure(world: World, settings: Json) -> Json | None:
    """Return the error of a container that does not start, with the last lines of its log; None if it starts."""
    rule = world.fault_rule
    kind = None if rule is None else rule.deployment
    reason = "" if rule is None else rule.reason or ""
    if kind == "image":
        return _failure("ImageBuildFailure", reason or "Image build failed.", ["ERROR: failed to solve: exit code: 1"])
    if kind == "capacity":
        size = text(settings, "instanceType")
        message = reason or f"There is not enough capacity for {size} in this region right now. Try another size."
        return _failure("OutOfCapacity", message, [])
    if kind == "fail":
        return _crashed(reason or "User container has crashed or terminated.")
    if shortage := _memory_shortage(world, settings):
        return _crashed(shortage)
    liveness = {**online_deployments.PROBE, **child(settings, "livenessProbe")}
    delay, period = (durations.parse(liveness[key]) or 0.0 for key in ("initialDelay", "period"))
    grace = delay + period * (number(liveness["failureThreshold"]) or 1.0)
    return _killed(grace) if kind == "probe" or load_seconds(world, text(settings, "model")) > grace else None


def load_seconds(world: World, model_id: str) -> float:
    """Return how long a container takes until its model answers."""
    return BASE_SECONDS + SECONDS_PER_BILLION * _billions(world, model_id)


def _billions(world: World, model_id: str) -> float:
    reference = references.parse_model(Scope("", "", ""), model_id)
    base = None if reference is None else references.find_base_model(world, reference)
    return base_models.billions("" if base is None else base.name)


def _memory_shortage(world: World, settings: Json) -> str:
    """Return what the container says if the weights do not fit into the memory of its GPUs, else nothing."""
    size = vm_sizes.find(text(settings, "instanceType"))
    if size is None or not size.gpus:
        return "No CUDA GPUs are available"
    memory = size.gpus * vm_sizes.GPU_MEMORY[size.family]
    weights = BYTES_PER_PARAMETER * _billions(world, text(settings, "model"))
    if weights <= memory:
        return ""
    return f"CUDA out of memory. Tried to allocate {weights:.2f} GiB. GPUs have a total capacity of {memory} GiB"


def _crashed(message: str) -> Json:
    lines = [
        "Traceback (most recent call last):",
        '  File "main.py", line 1, in <module>',
        f"RuntimeError: {message}",
    ]
    return _failure("ResourceNotReady", message, lines)


def _killed(grace: float) -> Json:
    said = "Liveness probe failed: HTTP probe failed with statuscode: 502"
    message = f"User container has crashed or terminated: {said}. The probe gave it {grace:g} seconds."
    lines = [
        "Loading checkpoint shards",
        f"{said} ({grace:g} seconds after the start)",
        "Container was killed before the model was loaded",
    ]
    return _failure("ResourceNotReady", message, lines)


def _failure(code: str, message: str, log: list[str]) -> Json:
    return {"code": code, "message": f"{message} {GUIDE}{code.lower()}", "log": log}


def _bad(message: str) -> ServiceError:
    return ServiceError(400, "BadArgument", message)
