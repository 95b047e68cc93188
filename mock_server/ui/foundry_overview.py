"""What the page shows of Foundry's jobs and files, in the form of those of Azure ML."""

import math
from itertools import islice

from mock_server.core.json_values import Json, child, iso, text
from mock_server.resources import foundry_deployments, foundry_files, foundry_jobs, foundry_results
from mock_server.resources.foundry_deployments import Deployment
from mock_server.resources.foundry_jobs import Job
from mock_server.resources.foundry_models_made import model_name
from mock_server.state.world import World
from mock_server.training import foundry_course, foundry_events, foundry_measures

GUID = "foundry"
"""What a job of Foundry has in the place of its workspace's id."""
WORKSPACE = "Foundry"


def jobs(world: World, most: int) -> dict[str, Json]:
    """Return the newest jobs by key."""
    return {f"{GUID}/{job.id}": _job(job) for job in islice(foundry_jobs.all_jobs(world, world.now("")), most)}


def files(world: World, most: int) -> dict[str, Json]:
    """Return the newest files by key."""
    found = islice(foundry_files.all_files(world, world.now("")), most)
    return {
        f"{GUID}/{file.id}": {
            "name": file.name,
            "workspace": WORKSPACE,
            "uri": file.id,
            "description": f"{text(file.document, 'purpose')}, {file.status}",
            "bytes": file.size or None,
            "created": file.created,
        }
        for file in found
    }


def deployments(world: World, most: int) -> dict[str, Json]:
    """Return the newest deployments by key, in the words for an endpoint of Azure ML."""
    found = islice(foundry_deployments.list_all(world, world.now("")), most)
    return {f"{GUID}/{one.name}": _deployment(one) for one in found}


def _deployment(deployment: Deployment) -> Json:
    is_ready = deployment.state == "Succeeded"
    return {
        "workspace": WORKSPACE,
        "state": {"Succeeded": "Online", "Failed": "CreationFailed"}.get(deployment.state, deployment.state),
        "model": text(deployment.model, "name"),
        "created": deployment.document.get("created"),
        "failure": deployment.failure,
        "unready_status": deployment.refusal_status if is_ready and deployment.refusal is not None else None,
        "chat": "/openai/v1/chat/completions",
        "deployment": deployment.name,
        "sku": f"{text(deployment.sku, 'name')} {deployment.capacity}",
        "expires": deployment.expires if math.isfinite(deployment.expires) else None,
        "for_a_day": deployment.is_for_a_day,
    }


def curve(job: Job) -> tuple[int, dict[str, list[list[float]]]]:
    """Return the number of steps of a job, and its losses so far as pairs of step and value."""
    done = 0 if job.elapsed is None else foundry_course.steps_done(job.course, job.elapsed)
    shown = [step for step in foundry_measures.shown_steps(job.course.plan) if step <= done]
    measured = [(step, foundry_measures.measures(job.course, step)) for step in shown]
    names = {"loss": ("train_loss", "train_mean_reward"), "eval_loss": ("valid_loss", "full_valid_mean_reward")}
    return job.course.plan.steps, {
        name: [
            [step, values[column]]
            for step, values in measured
            for column in columns
            if column in values and math.isfinite(values[column])
        ]
        for name, columns in names.items()
    }


def log_lines(job: Job) -> list[str]:
    """Return a job's events as the lines of a log."""
    if job.elapsed is None or job.begun is None:
        return []
    results, begun = foundry_results.file_id(job.id), job.begun
    validation = "validation_file" in child(job.document, "shown")
    events = foundry_events.events(job.course, job.elapsed, results, validation=validation)
    return [f"{iso(begun + event.seconds)} {event.message}" for event in events]


def _job(job: Job) -> Json:
    shown, plan, elapsed = child(job.document, "shown"), job.course.plan, job.elapsed
    metadata = child(shown, "metadata")
    title = next((text(metadata, key) for key in metadata if key.endswith("name")), "")
    made = model_name(job.id, text(shown, "model"), text(shown, "suffix"))
    return {
        "name": job.id,
        "title": title or job.id,
        "workspace": WORKSPACE,
        "guid": GUID,
        "status": job.status,
        "created": job.created,
        "ended": job.finished,
        "model": text(shown, "model"),
        "data": text(shown, "training_file"),
        "hyperparameters": child(shown, "hyperparameters"),
        "step": 0 if elapsed is None else foundry_course.steps_done(job.course, elapsed),
        "steps": plan.steps,
        "rows": plan.rows,
        "failure": plan.failure if job.status == "failed" else None,
        "output": made if job.status == "succeeded" else None,
    }
