"""A datastore's container with an authorization that holds: a signature that has ended is replaced by a new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..azure.blob_container import Container
from ..azure.workspace import AsyncWorkspace
from ..core.errors import AuthenticationFailed, PermissionDenied

T = TypeVar("T")

_ENDED = "AuthenticationFailed"
"""What Azure Storage answers, with 403, to a signature that has ended; other refusals are final."""


async def with_container(workspace: AsyncWorkspace, datastore: str, act: Callable[[Container], Awaitable[T]]) -> T:
    """Do something with a datastore's container; when its signature has ended, once more with a new one."""
    container = await workspace.container(datastore)
    try:
        return await act(container)
    except (AuthenticationFailed, PermissionDenied) as error:
        if error.code != _ENDED:
            raise
    return await act(await workspace.container(datastore, instead_of=container))
