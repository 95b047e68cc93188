"""Registered models as stored: where their files are, what they were trained from, and which version is the next.

A model comes from a completed fine-tuning job, which registers it by itself, or from a request with the address of its
files: an output of a job, such as a pipeline's, or a path of the datastore.
"""

import re
from dataclasses import dataclass

from mock_server.core.errors import ServiceError, user_error
from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import Scope
from mock_server.resources import references
from mock_server.state.document_store import sqlite_safe
from mock_server.state.world import World
from mock_server.training.job import job_at

KIND = "model"
CONTAINER = "model-container"
PATHS_ARE_FINAL = "Asset paths cannot be updated."
"""What azure-ai-ml 1.35.2 (`_artifacts/_constants.py`) knows this refusal by."""
_OUTPUT = re.compile(
    r"(?:azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths)?(?:/.*)?|runs:/(?P<run>[^/]+)/(?P<artifact>.+))\Z"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model's files are in the default datastore, and what made them."""

    path: str
    job: str = ""
    base: str = ""
    examples: str | None = None


def versions(world: World, guid: str, name: str) -> list[Json]:
    """Return the versions of a model, newest first."""
    return [body for _, body in world.store.all(KIND, guid) if text(body, "name") == name]


def next_version(found: list[Json]) -> str:
    """Return the number after the highest version that is a number."""
    numbers = [int(text(body, "version")) for body in found if text(body, "version").isdecimal()]
    return str(max(numbers, default=0) + 1)


def origin(world: World, scope: Scope, uri: str, now: float) -> Origin:
    """Find the files that a model is registered from; raises ServiceError if there are none."""
    if match := _OUTPUT.match(uri):
        return _of_job(world, scope, match["job"] or match["run"], match["output"] or match["artifact"], now)
    location = references.resolve_path(scope, uri)
    if isinstance(location, references.Unresolved):
        raise user_error(f"The request is invalid: modelUri {uri[:200]!r} is not an output of a job or a path.")
    made_by = re.match(r"azureml/(?P<job>[^/]+)/(?P<output>[^/]+)", location.path)
    document = world.store.get("job", scope.guid, made_by["job"]) if made_by else None
    if made_by is None or document is None:
        return Origin(sqlite_safe(location.path))
    found = Origin(sqlite_safe(location.path), made_by["job"])
    return _with_result(found, _results(document, location.path.split("/")[2]))


def _of_job(world: World, scope: Scope, job: str, output: str, now: float) -> Origin:
    document = world.store.get("job", scope.guid, job)
    if document is None:
        raise user_error(f"Run {job[:200]} was not found: a model is registered from an output of a job that exists.")
    status = job_at(job, document, now).state.status
    if status != "Completed":
        raise ServiceError(400, "UserError", f"Job {job[:200]} is {status}: it has no output {output[:80]!r} yet.")
    if "course" not in document:
        return _with_result(Origin(f"azureml/{job}/registered_model", job), _results(document, output))
    result = _results(document, output)
    if not result:
        raise ServiceError(400, "UserError", f"Job {job[:200]} has no output {output[:80]!r} that is a model.")
    return _with_result(Origin(f"azureml/{job}/{output}", job), result)


def _results(document: Json, output: str) -> Json:
    """Return what is known of a model that a job made: a pipeline has one for each output, another job one in all."""
    result = child(document, "result")
    return child(result, output) if "course" in document else result


def _with_result(found: Origin, result: Json) -> Origin:
    return Origin(found.path, found.job, text(result, "base"), text(result, "examples") or None)
