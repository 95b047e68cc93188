"""Registered models: list, get, register a job's output, archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Literal

from ..azure.arm import Arm
from ..azure.missing_resources import names_explained
from ..core.blocking import Blocking, blocking
from ..core.errors import BadRequest, Conflict, NotFound
from ..core.json_fields import Document, first, part, text
from ..core.names import check_name
from ..core.url_paths import segment
from ..wire import Thunk
from .registered_model import RegisteredModel
from .registration import Registration, output_of, source_of

AT_ONCE = 8
"""Most models whose versions are read at the same time."""

ATTEMPTS = 5
"""Versions that a registration tries, where other processes take the next one first."""

ListView = Literal["ActiveOnly", "ArchivedOnly", "All"]


class AsyncModels:
    """Models registered in the workspace, such as the results of fine-tuning jobs."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def get(self, name: str, version: str | None = None) -> RegisteredModel:
        """Return a version of a registered model.

        Args:
            name: the model's name; without `version` also `NAME:VERSION`, or `NAME@latest`, which a name alone means
                too.
            version: the version.

        Raises:
            NotFound: there is no such version; the message has the nearest names that there are.
        """
        named, document = await self._find(name, version)
        return RegisteredModel.of(named, document)

    async def _find(self, name: str, version: str | None, view: ListView = "ActiveOnly") -> tuple[str, Document]:
        """Return the name and the document of a version, without one of the newest in a view; raise as `get` does."""
        if version is None:
            name, colon, given = name.removesuffix("@latest").partition(":")
            version = given if colon else None
        async with self._names_explained(name):
            if version is not None:
                return name, await self._arm.get(f"{_path(name)}/{segment(version)}")
            query = {"$orderBy": "createdtime desc", "$top": "1"}  # as azure-ai-ml 1.35.2 does
            query |= {} if view == "ActiveOnly" else {"listViewType": view}
            newest = first(await self._arm.get(_path(name), query), "value")
            if newest:
                return name, newest
            raise NotFound(f"GET {self._arm.url(_path(name))}", status=404, detail=f"{name} was not found")

    async def list(self, name: str | None = None, *, view: ListView = "ActiveOnly") -> AsyncIterator[RegisteredModel]:
        """Yield registered models: every version of one model, newest first, or of each in the workspace.

        Args:
            name: a model; without it, all of them. Their versions are read with one request per model.
            view: chooses archived ones.

        Raises:
            NotFound: there is no model of this name.
        """
        query = {"listViewType": view}
        names = [name] if name is not None else [text(each, "name") async for each in self._arm.pages("/models", query)]
        for start in range(0, len(names), AT_ONCE):
            thunks: Sequence[Thunk[Sequence[RegisteredModel]]] = [
                partial(self._versions, each, query) for each in names[start : start + AT_ONCE]
            ]
            for versions in await self._arm.wire.gather(thunks, limit=AT_ONCE):
                for model in versions:
                    yield model

    async def register(
        self,
        name: str,
        *,
        job: str,
        output: str | None = None,
        version: str | None = None,
        tags: Mapping[str, str] | None = None,
        description: str | None = None,
    ) -> RegisteredModel:
        """Register the output of a completed job as a version of a model; the same call registers it once.

        Serverless jobs register their model themselves; a pipeline job does not, and `jobs.wait` does it.

        Args:
            name: the model's name.
            job: the job's name.
            output: the job's output, by default the one that is a model.
            version: the version, by default the next one.
            tags: searchable labels.
            description: what the model is.

        Returns:
            The version that has this output, also if it was registered before.

        Raises:
            InvalidInput: the job has not completed, or has no such output.
            NotFound: there is no such job.
            Conflict: the version exists with other files.
        """
        check_name("model", name)
        document = await self._arm.get(f"/jobs/{segment(job)}")
        chosen, kind = output_of(document, job, output)
        wanted = Registration(
            source=source_of(job, chosen), kind=kind, description=description or "", tags=dict(tags or {})
        )
        if version is not None:
            return await self._put(name, check_name("version of a model", version), wanted)
        if (there := await self._registered(name, wanted)) is not None:
            return there
        for attempt in range(ATTEMPTS):
            container = await self._arm.find(f"/models/{segment(name)}")
            following = text(container, "properties", "nextVersion") or "1"
            try:
                return await self._put(name, following, wanted)
            except Conflict:  # another process took the version; if it registered the same output, it is this one
                if (there := await self._registered(name, wanted)) is not None:
                    return there
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _registered(self, name: str, wanted: Registration) -> RegisteredModel | None:
        """Return the version that was registered from the same output; None without one."""
        try:
            there = await self._versions(name, {"listViewType": "All"})
        except NotFound:
            return None
        return next((model for model in there if wanted.is_of(model)), None)

    async def _put(self, name: str, version: str, wanted: Registration) -> RegisteredModel:
        """Create a version; return it if it exists with the same output, else raise Conflict."""
        path = f"{_path(name)}/{segment(version)}"
        try:
            document, reply = await self._arm.create(path, wanted.to_document())
        except BadRequest:  # how the service refuses other files: "Asset paths cannot be updated."
            if (existing := await self._arm.find(path)) is None:
                raise
            document, reply = existing, None
        model = RegisteredModel.of(name, document)
        if reply is None and not wanted.is_of(model):
            detail = f"version {version} of model {name!r} has other files; leave the version out for the next one"
            raise Conflict(f"register model {name}:{version}", status=409, detail=detail)
        return model

    async def archive(self, name: str, version: str | None = None) -> RegisteredModel:
        """Archive a version, which `list` leaves out then by default; endpoints that serve it are not touched.

        Args:
            name: the model, as `get` takes it: NAME alone is its newest version.
            version: the version.

        Returns:
            The version as it is then. Archiving it again changes nothing.

        Raises:
            NotFound: there is no such version.
        """
        return await self._set_archived(name, version, archived=True)

    async def restore(self, name: str, version: str | None = None) -> RegisteredModel:
        """List an archived version again, and return it; arguments and errors are those of `archive`."""
        return await self._set_archived(name, version, archived=False)

    async def _set_archived(self, name: str, version: str | None, *, archived: bool) -> RegisteredModel:
        """PUT a version as it is, archived or not, as azure-ai-ml 1.35.2 does (`_asset_utils.py`)."""
        named, document = await self._find(name, version, "All")  # else each call would archive the version before
        model = RegisteredModel.of(named, document)
        if model.is_archived == archived:
            return model
        changed = {"properties": {**part(document, "properties"), "isArchived": archived}}
        document, _ = await self._arm.request("PUT", f"{_path(named)}/{segment(model.version)}", changed)
        return RegisteredModel.of(named, document)

    async def _versions(self, name: str, query: Mapping[str, str]) -> Sequence[RegisteredModel]:
        async with self._names_explained(name):
            return [RegisteredModel.of(name, document) async for document in self._arm.pages(_path(name), query)]

    def _names_explained(self, name: str) -> AbstractAsyncContextManager[None]:
        """Add the models that there are to an error about one that does not exist."""
        return names_explained(self._arm, name, "/models")


class Models(Blocking[AsyncModels]):
    """Models registered in the workspace, such as the results of fine-tuning jobs."""

    get = blocking(AsyncModels.get)
    list = blocking(AsyncModels.list)
    register = blocking(AsyncModels.register)
    archive = blocking(AsyncModels.archive)
    restore = blocking(AsyncModels.restore)


def _path(name: str) -> str:
    return f"/models/{segment(name)}/versions"
