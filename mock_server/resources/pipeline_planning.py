"""Planning a pipeline at its creation: what each of its steps will do, from the data and the literals it was given."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mock_server.core.json_values import Json, dump, number, text
from mock_server.core.scope import NAMESPACE, Scope
from mock_server.resources import (
    cluster_jobs,
    component_values,
    components,
    data_inspection,
    pipeline_machines,
    references,
    training_memory,
)
from mock_server.resources.components import PipelineStep
from mock_server.resources.data_inspection import count
from mock_server.resources.pipeline_submission import Node
from mock_server.state.world import World
from mock_server.training import base_models, dataset_rows, pipeline_course, simulation
from mock_server.training.base_models import Model
from mock_server.training.pipeline_course import LEAD, SERVERLESS, TAIL, Course, Step
from mock_server.training.simulation import Plan

MOST_FILES = 1_000  # of the folder of an MLTable


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a node's model and data, and what ends another step for it.

    The seconds of the training's plan are the share of the whole training that is left to do.
    """

    training: Plan
    result: Json
    no_model: str | None
    no_data: str | None


async def plan_job(world: World, scope: Scope, name: str, nodes: Iterable[Node], now: float) -> tuple[Course, Json]:
    """Read the data and return the pipeline's course, and what its outputs will need to know, by output."""
    total = world.options.job_seconds
    begin, steps, results = total * LEAD, list[Step](), dict[str, Json]()
    for node in nodes:
        found = await _find_out(world, scope, node)
        results |= {output: {"port": port, **found.result} for port, output in node.outputs.items()}
        for key in node.component.steps:
            if steps and steps[-1].plan.failure:
                break
            plan = _step_plan(world, node, key, found)
            run = str(uuid.uuid5(NAMESPACE, f"{scope.guid}/{name}/{now}/{node.name}/{key}"))
            step = _step(node, key, run, begin, plan)
            if step.is_training:
                billions = base_models.billions(text(found.result, "base"))
                needed = training_memory.gib_for_each_gpu(billions, node.literals, step.gpus * step.nodes)
                step = replace(step, gpu_memory=needed)
            rule = world.fault_rule
            if rule is not None and rule.job == "evicted" and _is_faulty(world, key, is_training=step.is_training):
                step = replace(step, plan=pipeline_machines.evicted(world, scope.guid, step, now))
            steps.append(step)
            begin = step.end
    course = Course(tuple(steps), total * LEAD, total * TAIL, total)
    return pipeline_machines.with_machines(world, scope, course, now), results


def target_of(node: Node, used: PipelineStep) -> str:
    """Return where a step runs: the name of a cluster, or serverless."""
    given = node.literals.get(f"compute_{used.where}", SERVERLESS)
    return given.removeprefix("azureml:").rstrip("/").rpartition("/")[2] or SERVERLESS


def _step(node: Node, key: str, run: str, begin: float, plan: Plan) -> Step:
    used = node.component.steps[key]
    component = components.COMPONENTS[used.component]
    nodes = int(number(node.literals.get("num_nodes_finetune")) or 1) if used.is_training else 1
    return Step(
        name=key,
        node=node.name,
        run=run,
        component=component.id,
        title=component.title,
        target=target_of(node, used),
        instance_type=node.literals.get(f"instance_type_{used.where}", ""),
        nodes=max(1, nodes),
        begin=begin,
        plan=plan,
        is_training=used.is_training,
        gpus=max(1, int(number(node.literals.get("number_of_gpu_to_use_finetuning")) or 1)),
    )


def _step_plan(world: World, node: Node, key: str, found: Findings) -> Plan:
    used, steps = node.component.steps[key], node.component.steps
    seconds = pipeline_course.step_seconds(world.options.job_seconds, len(steps), is_training=used.is_training)
    if used.is_training:
        plan = replace(found.training, seconds=seconds * found.training.seconds)
    else:
        plan = Plan(key, seconds, 0, 0)
    wrong = component_values.problem(components.COMPONENTS[used.component].inputs, node.literals)
    if key.endswith("_model_import"):
        wrong = wrong or found.no_model
    if key.endswith("_datapreprocess"):
        wrong = wrong or found.no_data
    plan = replace(plan, failure=wrong or plan.failure)
    return data_inspection.with_fault(world, plan) if _is_faulty(world, key, is_training=used.is_training) else plan


def _is_faulty(world: World, key: str, *, is_training: bool) -> bool:
    """Return whether the fault rule of the creation is for this step: the one it names, else the one that trains."""
    rule = world.fault_rule
    return rule is not None and (key == rule.child if rule.child is not None else is_training)


