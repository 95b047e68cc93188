"""References to data and models in request bodies, resolved to stored names."""

import re
from dataclasses import dataclass

from mock_server.core.json_values import child, text
from mock_server.core.scope import Scope, container_of
from mock_server.state.world import World
from mock_server.training import base_models

ARM = (
    r"/subscriptions/(?P<sub>[^/]+)/resourceGroups/(?P<rg>[^/]+)"
    r"/providers/Microsoft\.MachineLearningServices/workspaces/(?P<ws>[^/]+)"
)
LONG = (
    r"azureml://subscriptions/(?P<sub>[^/]+)/resourceGroups/(?P<rg>[^/]+)(?:/providers/[^/]+)?/workspaces/(?P<ws>[^/]+)"
)
GUID = r"azureml://locations/[^/]+/workspaces/(?P<guid>[^/]+)"
SHORT = re.compile(r"(?:azureml:)?(?P<name>[A-Za-z0-9_.-]+):(?P<version>[A-Za-z0-9_.-]+)\Z")
ASSET = (
    *(
        re.compile(pattern + r"/data/(?P<name>[^/:]+)/versions/(?P<version>[^/:]+)/?\Z", re.IGNORECASE)
        for pattern in (rf"(?:azureml:)?{ARM}", LONG, GUID)
    ),
    SHORT,
)
PATH = tuple(
    re.compile(pattern + r"/datastores/(?P<datastore>[^/]+)/paths/(?P<path>.+)\Z", re.IGNORECASE | re.DOTALL)
    for pattern in (LONG, GUID, "azureml:/")
)
URL = re.compile(r"https?://.*/azureml-blobstore-(?P<guid>[0-9a-f-]{36})/(?P<path>[^?]+)(?:\?.*)?\Z", re.DOTALL)
REGISTERED = tuple(
    re.compile(pattern + r"/models/(?P<name>[^/:]+)/versions/(?P<version>[^/:]+)/?\Z", re.IGNORECASE)
    for pattern in (rf"(?:azureml:)?{ARM}", LONG, GUID)
)
ENVIRONMENT = tuple(
    re.compile(pattern + r"/environments/(?P<name>[^/:]+)/versions/(?P<version>[^/:]+)/?\Z", re.IGNORECASE)
    for pattern in (rf"(?:azureml:)?{ARM}", LONG, GUID)
)
ENVIRONMENTS = "environment"
REGISTRY_ENVIRONMENT = re.compile(
    r"azureml://registries/[^/]+/environments/[^/:]+/(?:versions|labels)/[^/]+/?\Z", re.IGNORECASE
)
REGISTRY = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/models/(?P<name>[^/:]+)(?:/(?:versions|labels)/(?P<version>[^/]+))?/?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class BlobPath:
    """The location of a blob."""

    container: str
    path: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference that cannot be resolved, with the service's message."""

    message: str


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A model of the registry (no guid) or of a workspace."""

    name: str
    version: str | None
    registry: str | None = None
    guid: str | None = None


def resolve_data(world: World, scope: Scope, uri: str) -> BlobPath | Unresolved:
    """Resolve the data reference of a job, through its data asset, to a blob."""
    for pattern in ASSET:
        if match := pattern.match(uri):
            guid, name, version = _guid(scope, match), match["name"], match["version"]
            document = world.store.get("data", guid, f"{name}:{version}")
            if document is None:
                return Unresolved(f"{name}:{version} (dataContainerName:version) not found.")
            return resolve_path(scope, text(child(document, "properties"), "dataUri"))
    return resolve_path(scope, uri)


def resolve_path(scope: Scope, uri: str) -> BlobPath | Unresolved:
    """Resolve a datastore path or a blob URL."""
    for pattern in (*PATH, URL):
        if match := pattern.match(uri):
            return BlobPath(container_of(_guid(scope, match)), match["path"])
    return Unresolved(
        f"The data reference {uri[:200]!r} is not supported: use an asset's id, name:version or "
        "azureml://datastores/<name>/paths/<path>."
    )


def parse_model(scope: Scope, uri: str) -> ModelReference | None:
    """Parse a model reference; None if it is not one."""
    if match := REGISTRY.match(uri):
        return ModelReference(match["name"], match["version"], registry=match["registry"].lower())
    for pattern in REGISTERED:
        if match := pattern.match(uri):
            return ModelReference(match["name"], match["version"], guid=_guid(scope, match))
    return None


def find_base_model(world: World, reference: ModelReference) -> base_models.Model | None:
    """Find the registry model behind a reference, through a tuned one if necessary; None if unknown."""
    if reference.guid is not None:
        document = world.store.get("model", reference.guid, f"{reference.name}:{reference.version}")
        return base_models.find(text(document, "base")) if document else None
    if reference.registry != base_models.REGISTRY:
        return None
    found = base_models.find(reference.name)
    exists = reference.version in (None, "latest") or (found is not None and str(reference.version) in versions(found))
    return found if exists else None


def environment_exists(world: World, scope: Scope, uri: str) -> bool:
    """Return whether an environment of the workspace exists; those of a registry, which are not here, do."""
    if REGISTRY_ENVIRONMENT.match(uri):
        return True
    for pattern in ENVIRONMENT:
        if match := pattern.match(uri):
            name = f"{match['name']}:{match['version']}"
            return world.store.get(ENVIRONMENTS, _guid(scope, match), name) is not None
    return False


def versions(found: base_models.Model) -> list[str]:
    """Return a registry model's versions, newest first."""
    return [str(version) for version in range(found.version, 0, -1)]


def _guid(scope: Scope, match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("guid"):
        return str(groups["guid"]).lower()
    if groups.get("ws"):
        return Scope(str(groups["sub"]), str(groups["rg"]), str(groups["ws"])).guid
    return scope.guid
