"""Hyperparameters: typed, checked, and translated from either vocabulary to the strings that the service takes.

The service keeps whatever string map it is sent and ignores the names it does not know, so a misspelled name costs a
whole run. Names and ranges are those of the registry's chat-completion pipeline components
(Azure/azureml-assets, `oss_chat_completion_pipeline` 0.0.29 and `chat_completion_pipeline` 0.0.82).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ..core.arguments import check_mapping
from ..core.errors import InvalidHyperparameter
from .hyperparameter_set import HyperparameterSet

Count = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]

# Assumption: Serverless fine-tuning runs `oss_chat_completion_pipeline`, and takes only the four hyperparameters that
#   this component has as inputs.
# Shown wrong by: A run whose properties or log name another component, or more of its inputs.
# Verified by: job results
# If wrong: A hyperparameter that would have an effect is refused before anything is sent.
SERVERLESS = frozenset({"num_train_epochs", "per_device_train_batch_size", "learning_rate", "max_seq_length"})
"""What the serverless pipeline accepts; it silently ignores every other name."""

SERVERLESS_LEARNING_RATE = 3e-4
"""The serverless pipeline's own learning rate (`oss_chat_completion_pipeline` 0.0.29)."""

OWN_COMPUTE_LEARNING_RATE = 2e-5
"""The learning rate of the pipeline for one's own compute (`chat_completion_pipeline` 0.0.82)."""


def _minus_one_or_more(value: int) -> int:
    if value == -1 or value >= 1:
        return value
    raise ValueError("should be at least 1, or -1 for the service's choice")


_MULTIPLIERS = {
    "n_epochs": "num_train_epochs",
    "batch_size": "per_device_train_batch_size",
    "learning_rate_multiplier": "learning_rate",
}
"""The portal's names and the pipeline's."""


class Hyperparameters(HyperparameterSet):
    """Hyperparameters; the service chooses those that are omitted.

    Two vocabularies are accepted and never mixed. The pipeline's: `num_train_epochs`, `per_device_train_batch_size`,
    `learning_rate`, `max_seq_length` (tokens) and, on your own compute, those after them. The portal's: `n_epochs`,
    `batch_size` (examples, -1 for the service's choice) and `learning_rate_multiplier`, a factor on the pipeline's own
    learning rate. Raises InvalidHyperparameter for an unknown name, a value out of range, or a mix.
    """

    num_train_epochs: Count | None = None
    per_device_train_batch_size: Count | None = None
    learning_rate: Rate | None = None
    max_seq_length: Annotated[int, AfterValidator(_minus_one_or_more)] | None = None

    n_epochs: Count | None = None
    batch_size: Annotated[int, Field(le=256), AfterValidator(_minus_one_or_more)] | None = None
    learning_rate_multiplier: Annotated[float, Field(gt=0, le=5, allow_inf_nan=False)] | None = None

    apply_lora: bool | None = None
    lora_r: Count | None = None
    lora_alpha: Count | None = None
    lora_dropout: Annotated[float, Field(ge=0, lt=1)] | None = None
    apply_deepspeed: bool | None = None
    deepspeed_stage: Annotated[int, Field(ge=2, le=3)] | None = None
    max_steps: Annotated[int, Field(ge=-1)] | None = None
    per_device_eval_batch_size: Count | None = None
    auto_find_batch_size: bool | None = None
    gradient_accumulation_steps: Count | None = None
    optim: Literal["adamw_torch", "adafactor"] | None = None
    warmup_steps: Annotated[int, Field(ge=0)] | None = None
    weight_decay: Annotated[float, Field(ge=0, le=1)] | None = None
    lr_scheduler_type: (
        Literal["linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup"] | None
    ) = None
    precision: Annotated[int, Field(ge=16, le=32, multiple_of=16)] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    resume_from_checkpoint: bool | None = None
    evaluation_strategy: Literal["epoch", "steps", "disable"] | None = None
    logging_strategy: Literal["epoch", "steps"] | None = None
    logging_steps: Count | None = None

    # Type checkers read the signature from the fields.
    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            super().__init__(**values)
            _refuse_a_mix(self.model_dump(exclude_none=True))

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Hyperparameters:
        """Read hyperparameters from a mapping, whose values may be strings as on a command line."""
        check_mapping("hyperparameters", values)
        return cls(**values)

    @classmethod
    def of(cls, chosen: HyperparameterSet | Mapping[str, Any] | None) -> Hyperparameters:
        """Return what a job was given as Azure ML's hyperparameters; those of Foundry are translated or refused."""
        if isinstance(chosen, cls):
            return chosen
        return cls.parse(chosen.to_dict() if isinstance(chosen, HyperparameterSet) else chosen or {})

    def to_wire(self, *, serverless: bool = True) -> dict[str, str]:
        """Return the string map that the service takes, in the pipeline's vocabulary.

        Raises InvalidHyperparameter for a name that the serverless pipeline would ignore.
        """
        values: dict[str, Any] = self.model_dump(exclude_none=True)
        if values.get("batch_size") == -1:
            del values["batch_size"]
        if (factor := values.pop("learning_rate_multiplier", None)) is not None:
            own = SERVERLESS_LEARNING_RATE if serverless else OWN_COMPUTE_LEARNING_RATE
            values["learning_rate"] = float(f"{factor * own:.9g}")
        sent = {_MULTIPLIERS.get(name, name): _written(value) for name, value in values.items()}
        if serverless and (ignored := sorted(sent.keys() - SERVERLESS)):
            raise InvalidHyperparameter(
                f"serverless fine-tuning would ignore {', '.join(ignored)}; it takes {', '.join(sorted(SERVERLESS))}. "
                "On your own compute (compute= or instance_types=) all of them apply"
            )
        return sent


def _written(value: object) -> str:
    """Write a value the way the pipeline reads it: `true`, and no exponent in a small number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def _refuse_a_mix(values: Mapping[str, object]) -> None:
    portal = [name for name in values if name in _MULTIPLIERS]
    pipeline = [name for name in values if name in _MULTIPLIERS.values()]
    if portal and pipeline:
        raise InvalidHyperparameter(
            f"{', '.join(portal)} and {', '.join(pipeline)} are of two vocabularies; use one of them: "
            + ", ".join(f"{theirs} = {ours}" for theirs, ours in _MULTIPLIERS.items())
        )
