"""A Foundry job's course, from its submission and its data, which is read once and cached by the file's ETag."""

import asyncio
import random
from dataclasses import asdict, replace

from mock_server.core.json_values import Json, dump, number, text
from mock_server.faults.rule import Rule
from mock_server.resources import foundry_files
from mock_server.resources.foundry_files import File
from mock_server.resources.foundry_submission import MAX_SEED, Submission
from mock_server.state.world import World
from mock_server.training import foundry_rows, simulation
from mock_server.training.foundry_course import Course, course_to_json
from mock_server.training.simulation import Plan

ROUTER = "model-router"
AUTO_EPOCHS = 3
BASE_RATE = 3e-4
"""The learning rate that a multiplier of 1 stands for."""
SHOWN_AS_AUTO = ("gpt-4.1-nano", "Ministral", "gpt-oss", "Qwen", "Llama")
"""Models whose jobs show -1 for a hyperparameter that the service chooses; others show the chosen number."""
UNSAFE_FAULTS = {"unsafe_data": "data", "unsafe_model": "model"}
UNSAFE_DATA = (
    "The provided training data failed RAI checks for harm types: [hate_fairness, self_harm, violence]. Please fix the "
    "data and try again."
)
UNSAFE_MODEL = (
    "This model is unable to be deployed. Model evaluation identified that this fine tuned model scores above "
    "acceptable thresholds for [Violence, Self Harm]. Please review your training data set and resubmit the job."
)
SERVICE_FAILURE = "The job failed due to an internal error. Please retry; contact support if this continues."


async def plan_document(world: World, submission: Submission) -> Json:
    """Return the document of a new job: what is shown of it, and what its course depends on."""
    training = await _inspect(world, submission, submission.training, foundry_rows.MINIMUM)
    validation = None if submission.validation is None else await _inspect(world, submission, submission.validation, 1)
    hyperparameters = _chosen(submission, int(number(training.get("rows")) or 0))
    course = _course(world, submission, training, validation, hyperparameters)
    seed = random.randrange(MAX_SEED) if submission.seed is None else submission.seed  # noqa: S311 - not for secrets
    return {
        "created": world.now(""),
        "base": submission.model.id,
        "examples": text(training, "examples"),
        "course": course_to_json(course),
        "shown": _shown(submission, hyperparameters, seed),
    }


def _course(world: World, submission: Submission, training: Json, validation: Json | None, chosen: Json) -> Course:
    problem = text(training, "problem") or text(validation or {}, "problem")
    unsafe = UNSAFE_FAULTS.get(world.fault_rule.job or "", "") if world.fault_rule else ""
    unsafe = unsafe or text(training, "unsafe")
    stage, code, failure = "", "", ""
    if problem:
        stage, code, failure = "data", "jsonlValidationFailed", problem
    elif unsafe:
        stage, code, failure = _unsafe(unsafe)
    rows = int(number(training.get("rows")) or 0)
    plan = Plan(
        seed=f"{world.options.seed}:{submission.name}:{training['examples']}:{dump(chosen)}",
        seconds=world.options.job_seconds,
        rows=max(1, rows),
        tokens=int(number(training.get("tokens")) or 0),
        validation_rows=int(number((validation or {}).get("rows")) or 0),
        epochs=chosen["n_epochs"],
        batch_size=chosen["batch_size"],
        learning_rate=BASE_RATE * chosen["learning_rate_multiplier"],
        failure=failure or None,
    )
    course = Course(plan=plan, method=submission.method, stage=stage, code=code)
    return course if world.fault_rule is None else _with_fault(course, world.fault_rule)


def _unsafe(kind: str) -> tuple[str, str, str]:
    if kind == "data":
        return "data", "contentFilter", UNSAFE_DATA
    return "model", "contentFilter", UNSAFE_MODEL


def _with_fault(course: Course, rule: Rule) -> Course:
    """Return the course with the effect of the fault rule that applies to the creation."""
    if rule.job == "passed_through":
        return replace(course, passed_through=True)
    if rule.job == "bom":
        return replace(course, bom=True)
    if rule.job is None or rule.job in UNSAFE_FAULTS or rule.job == "quota":
        return course
    if rule.job == "nan":
        plan = simulation.with_broken_loss(course.plan, step=rule.step, value=rule.loss, quoted=rule.quoted)
        return replace(course, plan=plan)
    plan = simulation.with_fault(course.plan, rule.job, seconds=rule.seconds, reason=rule.reason or SERVICE_FAILURE)
    if plan.failure and not course.plan.failure:
        return replace(course, plan=plan, stage="service", code="internalFailure")
    return replace(course, plan=plan)


async def _inspect(world: World, submission: Submission, file: File, minimum: int) -> Json:
    """Return the summary of a file's rows."""
    blob = foundry_files.blob(world, file)
    if blob is None:
        return {"problem": "Validation of jsonl file failed: the file has no content.", "examples": ""}
    method = foundry_rows.ROUTING if submission.model.id == ROUTER else submission.method
    examples = f"{blob.etag}:{method}"
    key = f"foundry:{examples}:{submission.model.vision}:{minimum}"
    cached = world.store.get("dataset", "", key)
    if cached is not None:
        return cached
    read = await asyncio.to_thread(
        foundry_rows.read,
        world.blobs.read(blob),
        method=method,
        vision=submission.model.vision,
        minimum=minimum,
    )
    found = {name: value for name, value in asdict(read).items() if name != "examples"} | {"examples": examples}
    with world.store.transaction():
        world.store.put("dataset", "", key, found)
        pairs = [[example.prompt, example.answer] for example in read.examples]
        world.store.put("examples", "", examples, {"examples": pairs})
    return found


def _chosen(submission: Submission, rows: int) -> Json:
    """Return the hyperparameters that the training uses: those given, and the service's choice for the others."""
    rate = 0.1 if "nano" in submission.model.id else 1.0
    automatic = {"n_epochs": AUTO_EPOCHS, "batch_size": max(1, rows // 500), "learning_rate_multiplier": rate}
    given = {name: number(value) for name, value in submission.hyperparameters.items() if value not in ("auto", -1)}
    chosen = {name: given.get(name) or value for name, value in automatic.items()}
    return {name: value if name == "learning_rate_multiplier" else int(value) for name, value in chosen.items()}


def _shown(submission: Submission, chosen: Json, seed: int) -> Json:
    """Return the members of the job object that never change; keys without a value are absent."""
    as_auto = submission.model.id.startswith(SHOWN_AS_AUTO)
    auto = {
        name: -1 if as_auto and submission.hyperparameters.get(name, "auto") in ("auto", -1) else value
        for name, value in chosen.items()
    }
    extra = {name: value for name, value in submission.hyperparameters.items() if name not in chosen}
    if submission.method == "dpo":
        extra.setdefault("beta", 0.1)
    if submission.method == "reinforcement":
        extra.setdefault("reasoning_effort", "default")
    hyperparameters = {**auto, **{name: -1 if value == "auto" else value for name, value in extra.items()}}
    method = {
        "type": submission.method,
        submission.method: {**submission.settings, "hyperparameters": hyperparameters},
    }
    optional = {
        "validation_file": submission.validation.id if submission.validation else None,
        "method": method if submission.has_method else None,
        "suffix": submission.suffix or None,
        "trainingType": submission.tier,
        "metadata": submission.metadata,
        "integrations": submission.integrations,
    }
    return {
        "hyperparameters": hyperparameters,
        "model": submission.name,
        "seed": seed,
        "training_file": submission.training.id,
        **{name: value for name, value in optional.items() if value is not None},
    }
