"""The keys of a job file: type and description. The published schema is generated from this table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..catalog.tuning_methods import METHODS, TIERS as TIERS_OF_TRAINING
from ..core.surfaces import SURFACE_TITLES

Kind = Literal[
    "text",
    "path",
    "number",
    "integer",
    "switch",
    "texts",
    "labels",
    "object",
    "objects",
    "inputs",
    "hyperparameters",
    "hyperparameter",
    "sweep",
]

JOB_KINDS = ("fine_tuning", "pipeline")

ADAPTERS = ("lora", "qlora", "dora", "qdora", "none")

TIERS = ("Spot", "Basic", "Standard", "Premium")


@dataclass(frozen=True, slots=True)
class Key:
    """The type and description of a key; `choices` are its only valid values."""

    kind: Kind
    about: str
    choices: Sequence[str] = ()


KEYS: Mapping[str, Key] = {
    "model": Key("text", "The base model's name, or its azureml:// id."),
    "training_data": Key(
        "path", "A JSONL file, relative to this one; a data asset as NAME:VERSION or NAME@latest; an id; or a URL."
    ),
    "validation_data": Key("path", "The same for validation; by default 20 % of the training rows."),
    "name": Key(
        "text",
        "The job's name, by default made of the model and a digest of what is trained. The same file is one job.",
    ),
    "surface": Key(
        "text",
        "The platform, Azure Machine Learning or Azure AI Foundry; by default the one that trains the model.",
        tuple(SURFACE_TITLES),
    ),
    "task": Key("text", "The training task, by default that of the rows.", ("chat", "text")),
    "hyperparameters": Key("hyperparameters", "Hyperparameters by name; the service chooses the rest."),
    "epochs": Key("hyperparameter", "Number of epochs: num_train_epochs (Foundry: n_epochs)."),
    "learning_rate": Key("hyperparameter", "The learning rate."),
    "batch_size": Key("hyperparameter", "Rows per device and step: per_device_train_batch_size (Foundry: batch_size)."),
    "tags": Key("labels", "Searchable labels."),
    "properties": Key("labels", "More labels, which cannot be changed later."),
    "output_name": Key("text", "The tuned model's name, by default the job's with -model."),
    "experiment": Key("text", "The experiment that Studio lists the job under."),
    "display_name": Key("text", "The name shown in Studio, by default the job's name."),
    "compute": Key("text", "Your own compute cluster, by name or id, instead of serverless compute."),
    "instance_types": Key("texts", "VM sizes to train on, instead of a cluster."),
    "job_tier": Key("text", "The queue's tier.", TIERS),
    "kind": Key(
        "text", "The kind of job, by default fine_tuning; pipeline runs a component on your compute.", JOB_KINDS
    ),
    "component": Key(
        "text", "Pipeline: the component, as NAME, NAME:VERSION or an id; chat_completion_pipeline by default."
    ),
    "inputs": Key("inputs", "Pipeline: any input of the component by its name; files are relative to this one."),
    "test_data": Key("path", "Pipeline: the same as training_data, for a test at the end."),
    "force_rerun": Key("switch", "Pipeline: run every step, also one whose result an earlier job has."),
    "continue_on_step_failure": Key("switch", "Pipeline: run the steps that do not need the one that failed."),
    "allow_retired": Key("switch", "Allow a model whose fine-tuning has been retired."),
    "force": Key("switch", "Create a job on your own compute without a check of whether it fits there."),
    "method": Key("text", "Foundry: how the model is trained, by default on the answers (supervised).", METHODS),
    "adapter": Key(
        "text",
        "For `maas export`: what is trained on hardware of your own, by default lora, or with apply_lora: false none.",
        ADAPTERS,
    ),
    "grader": Key("object", "Foundry: what scores the answers, for reinforcement."),
    "response_format": Key("object", "Foundry: the form of the answers, for reinforcement, such as a JSON schema."),
    "training_tier": Key(
        "text", "Foundry: the training tier, by default one that the model offers.", TIERS_OF_TRAINING
    ),
    "suffix": Key("text", "Foundry: what the tuned model's name ends with."),
    "seed": Key("integer", "Foundry: a number, for a reproducible job."),
    "integrations": Key("objects", "Foundry: such as Weights & Biases, as the service takes them."),
    "allow_unlisted": Key("switch", "Foundry: let the service decide about what the catalogue does not list."),
    "wait": Key("switch", "Wait for the job to finish."),
    "prices": Key("path", "A file of your prices, TOML or JSON, relative to this one."),
    "max_cost": Key("number", "Create nothing that may cost more (all jobs of a sweep together); needs prices."),
    "endpoint_name": Key("text", "For `maas run`: the endpoint's name, by default derived from the job's."),
    "endpoint_instance_type": Key("text", "For `maas run`: serve on machines of this size, by an online endpoint."),
    "endpoint_instance_count": Key("integer", "For `maas run`: how many of these machines, 1 by default."),
    "sku": Key("text", "Foundry, for `maas run`: the deployment's SKU, GlobalStandard by default."),
    "capacity": Key("integer", "Foundry, for `maas run`: thousands of tokens a minute of the deployment."),
    "model_format": Key("text", "Foundry, for `maas run`: the model's format in the account; found out by default."),
    "prompt": Key(
        "text", "For `maas run`: the prompt sent to the endpoint, by default the first question in the data."
    ),
    "sweep": Key("sweep", "Create a job for each combination of the hyperparameters given as lists."),
}

SHORT: Mapping[str, str] = {
    "epochs": "num_train_epochs",
    "learning_rate": "learning_rate",
    "batch_size": "per_device_train_batch_size",
}
"""Hyperparameters with a key and an option of their own."""

SWEEP_KEYS: Mapping[str, Key] = {"parallel": Key("number", "Maximum number of unfinished jobs at once, by default 2.")}
"""The keys of `sweep`, which may also be true."""

FOUNDRY_HYPERPARAMETERS: Mapping[str, str] = {
    "n_epochs": "integer",
    "batch_size": "integer",
    "learning_rate_multiplier": "number",
    "beta": "number",
    "compute_multiplier": "number",
    "eval_interval": "integer",
    "eval_samples": "integer",
    "reasoning_effort": "string",
}
"""Foundry's hyperparameters and their types in a file; each may be `auto`. Whether a value fits is checked later, when
the model and the method are known."""