async def _find_out(world: World, scope: Scope, node: Node) -> Findings:
    model, no_model = _model(world, scope, node)
    base = model or base_models.MODELS[0]
    task = "TextCompletion" if "text_key" in node.component.inputs else "ChatCompletion"
    train, no_data = await _read(world, scope, node, "train", task, base)
    validation, no_validation = await _read(world, scope, node, "validation", task, base)
    rows, held_out = _split(count(train, "rows"), node, count(validation, "rows"))
    seed = f"{world.options.seed}:{base.name}:{text(train, 'etag')}:{dump(dict(node.literals))}"
    draft = Plan(seed=seed, seconds=1.0, rows=rows, tokens=count(train, "tokens"), validation_rows=held_out)
    skipped = dataset_rows.skipped_rows_warning(count(train, "skipped") + count(validation, "skipped"))
    result = {"base": base.name, "examples": text(train, "etag"), "warning": skipped}
    plan = cluster_jobs.with_checkpoint(world, scope.guid, _with_literals(draft, node), dict(node.literals), result)
    return Findings(plan, result, no_model, no_data or no_validation)


def _model(world: World, scope: Scope, node: Node) -> tuple[Model | None, str | None]:
    given = [source for source in component_values.MODEL_SOURCES if source in node.files or source in node.literals]
    if len(given) != 1:
        named = ", ".join(given) or "none of them"
        return None, f"Exactly one of {', '.join(component_values.MODEL_SOURCES)} must be given; got {named}."
    if given[0] == "huggingface_id":
        name = node.literals["huggingface_id"]
        found = base_models.find(name.rpartition("/")[2])
        return found, None if found else f"OSError: {name[:200]} is not a valid model identifier on Hugging Face."
    reference = references.parse_model(scope, node.files[given[0]])
    return (references.find_base_model(world, reference) if reference else None), None


async def _read(world: World, scope: Scope, node: Node, part: str, task: str, model: Model) -> tuple[Json, str | None]:
    """Read one part of the data; returns its summary, and why the preprocessing ends."""
    uri = node.files.get(f"{part}_file_path") or node.files.get(f"{part}_mltable_path")
    required = part == "train"
    if uri is None:
        missing = f"{part}_file_path or {part}_mltable_path must be given." if required else None
        return {}, missing
    found = references.resolve_data(world, scope, uri)
    if isinstance(found, references.Unresolved):
        return {}, found.message
    path = _table(world, found) if f"{part}_mltable_path" in node.files else found
    keys = node.literals.get("text_key"), node.literals.get("ground_truth_key")
    columns = (keys[0], keys[1]) if keys[0] is not None and keys[1] is not None else None
    minimum = dataset_rows.MINIMUM if required else 0
    summary = await data_inspection.inspect(world, path, task, model, minimum, columns)
    return summary, text(summary, "problem") or None


def _table(world: World, folder: references.BlobPath) -> references.BlobPath:
    """Return the data file in the folder of an MLTable."""
    prefix = folder.path.rstrip("/") + "/"
    names = (blob.name for blob in world.blobs.list(folder.container, prefix, "", MOST_FILES))
    return replace(folder, path=next((name for name in names if name.endswith(".jsonl")), prefix + "MLTable"))


def _split(rows: int, node: Node, validation: int) -> tuple[int, int]:
    """Return the rows trained on and those set apart: a fifth of the file if there is no other data for them."""
    given = {part for part in ("validation", "test") if any(name.startswith(part) for name in node.files)}
    if len(given) == 2:
        return rows, validation
    trained_on = max(1, rows - rows // 5)
    held_out = validation if "validation" in given else rows // (10 if not given else 5)
    return trained_on, max(1, held_out)


def _with_literals(draft: Plan, node: Node) -> Plan:
    plan = simulation.with_hyperparameters(draft, dict(node.literals))
    gpus = number(node.literals.get("number_of_gpu_to_use_finetuning")) or 1
    nodes = number(node.literals.get("num_nodes_finetune")) or 1
    plan = replace(plan, batch_size=max(1, int(plan.batch_size * gpus * nodes)), failure=draft.failure)
    if node.literals.get("evaluation_strategy") == "disable":
        plan = replace(plan, validation_rows=0)
    most = number(node.literals.get("max_steps")) or -1
    return replace(plan, epochs=most * plan.batch_size / max(1, plan.rows)) if most > 0 else plan
