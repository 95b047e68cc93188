"""Requests to the datastore's container, whose authorization may end or be replaced at any moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..azure.blob_container import BlobContainer
from ..azure.workspace import AsyncWorkspace
from ..core.errors import AuthenticationFailed, PermissionDenied

T = TypeVar("T")


async def authorized(workspace: AsyncWorkspace, act: Callable[[BlobContainer], Awaitable[T]]) -> T:
    """Do something in the container; when its authorization is refused, once more with a new one."""
    container = await workspace.container()
    try:
        return await act(container)
    except (AuthenticationFailed, PermissionDenied):
        fresh = await workspace.container(instead_of=container)
        if fresh is container:
            raise
        return await act(fresh)


_ENDED = "AuthenticationFailed"
"""What Azure Storage answers, with 403, to a signature that has ended; other refusals are final."""


async def with_container(workspace: AsyncWorkspace, datastore: str, act: Callable[[BlobContainer], Awaitable[T]]) -> T:
    """Do something with a datastore's container; when its signature has ended, once more with a new one."""
    container = await workspace.container(datastore)
    try:
        return await act(container)
    except (AuthenticationFailed, PermissionDenied) as error:
        if error.code != _ENDED:
            raise
    return await act(await workspace.container(datastore, instead_of=container))
