"""The models that Foundry's jobs have made, and their checkpoints, as stored when a job ends."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import NAMESPACE
from mock_server.state.world import World
from mock_server.training.foundry_measures import Checkpoint

KIND = "foundry-model"


@dataclass(frozen=True, slots=True)
class TunedModel:
    """A model that a job has made, or one of its checkpoints."""

    name: str  # `fine_tuned_model` of the job, or `fine_tuned_model_checkpoint`
    base: str  # the catalogue's id of the model that was tuned
    job: str
    created: float
    examples: str  # the key of its examples in the store: documents of the kind `examples`
    checkpoint: str = ""  # the checkpoint's id, `ftchkpt-…`; empty for the job's model


def model_name(job_id: str, base: str, suffix: str) -> str:
    """Return the name of the model that a job makes."""
    ending = f"-{suffix}" if suffix else ""
    return f"{base.partition('.ft-')[0]}.ft-{job_id.partition('-')[2]}{ending}"


def register(world: World, job_id: str, document: Json, created: float) -> None:
    """Store the model of a job that has succeeded."""
    shown = child(document, "shown")
    name = model_name(job_id, text(shown, "model"), text(shown, "suffix"))
    body = {
        "base": text(document, "base"),
        "job": job_id,
        "created": created,
        "examples": text(document, "examples"),
    }
    world.store.put(KIND, "", name, body)


def register_checkpoint(world: World, job_id: str, document: Json, checkpoint: Checkpoint, begun: float) -> None:
    """Store a checkpoint of a job, to be found by its id and by its name."""
    shown = child(document, "shown")
    name = model_name(job_id, text(shown, "model"), text(shown, "suffix"))
    checkpoint_id = id_of_checkpoint(job_id, checkpoint.step)
    body: Json = {
        "name": name if checkpoint.is_last else f"{name}:ckpt-step-{checkpoint.step}",
        "base": text(document, "base"),
        "job": job_id,
        "created": begun + checkpoint.seconds,
        "examples": text(document, "examples"),
        "checkpoint": checkpoint_id,
    }
    world.store.put(KIND, "", checkpoint_id, body)
    if not checkpoint.is_last:
        world.store.put(KIND, "", body["name"], body)


def id_of_checkpoint(job_id: str, step: int) -> str:
    """Return the id of a job's checkpoint after a step."""
    return f"ftchkpt-{uuid.uuid5(NAMESPACE, f'step {step} of {job_id}').hex}"


def find(world: World, name: str) -> TunedModel | None:
    """Return a model by its name or, for a checkpoint, by its id."""
    document = world.store.get(KIND, "", name)
    return None if document is None else _model(name, document)


def all_final(world: World) -> Sequence[TunedModel]:
    """Return the models of jobs, newest first, without checkpoints."""
    found = (_model(name, document) for name, document in world.store.all(KIND, ""))
    return [model for model in found if not model.checkpoint]


def _model(name: str, document: Json) -> TunedModel:
    return TunedModel(
        name=text(document, "name", name),
        base=text(document, "base"),
        job=text(document, "job"),
        created=number(document.get("created")) or 0.0,
        examples=text(document, "examples"),
        checkpoint=text(document, "checkpoint"),
    )
