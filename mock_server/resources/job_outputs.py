"""The outputs of jobs by the addresses under which models are registered from them.

The forms are those that azure-ai-ml 1.35.2 sends: `azureml://jobs/{job}/outputs/{output}`, optionally with a path
below it, and `runs:/{job}/{output}`.
"""

import re
from dataclasses import dataclass

from mock_server.core.json_values import child, text
from mock_server.resources import jobs
from mock_server.resources.references import Unresolved
from mock_server.state.world import World
from mock_server.training.job import job_at

OUTPUT = re.compile(
    r"(?:azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths)?|runs:/(?P<run>[^/]+)/(?P<name>[^/]+))"
    r"(?P<path>/.*)?\Z",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class JobOutput:
    """A model that a job has written: its folder, the base model, and the data it was trained on (an ETag)."""

    job: str
    path: str
    base: str
    examples: str


def is_reference(uri: str) -> bool:
    """Return whether an address is that of a job's output."""
    return OUTPUT.match(uri) is not None


def resolve(world: World, guid: str, uri: str, now: float) -> JobOutput | Unresolved:
    """Resolve the address of a job's output; only a completed job has any."""
    match = OUTPUT.match(uri)
    if match is None:
        return Unresolved(f"The path {uri[:200]!r} is not an output of a job.")
    name, output = match["job"] or match["run"], match["output"] or match["name"]
    jobs.register_completed(world, guid, now)
    document = world.store.get("job", guid, name)
    if document is None:
        return Unresolved(f"Run {name[:200]} was not found.")
    status = job_at(name, document, now).state.status
    if status != "Completed":
        return Unresolved(f"Run {name} is in the state {status}: its outputs exist once it is Completed.")
    outputs = child(child(document, "properties"), "outputs")
    result = child(document, "result")
    found = child(result, output) if "course" in document else result
    if output not in outputs or not text(found, "base"):
        return Unresolved(f"Run {name} has no output {output[:80]!r} that is a model.")
    path = f"azureml/{name}/{output if 'course' in document else 'registered_model'}{match['path'] or ''}".rstrip("/")
    return JobOutput(name, path, text(found, "base"), text(found, "examples"))
