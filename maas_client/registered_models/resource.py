"""Registered models: list, get."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Literal

from ..azure.arm import Arm
from ..azure.missing_resources import names_explained
from ..core.blocking import Blocking, blocking
from ..core.errors import NotFound
from ..core.json_fields import first, text
from ..core.url_paths import segment
from ..wire import Thunk
from .registered_model import RegisteredModel

AT_ONCE = 8
"""Most models whose versions are read at the same time."""

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
        if version is None:
            name, colon, given = name.removesuffix("@latest").partition(":")
            version = given if colon else None
        async with self._names_explained(name):
            if version is not None:
                path = f"{_path(name)}/{segment(version)}"
                return RegisteredModel.of(name, await self._arm.get(path))
            query = {"$orderBy": "createdtime desc", "$top": "1"}  # as azure-ai-ml 1.35.2 does
            newest = first(await self._arm.get(_path(name), query), "value")
            if newest:
                return RegisteredModel.of(name, newest)
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


def _path(name: str) -> str:
    return f"/models/{segment(name)}/versions"
