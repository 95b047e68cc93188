"""The logs of an online deployment's two containers: the one that fetches the model, and the one that serves it.

They begin with the status of the instance, step by step (Azure/azureml-examples#3444); the serving image prints its
environment variables, as the real one does.
"""

from mock_server.core.json_values import Json, child, is_array, iso, text
from mock_server.resources.online_deployments import OnlineDeployment

STEPS = ("SystemSetup", "UserContainerImagePull", "ModelDownload", "UserContainerStart")
STEPS_OF_FAILURES = {"OutOfCapacity": 0, "ImageBuildFailure": 1}
PORT = 5001


def lines(deployment: OnlineDeployment, container: str) -> list[str]:
    """Return the lines of a container's log until now."""
    own = _storage(deployment) if container == "StorageInitializer" else _server(deployment)
    return ["Instance status:", *_steps(deployment), "", "Container logs:", *own]


def _steps(deployment: OnlineDeployment) -> list[str]:
    created, ready = (deployment.document.get(key) for key in ("created", "ready"))
    is_first = deployment.state == "Creating"
    share = (deployment.now - float(created or 0)) / max(float(ready or 0) - float(created or 0), 1e-9)
    done = int(share * len(STEPS)) if is_first else len(STEPS)
    states = ["Succeeded" if at < done else "InProgress" for at in range(len(STEPS))]
    if deployment.is_unrecoverable:
        at = _failing_step(deployment)
        states = [*states[:at], "Failed", *["NotStarted"] * (len(STEPS) - at - 1)]
    return [f"{step}: {state}" for step, state in zip(STEPS, states, strict=True)]


def _failing_step(deployment: OnlineDeployment) -> int:
    """Return the step that failed: without a machine or an image no container is started."""
    return STEPS_OF_FAILURES.get(text(deployment.failure, "code"), len(STEPS) - 1)


def _is_started(deployment: OnlineDeployment) -> bool:
    return not deployment.is_unrecoverable or _failing_step(deployment) == len(STEPS) - 1


def _storage(deployment: OnlineDeployment) -> list[str]:
    if not _is_started(deployment):
        return []
    model = text(deployment.settings, "model")
    return [
        _at(deployment, f"Downloading {model} to /var/azureml-app/azureml-models"),
        _at(deployment, "Download done"),
    ]


def _server(deployment: OnlineDeployment) -> list[str]:
    variables: Json = child(deployment.settings, "environmentVariables")
    found = [_at(deployment, f"{name}={value}") for name, value in variables.items()]
    failed: object = deployment.failure.get("log")
    if not _is_started(deployment):
        return [_at(deployment, str(line)) for line in failed] if is_array(failed) else []
    found.append(_at(deployment, f"Loading the model of deployment {deployment.name}"))
    if deployment.state == "Failed" and is_array(failed):
        return found + [_at(deployment, str(line)) for line in failed]
    if deployment.serving is not None:
        found.append(_at(deployment, f"Application startup complete. Running on http://0.0.0.0:{PORT}"))
    return found


def _at(deployment: OnlineDeployment, line: str) -> str:
    created = deployment.document.get("changed")
    return f"{iso(float(created or 0))} {line}"
