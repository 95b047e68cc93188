"""Parsing of datastore URIs and of references to data assets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...azure.settings import Settings
from ...core.errors import InvalidInput

# The forms that azure-ai-ml 1.35.2 supports (`constants/_common.py`, `_utils/_storage_utils.py`).
_WORKSPACE = (
    r"subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?/workspaces/(?P<workspace>[^/]+)"
)
_PATH = re.compile(
    rf"azureml://(?:{_WORKSPACE}/)?datastores/(?P<datastore>[^/]+)/paths/(?P<path>.*)", re.IGNORECASE | re.DOTALL
)
_ASSET_ID = re.compile(
    rf"(?:azureml:)?/{{1,2}}{_WORKSPACE}/data/(?P<name>[^/:]+)/versions/(?P<version>[^/:]+)/?", re.IGNORECASE
)
_INVALID = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_ASSET = re.compile(r"(?:azureml:)?(?P<name>[A-Za-z0-9][\w.-]*):(?P<version>[\w.-]+)")


@dataclass(frozen=True, slots=True)
class DatastorePath:
    """A blob or folder in a datastore."""

    datastore: str
    path: str

    def __str__(self) -> str:
        return f"azureml://datastores/{self.datastore}/paths/{self.path}"


def datastore_path_of(uri: str, settings: Settings) -> DatastorePath | None:
    """Return the datastore path of a URI, or None for a URI of another kind.

    Raises InvalidInput if it belongs to another workspace, or points outside the datastore.
    """
    found = _PATH.fullmatch(uri)
    if found is None:
        return None
    _check_workspace(uri, found, settings)
    if _INVALID.search(uri) or not {".", ".."}.isdisjoint(found["path"].split("/")):
        raise InvalidInput(
            f"{uri!r} is not a valid datastore path: it contains '.', '..' or a character that is not allowed"
        )
    return DatastorePath(found["datastore"], found["path"])


def asset_of(reference: str, settings: Settings) -> tuple[str, str] | None:
    """Return the name and version of the data asset `NAME:VERSION`, or of an id; None for anything else.

    Raises InvalidInput if it belongs to another workspace.
    """
    if found := _ASSET.fullmatch(reference):
        return found["name"], found["version"]
    if found := _ASSET_ID.fullmatch(reference):
        _check_workspace(reference, found, settings)
        return found["name"], found["version"]
    return None


def _check_workspace(reference: str, found: re.Match[str], settings: Settings) -> None:
    named = tuple(found[part] for part in ("subscription", "group", "workspace"))
    own = (settings.subscription_id, settings.resource_group, settings.workspace)
    if any(named) and tuple(map(str.casefold, named)) != tuple(map(str.casefold, own)):
        raise InvalidInput(f"{reference!r} belongs to another workspace; use a client of that workspace to download it")
