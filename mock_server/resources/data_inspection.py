"""Reading a job's data at its creation: which rows can be trained on, cached by the blob's ETag."""

import asyncio
from dataclasses import asdict

from mock_server.core.json_values import Json, dump, number, text
from mock_server.resources.job_submission import Submission
from mock_server.resources.references import BlobPath, find_base_model
from mock_server.state.document_store import sqlite_safe
from mock_server.state.world import World
from mock_server.training import base_models, dataset_rows, simulation
from mock_server.training.base_models import Model
from mock_server.training.dataset_rows import Columns, Dataset
from mock_server.training.simulation import Plan

MAX_SEQUENCE_LENGTH = 8192  # max_seq_length of the published pipeline


async def plan_job(world: World, submission: Submission) -> tuple[Plan, Json]:
    """Read the data and return the job's plan, and what its model will need to know."""
    model = find_base_model(world, submission.model) or base_models.MODELS[0]
    train = await inspect(world, submission.training, submission.task, model, dataset_rows.MINIMUM)
    validation = None
    if submission.validation is not None:
        validation = await inspect(world, submission.validation, submission.task, model, 0)
    problem = text(train, "problem") or text(validation or {}, "problem") or None
    draft = Plan(
        seed=f"{world.options.seed}:{model.name}:{train['etag']}:{dump(submission.hyperparameters)}",
        seconds=world.options.job_seconds,
        rows=count(train, "rows"),
        tokens=count(train, "tokens") + count(validation, "tokens"),
        validation_rows=count(validation, "rows") or max(1, count(train, "rows") // 5),
        failure=problem,
    )
    skipped = dataset_rows.skipped_rows_warning(count(train, "skipped") + count(validation, "skipped"))
    plan = with_fault(world, simulation.with_hyperparameters(draft, submission.hyperparameters))
    asset = submission.asset or f"{model.name}-finetuned"
    return plan, {
        "asset": asset,
        "base": model.name,
        "examples": train["etag"],
        "warning": skipped,
    }


def with_fault(world: World, plan: Plan) -> Plan:
    """Return the plan with the effect of the fault rule that applies to the creation."""
    rule = world.fault_rule
    if rule is None or rule.job is None or rule.job == "evicted":  # the last one depends on where the job runs
        return plan
    if rule.job == "nan":
        return simulation.with_broken_loss(plan, step=rule.step, value=rule.loss, quoted=rule.quoted)
    return simulation.with_fault(plan, rule.job, seconds=rule.seconds, reason=rule.reason)


async def inspect(
    world: World, blob_path: BlobPath, task: str, model: Model, minimum: int, columns: Columns | None = None
) -> Json:
    """Return what a file holds, and why it cannot be trained on; `columns` are those of its texts if they are named."""
    blob = world.blobs.get(blob_path.container, sqlite_safe(blob_path.path))
    if blob is None:
        return {"etag": "", "problem": f"Unable to read the data: the specified blob {blob_path.path} does not exist."}
    limit = min(MAX_SEQUENCE_LENGTH, model.context)
    key = f"{blob.etag}:{task}:{limit}:{model.name}:{minimum}:{blob.name.rsplit('.', 1)[-1]}:{columns or ''}"
    cached = world.store.get("dataset", "", key)
    if cached is not None:
        return cached
    read = await asyncio.to_thread(
        dataset_rows.read,
        world.blobs.read(blob),
        name=blob_path.path,
        task=task,
        limit=limit,
        minimum=minimum,
        template=model.template,
        columns=columns,
    )
    found = {**_summary(read), "etag": blob.etag}
    with world.store.transaction():
        world.store.put("dataset", "", key, found)
        pairs = [[example.prompt, example.answer] for example in read.examples]
        world.store.put("examples", "", blob.etag, {"examples": pairs})
    return found


def _summary(read: Dataset) -> Json:
    return {name: value for name, value in asdict(read).items() if name != "examples"}


def count(summary: Json | None, name: str) -> int:
    """Return a number of a file's summary; 0 without one."""
    return int(number((summary or {}).get(name)) or 0)
