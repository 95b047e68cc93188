"""The deletion of a resource of Resource Manager, followed until the resource is gone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..core.errors import NotFound
from ..http.polling import POLL_TIMEOUT, Polling, Wait, resume_note, start_clock
from ..http.retry import NO_RETRY, poll_intervals, retry_after
from .arm import ResourceManager, operation_of

ACCEPTED, NOTHING_THERE = 202, 204
"""Statuses of a deletion that continues, and of the deletion of what does not exist."""


async def delete_resource(
    arm: ResourceManager,
    path: str,
    *,
    what: str,
    resume: str,
    timeout: float,
    query: Mapping[str, str] | None = None,
    until_gone: bool = False,
) -> bool:
    """Delete a resource and wait until it is gone; return whether the service knew of one.

    Args:
        arm: sends the requests.
        path: the resource's path below the workspace or account.
        what: what is deleted, for messages.
        resume: how to resume the wait, for messages.
        timeout: seconds to wait in all.
        query: the query of the deletion.
        until_gone: whether it has ended only once the resource is not found any more.

    Raises:
        OperationFailed: the deletion failed.
        WaitTimeout: it takes longer; it continues.
    """
    start = arm.wire.clock()
    is_accepted = is_known = False
    try:
        _, reply = await arm.request("DELETE", path, query=query)
    except NotFound:
        pass  # it is gone, or something above it cannot be found: `until_gone` finds out
    else:
        is_known = reply.status != NOTHING_THERE
        if (operation := operation_of(reply)) is not None:
            await arm.wait_for_operation(operation, timeout=timeout, resume=resume)
        is_accepted = operation is None and reply.status == ACCEPTED
    if until_gone or is_accepted:
        left = max(timeout - (arm.wire.clock() - start), 1.0)
        await wait_until_gone(arm, path, what=what, resume=resume, timeout=left)
    return is_known


async def wait_until_gone(arm: ResourceManager, path: str, *, what: str, resume: str, timeout: float) -> None:
    """Wait until there is no such resource, as after a deletion for which the service names no operation to poll.

    The arguments are those of `delete_resource`. Raises WaitTimeout.
    """
    wire, intervals = arm.wire, poll_intervals()
    wait = Wait(what, resume, start_clock(wire), timeout, seen=True)

    def pause(asked: float | None) -> float:
        return wait.next_pause("still exists", next(intervals), asked)

    with resume_note(f"the deletion of {wait.what}", resume):
        async for is_gone in Polling(wire, wait, partial(_is_gone, arm, path), pause):
            if is_gone:
                return


async def _is_gone(arm: ResourceManager, path: str) -> tuple[bool, float | None]:
    document, reply = await arm.get_or_none(path, policy=NO_RETRY, timeout=POLL_TIMEOUT)
    return document is None, retry_after(reply)
