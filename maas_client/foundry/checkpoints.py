"""Checkpoints of a job of Foundry: listed, and copied to another account.

MicrosoftDocs/azure-ai-docs, `fine-tuning-rest.md` (Oct 2026): one for each epoch, of which the last three are kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..core.errors import InvalidInput, NotFound
from ..core.json_fields import NOTHING, Document, first, items, part, text
from ..core.text import one_line
from ..core.timestamps import unix_timestamp
from ..core.url_paths import segment
from ..jobs.checkpoint import Checkpoint, CheckpointCopy
from .connection import FoundryConnection
from .job_directory import path_of
from .metric_names import metric_name

PREVIEW = {"aoai-copy-ft-checkpoints": "preview"}
"""The header that the copy of a checkpoint needs."""


async def checkpoints(connection: FoundryConnection, job_id: str) -> AsyncIterator[Checkpoint]:
    """Yield a job's checkpoints, the last step first, whatever order the service lists them in."""
    listed = [document async for document in connection.pages(path_of(job_id, "checkpoints"))]
    for checkpoint in sorted(map(read_checkpoint, listed), key=lambda each: each.step, reverse=True):
        yield checkpoint


def read_checkpoint(document: Document) -> Checkpoint:
    """Read a checkpoint's document."""
    measured = part(document, "metrics").items()
    step = document.get("step_number")
    return Checkpoint(
        id=one_line(text(document, "id")),
        job=one_line(text(document, "fine_tuning_job_id")),
        step=step if isinstance(step, int) and not isinstance(step, bool) else 0,
        model=one_line(text(document, "fine_tuned_model_checkpoint")),
        metrics={metric_name(name): value for name, value in measured if name != "step" and _is_measured(value)},
        created_at=unix_timestamp(document.get("created_at")),
    )


async def copy_checkpoint(
    connection: FoundryConnection, job_id: str, checkpoint: str, *, account_id: str, region: str
) -> CheckpointCopy:
    """Start the copy of a checkpoint, or report how one that was started stands."""
    if not account_id.startswith("/subscriptions/") or not region.strip():
        raise InvalidInput(
            "the copy of a checkpoint needs the Resource Manager id of the other account (/subscriptions/…) and its "
            "region"
        )
    path = path_of(job_id, "checkpoints", segment(checkpoint), "copy")
    try:
        found, _ = await connection.request("GET", path, headers=PREVIEW)
    except NotFound:  # of the checkpoint or its copies; the request below shows which
        found = NOTHING
    copy = _copy_to(found, account_id)
    if not text(copy, "status"):
        body = {"destinationResourceId": account_id, "region": region}
        # Repeating it is safe: the account either has the copy or gets it.
        started = await connection.request("POST", path, body, headers=PREVIEW, repeatable=True)
        copy = _copy_to(started[0], account_id) or first(started[0], "copiedAccountDetails")
    return CheckpointCopy(
        checkpoint=checkpoint,
        account_id=account_id,
        region=one_line(text(copy, "region")) or region,
        status=one_line(text(copy, "status")) or "InProgress",
    )


def _copy_to(document: Document, account_id: str) -> Document:
    """Return what a document of copies says of the one in an account; nothing without it."""
    copies = (copy for copy in items(document, "copiedAccountDetails") if _is_at(copy, account_id))
    return next(copies, NOTHING)


def _is_at(copy: object, account_id: str) -> bool:
    return text(copy, "destinationResourceId").lower() == account_id.lower()


def _is_measured(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value != -1
