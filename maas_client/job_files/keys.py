"""The keys of a job file: what each takes, and what it is for. The published schema is made of this table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "path", "number", "switch", "texts", "labels", "hyperparameters", "hyperparameter", "sweep"]

TIERS = ("Spot", "Basic", "Standard", "Premium")


@dataclass(frozen=True, slots=True)
class Key:
    """What a key takes and what it is for; `choices` are the only values there are."""

    kind: Kind
    about: str
    choices: Sequence[str] = ()


KEYS: Mapping[str, Key] = {
    "model": Key("text", "The base model's name, or its azureml:// id."),
    "training_data": Key("path", "A JSONL file, relative to this one; NAME:VERSION of a data asset; or an id."),
    "validation_data": Key("path", "The same for validation; 20 % of the rows without it."),
    "name": Key("text", "The job's name; invented without it. One name makes one job, however often it is asked for."),
    "task": Key("text", "What is trained; chat without it.", ("chat", "text")),
    "hyperparameters": Key("hyperparameters", "What to train with; the service chooses the rest."),
    "epochs": Key("hyperparameter", "How often every row is seen: num_train_epochs."),
    "learning_rate": Key("hyperparameter", "The learning rate."),
    "batch_size": Key("hyperparameter", "Rows per device and step: per_device_train_batch_size."),
    "tags": Key("labels", "Searchable labels."),
    "properties": Key("labels", "More labels, which cannot be changed later."),
    "output_name": Key("text", "The tuned model's name, by default the job's with -model."),
    "experiment": Key("text", "The experiment that Studio lists the job under."),
    "display_name": Key("text", "What Studio shows, by default the name."),
    "compute": Key("text", "Your own compute cluster, by name or id, in place of serverless."),
    "instance_types": Key("texts", "VM sizes to train on, in place of a cluster."),
    "job_tier": Key("text", "The queue's tier.", TIERS),
    "allow_retired": Key("switch", "Go on with a model whose fine-tuning has ended."),
    "wait": Key("switch", "Follow the job to its end."),
    "prices": Key("path", "A file of your prices, TOML or JSON, relative to this one."),
    "max_cost": Key("number", "Create nothing that may cost more, all jobs of a sweep together; needs prices."),
    "endpoint_name": Key("text", "For `maas run`: the endpoint's name, made of the job's without it."),
    "prompt": Key("text", "For `maas run`: what the endpoint is asked; the data's first question without it."),
    "sweep": Key("sweep", "Make a job of each combination of the hyperparameters that are lists."),
}

SHORT: Mapping[str, str] = {
    "epochs": "num_train_epochs",
    "learning_rate": "learning_rate",
    "batch_size": "per_device_train_batch_size",
}
"""The hyperparameters that have a key, and an option, of their own."""

SWEEP_KEYS: Mapping[str, Key] = {"parallel": Key("number", "Jobs that have not ended, at most; 2 without it.")}
"""What `sweep` takes, besides true."""
