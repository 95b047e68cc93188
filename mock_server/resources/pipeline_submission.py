"""The body of a pipeline job, checked as the service does on submission.

What is refused here is a structure that cannot run: an unknown component, input, compute, model or data. Choices and
numbers are literals that no one checks before the step that reads them, which then fails (`component_values.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.core.errors import ServiceError, user_error
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.core.scope import NAME, Scope
from mock_server.resources import components, job_submission, references
from mock_server.resources.component_inputs import FILES
from mock_server.resources.components import Component
from mock_server.state.world import World

COMPONENT = re.compile(
    r"(?:azureml:)?azureml://registries/(?P<registry>[^/]+)/components/(?P<name>[^/]+)/(?:versions|labels)/(?P<version>[^/]+)/?\Z",
    re.IGNORECASE,
)
PARENT_INPUT = re.compile(r"\$\{\{parent\.inputs\.(?P<name>\w+)\}\}\Z")
PARENT_OUTPUT = re.compile(r"\$\{\{parent\.outputs\.(?P<name>\w+)\}\}\Z")
IMMUTABLE = ("jobType", "experimentName", "computeId", "jobs", "inputs", "settings")


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a pipeline: the component that it runs, with its inputs and the job's outputs that it gives."""

    name: str
    component: Component
    literals: Mapping[str, str]  # with the component's defaults
    files: Mapping[str, str]  # addresses by input
    outputs: Mapping[str, str]  # the job's output, by the component's


def parse(world: World, scope: Scope, body: Json) -> tuple[Node, ...]:
    """Return the nodes of a pipeline job's body; raises the service's error for an invalid one."""
    properties = child(body, "properties")
    job_submission.check_metadata(properties)
    if not NAME.match(text(properties, "experimentName", "Default")):
        raise _invalid("experimentName is not a valid name")
    jobs: object = properties.get("jobs")
    if not is_object(jobs) or not jobs:
        raise _invalid("a pipeline job needs at least one node in jobs")
    for name, output in child(properties, "outputs").items():
        if not is_object(output) or not text(output, "jobOutputType"):
            raise _invalid(f"outputs.{name[:60]}.jobOutputType is required")
    return tuple(_node(world, scope, properties, name, node) for name, node in jobs.items())


def is_same_job(old: Json, new: Json) -> bool:
    """Return whether two bodies describe the same pipeline, ignoring display name, tags and properties."""
    return all((old.get(name) or None) == (new.get(name) or None) for name in IMMUTABLE) and set(
        child(old, "outputs")
    ) == set(child(new, "outputs"))


def _node(world: World, scope: Scope, properties: Json, name: str, node: object) -> Node:
    if not is_object(node) or not NAME.match(name):
        raise _invalid(f"jobs.{name[:60]} is not a node")
    component = _component(name, node)
    literals = {key: each.default for key, each in component.inputs.items() if each.default is not None}
    files: dict[str, str] = {}
    for key, given in child(node, "inputs").items():
        known = component.inputs.get(key)
        if known is None:
            raise _invalid(f"{key[:80]} is not an input of the component {component.name}:{component.version}")
        value = _resolved(properties, f"{name}.{key}", given)
        if known.type in FILES:
            files[key] = _uri(world, scope, f"{name}.{key}", known.type, value)
        else:
            literals[key] = text(value, "value")
    for key, each in component.inputs.items():
        if not each.optional and key not in literals and key not in files:
            raise _invalid(f"the input {key} of the component {component.name}:{component.version} is required")
    return Node(name, component, literals, files, _outputs(properties, name, node, component))


def _component(name: str, node: Json) -> Component:
    given = text(node, "componentId")
    match = COMPONENT.match(given)
    if match is None:
        raise _invalid(f"jobs.{name}.componentId must be a component of a registry; got {given[:200]!r}")
    found = components.find(match["name"], match["version"]) if match["registry"].lower() == "azureml" else None
    if found is None:
        raise user_error(f"Component {match['name'][:80]}:{match['version'][:40]} was not found in the registry.", 404)
    if not found.steps:
        raise _invalid(f"jobs.{name} runs {found.name}, a step: this server runs the pipelines that consist of steps")
    return found


def _resolved(properties: Json, where: str, given: object) -> Json:
    """Return a node's input as a literal or an address; a reference to the job's input becomes that input."""
    if not is_object(given):
        raise _invalid(f"jobs.{where[:80]} must be an object with job_input_type")
    if given.get("value") is not None and not isinstance(given["value"], str):
        raise _invalid(f"jobs.{where[:80]}.value must be a string")
    reference = PARENT_INPUT.match(text(given, "value"))
    if reference is None:
        return given
    outer: object = child(properties, "inputs").get(reference["name"])
    if not is_object(outer):
        raise _invalid(f"jobs.{where[:80]} refers to the input {reference['name'][:60]}, which the job does not have")
    return {"value": str(outer.get("value", "")), "uri": outer.get("uri"), "job_input_type": outer.get("jobInputType")}


def _uri(world: World, scope: Scope, where: str, kind: str, given: Json) -> str:
    """Return an input's address once it is known to lead to something."""
    uri = text(given, "uri") or text(given, "value")
    if not uri:
        raise _invalid(f"jobs.{where[:80]}.uri is required for an input of the type {kind}")
    if kind in ("mlflow_model", "custom_model"):
        model = references.parse_model(scope, uri)
        if model is None or references.find_base_model(world, model) is None:
            raise user_error(f"Model {uri[:300]} was not found. Please check the model's name and version.")
        return uri
    found = references.resolve_data(world, scope, uri)
    if isinstance(found, references.Unresolved):
        raise user_error(found.message)
    return uri


def _outputs(properties: Json, name: str, node: Json, component: Component) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for port, given in child(node, "outputs").items():
        if port not in component.outputs:
            raise _invalid(f"{port[:80]} is not an output of the component {component.name}:{component.version}")
        reference = PARENT_OUTPUT.match(text(given, "value")) if is_object(given) else None
        if reference is None:
            continue
        if reference["name"] not in child(properties, "outputs"):
            raise _invalid(f"jobs.{name}.outputs.{port} refers to an output that the job does not have")
        found[port] = reference["name"]
    return found


def _invalid(what: str) -> ServiceError:
    return user_error(f"The request is invalid: {what}.")
