"""Requests to a datastore's container, whose authorization may expire or be replaced at any time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..azure.blob_container import BlobContainer
from ..azure.workspace import DEFAULT_DATASTORE, AsyncWorkspace
from ..core.errors import AuthenticationFailed, PermissionDenied

T = TypeVar("T")

_EXPIRED = {"AuthenticationFailed", ""}
"""The code of Azure Storage's 403 for an expired signature, or no code for a HEAD request; other codes are final."""


async def with_container(
    workspace: AsyncWorkspace, act: Callable[[BlobContainer], Awaitable[T]], datastore: str = DEFAULT_DATASTORE
) -> T:
    """Run an operation on a datastore's container; if its authorization has expired, repeat it once with a new one."""
    container = await workspace.container(datastore)
    try:
        return await act(container)
    except (AuthenticationFailed, PermissionDenied) as error:
        if isinstance(error, PermissionDenied) and error.code not in _EXPIRED:
            raise
        fresh = await workspace.container(datastore, instead_of=container)
        if fresh is container:
            raise
    return await act(fresh)
