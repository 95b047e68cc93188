"""Data assets of the workspace: by name, version or label; registered, listed and archived."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager

from ..azure.arm import Arm
from ..azure.missing_resources import names_explained
from ..core.errors import InvalidInput, NotFound
from ..core.json_fields import Document, part, text
from ..core.redaction import redact
from ..core.text import printable
from ..core.url_paths import segment
from .backend import ListView
from .dataset import Dataset

_LATEST = re.compile(r"(?:azureml:)?(?P<name>[A-Za-z0-9][\w.-]*)@latest")
_NAME = re.compile(r"(?:azureml:)?(?P<name>[A-Za-z0-9_][\w.-]*)")


class DataAssets:
    """The data assets of one workspace."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def names_version(self, reference: str) -> bool:
        """Return whether a text is `NAME:VERSION`, `NAME@latest` or the id of a version."""
        from ..transfers.downloads.datastore_uri import asset_of

        return asset_of(reference, self._arm.settings) is not None or _LATEST.fullmatch(reference) is not None

    async def get(self, name: str, version: str | None) -> Dataset:
        """Return a version of a data asset."""
        name, version = await self._resolve(name, version)
        async with self._names_explained(name):
            return _dataset(name, await self._arm.get(_path(name, version)))

    async def list(self, name: str | None, *, view: ListView) -> AsyncIterator[Dataset]:
        """Yield the versions of an asset, or the latest version of every asset."""
        if name is None:
            async for document in self._arm.pages("/data", {"listViewType": view}):
                yield _latest(document)
            return
        async with self._names_explained(name):
            async for document in self._arm.pages(f"/data/{segment(name)}/versions", {"listViewType": view}):
                yield _dataset(name, document)

    async def archive(self, name: str, version: str | None, *, archived: bool) -> Dataset:
        """Archive a version, or restore it, as azure-ai-ml 1.35.2 does (`_asset_utils.py`, `_archive_or_restore`)."""
        name, version = await self._resolve(name, version)
        async with self._names_explained(name):
            document = await self._arm.get(_path(name, version))
        return _dataset(name, await self._set_archived(name, version, document, archived=archived))

    async def register(self, name: str, version: str, uri: str) -> Dataset:
        """Register data under a version, unless it is registered; one that is archived is restored."""
        path = _path(name, version)
        document = await self._arm.find(path)
        if document is None:
            body = {"properties": {"dataType": "uri_file", "dataUri": uri, "isAnonymous": False, "isArchived": False}}
            document, _ = await self._arm.create(path, body)
        return _dataset(name, await self._set_archived(name, version, document, archived=False))

    async def _set_archived(self, name: str, version: str, document: Document, *, archived: bool) -> Document:
        """Change whether a version is archived, and return its document as it is then."""
        properties = part(document, "properties")
        if (properties.get("isArchived") is True) == archived:
            return document
        # Assumption: A version is archived by a PUT of its own properties, and is then left out of the list of active
        #   versions.
        # Shown wrong by: An error for the PUT of properties as they were read, or the version in the list after it.
        # Verified by: delete data, archive model
        # If wrong: `datasets.delete` and `models.archive` fail, or leave the version where it was.
        # Also in: maas_client/registered_models/resource.py
        changed = {"properties": {**properties, "isArchived": archived}}
        return (await self._arm.request("PUT", _path(name, version), changed))[0]

    async def _resolve(self, name: str, version: str | None) -> tuple[str, str]:
        """Return the name and version of a reference; the latest version is the one that the asset's container has."""
        from ..transfers.downloads.datastore_uri import asset_of

        if version is not None:
            return name, version
        if (named := asset_of(name, self._arm.settings)) is not None:
            return named
        found = _LATEST.fullmatch(name) or _NAME.fullmatch(name)
        if found is None:
            raise InvalidInput(
                f"{redact(printable(name))!r} does not name a data asset: write NAME:VERSION, NAME@latest, NAME or "
                "an id"
            )
        path = f"/data/{segment(found['name'])}"
        async with self._names_explained(found["name"]):
            container = await self._arm.get(path)
            # Assumption: `latestVersion` of a data asset is the version that was created last, also where versions are
            #   no numbers.
            # Shown wrong by: A `latestVersion` that is null, or another one than the upload has just registered.
            # Verified by: upload data, list data
            # If wrong: `NAME@latest` means an older version, or is not found.
            # Also in: mock_server/surfaces/data.py
            if latest := text(container, "properties", "latestVersion"):
                return found["name"], latest
            raise NotFound(f"GET {self._arm.url(path)}", status=404, detail=f"{found['name']} has no versions")

    def _names_explained(self, name: str) -> AbstractAsyncContextManager[None]:
        """Add the assets that there are to an error about one that does not exist, or the versions of one that does."""

        def names(documents: Sequence[Document]) -> Sequence[str]:
            there = [_latest(document) for document in documents]
            same = [f"{each.name}:{each.version}" for each in there if each.name == name]
            return same or [each.name for each in there]

        return names_explained(self._arm, name, "/data", query={"listViewType": "ActiveOnly"}, names=names)


def _path(name: str, version: str) -> str:
    return f"/data/{segment(name)}/versions/{segment(version)}"


def _dataset(name: str, document: Document) -> Dataset:
    """Read the document of a data version, whose name is the version."""
    return Dataset.read({**document, "asset": name})


def _latest(container: Document) -> Dataset:
    """Read an asset's document as its latest version."""
    version = text(container, "properties", "latestVersion")
    base = text(container, "id")
    return Dataset.read(
        {
            **container,
            "id": f"{base}/versions/{version}" if base and version else "",
            "asset": text(container, "name"),
            "name": version,
        }
    )
