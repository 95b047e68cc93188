"""Writing the settings of a job under a platform's names, and the translation of each at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .export_job import ExportJob
from .translation import Translation, changed, default, given_keys, left_out, same

SETTING_KEYS: Mapping[str, tuple[str, ...]] = {
    "method": ("apply_lora",),
    "rank": ("lora_r",),
    "alpha": ("lora_alpha",),
    "dropout": ("lora_dropout",),
    "epochs": ("num_train_epochs", "n_epochs"),
    "max_steps": ("max_steps",),
    "batch_size": ("per_device_train_batch_size", "batch_size"),
    "accumulation": ("gradient_accumulation_steps",),
    "eval_batch_size": ("per_device_eval_batch_size",),
    "learning_rate": ("learning_rate", "learning_rate_multiplier"),
    "sequence_length": ("max_seq_length",),
    "optimizer": ("optim",),
    "warmup_steps": ("warmup_steps",),
    "weight_decay": ("weight_decay",),
    "schedule": ("lr_scheduler_type",),
    "precision": ("precision",),
    "seed": ("seed",),
    "evaluation": ("evaluation_strategy",),
    "logging": ("logging_strategy",),
    "logging_steps": ("logging_steps",),
    "deepspeed": ("apply_deepspeed",),
    "deepspeed_stage": ("deepspeed_stage",),
    "auto_find_batch_size": ("auto_find_batch_size",),
    "resume": ("resume_from_checkpoint",),
}
"""The hyperparameters that say a setting."""

_FACTOR, _SHARE = "of the service's own learning rate", "-1 is 0.2 % of the rows"


class KeyWriter:
    """Collects a platform's keys in `document`, and in `translations` what became of the job's."""

    def __init__(self, job: ExportJob) -> None:
        self.document: dict[str, Any] = {}
        self.translations: list[Translation] = []
        self._chosen = job.chosen
        self._given = given_keys(job.file)

    def put(self, target_key: str, value: Any) -> None:
        """Write a key that no key of a job is about."""
        self.document[target_key] = value

    def setting(self, name: str, target_key: str, value: Any = None, *, remark: str = "", write: bool = True) -> None:
        """Write a setting under the platform's name, unless it is not to be in the document.

        `value` is the platform's where it is another one than the job's; `remark` says why.
        """
        ours = getattr(self._chosen, name, None)
        written = ours if value is None else value
        if write and written is not None:
            self.document[target_key] = written
        found = self._said(name)
        if not found:
            if write and written is not None:
                self.translations.append(default(target_key, written, remark))
            return
        for key, said in found.items():
            if written is None:
                self.translations.append(left_out(key, said, remark or "no limit is the default"))
            elif said == written and key.rpartition(".")[2] != "learning_rate_multiplier":
                self.translations.append(same(key, said, target_key, written))
            else:
                self.translations.append(changed(key, said, target_key, written, remark or _why(key, said)))

    def leave_out(self, name: str, remark: str) -> None:
        """Say that a setting has no counterpart, if the job has it."""
        self.translations += [left_out(key, said, remark) for key, said in self._said(name).items()]

    def key(self, name: str, target_key: str, value: Any, *, remark: str = "") -> None:
        """Say what became of a key of the job file that is no hyperparameter, if the job has it."""
        if name in self._given:
            said = self._given[name]
            self.translations.append(changed(name, said, target_key, value, remark))

    def _said(self, name: str) -> Mapping[str, Any]:
        """Return the keys of the job that say a setting, with their values."""
        keys = [f"{table}.{each}" for each in SETTING_KEYS[name] for table in ("hyperparameters", "inputs")]
        return {key: self._given[key] for key in [*keys, *(["seed"] if name == "seed" else [])] if key in self._given}


def _why(key: str, said: Any) -> str:
    if key == "seed":
        return "hyperparameters.seed, which counts first"
    if key.endswith("learning_rate_multiplier"):
        return _FACTOR
    return _SHARE if key.endswith("batch_size") and said == -1 else ""
