"""One step of a verification: what it does, what it costs, and which operations of the contract it sends."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.operation import Level, Surface

SURFACES = (Surface.AZURE_ML, Surface.OWN_COMPUTE, Surface.FOUNDRY)
"""What steps belong to: a workspace has the first two, and a Foundry account the third."""

LEVELS = tuple(Level)
"""The levels in the order of what they cost; each includes those before it."""

FREE = "free"
STORAGE = "the storage of 20 rows, a few kB"
TOKENS = "the tokens of 20 rows, at the model's price for training"
HOSTING = "hosting by the hour from its creation to its deletion, and the tokens of the chats"
MACHINE = "a machine by the hour while it runs"

MODEL_AND_DATA = (
    "workspaces.get registry.discovery registry.list_versions registry.get_model datastores.get "
    "datastores.list_secrets blob.head blob.put data.get data.create data.get_container"
)
"""What the client sends for a base model and a file before it creates a job."""

PIPELINE = (
    f"{MODEL_AND_DATA} registry.list_component_versions registry.get_component vm_sizes.list usages.list "
    "jobs.get jobs.create"
)
"""What it sends to create a pipeline job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a verification.

    Args:
        name: unique in the table.
        surface: `azureml`, `own-compute` or `foundry`.
        level: the first level that has the step.
        operations: the operations of the contract that it may send.
        says: what it does, in one sentence.
        price: what it costs, in words.
        after: steps without whose results it cannot be done.
        expected: seconds within which it is expected to end; a step that takes longer is reported.
    """

    name: str
    surface: Surface
    level: Level
    operations: tuple[str, ...]
    says: str
    price: str = FREE
    after: tuple[str, ...] = ()
    expected: float = 60.0
