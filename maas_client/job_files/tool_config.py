"""What a job takes of a configuration that a tool on one's own hardware reads, and what it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import InvalidHyperparameter
from ..core.json_fields import is_object
from ..core.plain_values import PlainValue
from ..jobs.hyperparameters import Hyperparameters
from .located import Located, Scalar

_CHECKED_LATER = frozenset({"num_train_epochs", "per_device_train_batch_size", "learning_rate", "max_seq_length"})
"""Hyperparameters without which it is another training: a value that no job can have is a mistake of the file."""

_LARGEST_DEEPSPEED_FILE = 64 << 10
_STAGES = (2, 3)
_OFFLOADS = ("offload_optimizer", "offload_param")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTool(PlainValue):
    """The tool whose configuration a job file is.

    `said` has each hyperparameter's key in the file, with its line; `differs` is what the file says and Azure does
    otherwise, while `maas export` keeps it.
    """

    title: str
    said: Mapping[str, str] = field(default_factory=dict[str, str])
    differs: tuple[str, ...] = ()


@dataclass(slots=True)
class Taken:
    """What was taken from a configuration: our keys and hyperparameters. The rest is `left`, by key and line."""

    title: str
    folder: Path
    keys: dict[str, Located] = field(default_factory=dict[str, Located])
    hyperparameters: dict[str, Located] = field(default_factory=dict[str, Located])
    said: dict[str, str] = field(default_factory=dict[str, str])
    left: list[str] = field(default_factory=list[str])
    differs: list[str] = field(default_factory=list[str])

    def leave(self, key: str, item: Located, why: str = "") -> None:
        """List a key that a job has no counterpart for; its value is not repeated, as it may be a secret."""
        self.left.append(_listed(key, item, why))

    def note_difference(self, key: str, item: Located, why: str) -> None:
        """List a key that is kept and that Azure does not follow."""
        self.differs.append(_listed(key, item, why))

    def leave_table(self, key: str, table: Mapping[str, Located], *read: str) -> None:
        """List the keys of a table except for those that were read; one that is null says nothing."""
        for inner, item in table.items():
            if inner not in read and item.value is not None:
                self.leave(f"{key}.{inner}", item)

    def set(self, name: str, key: str, item: Located, value: Scalar = None) -> None:
        """Take a hyperparameter, as it is written or as another value; one that a job cannot have is left."""
        found = item if value is None else Located(value, item.where, str(value).lower())
        if name not in _CHECKED_LATER:
            try:
                Hyperparameters.parse({name: found.plain()})
            except InvalidHyperparameter as error:
                self.leave(key, item, str(error))
                return
        self.hyperparameters[name] = found
        self.said[name] = _listed(key, item, "")

    def result(self) -> tuple[dict[str, Located], tuple[str, ...], OtherTool]:
        """Return our keys, what was left, and the tool."""
        where = next(iter(self.hyperparameters.values()), Located(None, "")).where
        keys = {**self.keys, "hyperparameters": Located(self.hyperparameters, where)}
        tool = OtherTool(title=self.title, said=self.said, differs=tuple(self.differs))
        return keys, tuple(self.left), tool


Reader = Callable[[Taken, str, Located], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translations:
    """How the keys of a tool become those of a job.

    `hyperparameters` are ours by their key; `readers` read keys of another form, and `read` are keys that a reader of
    another key has read. A key whose value is in `expected` asks for what happens anyway. `reasons` say why a key is
    left.
    """

    hyperparameters: Mapping[str, str]
    expected: Mapping[str, tuple[object, ...]]
    readers: Mapping[str, Reader]
    read: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])

    def apply(self, taken: Taken, top: Mapping[str, Located]) -> None:
        """Take or leave each key of a file; one that is null says nothing."""
        for key, item in top.items():
            if item.value is None or key in self.read:
                continue
            if key in self.readers:
                self.readers[key](taken, key, item)
            elif key in self.expected and plain_word(item) in self.expected[key]:
                continue
            elif key in self.hyperparameters:
                taken.set(self.hyperparameters[key], key, item)
            else:
                taken.leave(key, item, self.reasons.get(key, ""))


def plain_word(item: Located) -> object:
    """Return a scalar as it is compared: true and false also where YAML 1.1 has other words for them."""
    if not isinstance(item.value, str):
        return item.plain()
    return {"yes": True, "on": True, "no": False, "off": False}.get(item.value.lower(), item.value)


def is_on(top: Mapping[str, Located], key: str) -> bool:
    """Return whether a switch is there and true."""
    return key in top and plain_word(top[key]) is True


def take_optimizer(taken: Taken, key: str, item: Located) -> None:
    """Take the optimizer; AdamW in one kernel is AdamW."""
    taken.set("optim", key, item, "adamw_torch" if item.written == "adamw_torch_fused" else None)


def take_precision(taken: Taken, top: Mapping[str, Located], *, sixteen: Iterable[str]) -> None:
    """Take the precision from `bf16` and `fp16`; bfloat16 is float16 on Azure. `sixteen` are the words of true."""
    given = [key for key in ("bf16", "fp16") if key in top and top[key].value is not None]
    wanted = [key for key in given if plain_word(top[key]) is True or top[key].written in sixteen]
    for key in (wanted or given)[:1]:
        taken.set("precision", key, top[key], 16 if wanted else 32)
        if key == "bf16" and wanted:
            taken.note_difference(key, top[key], "Azure's pipelines compute in float16")


def take_evaluation(taken: Taken, key: str, item: Located) -> None:
    """Take when the validation data is evaluated."""
    word = plain_word(item)
    taken.set("evaluation_strategy", key, item, "disable" if word is False else None)


def take_deepspeed(taken: Taken, key: str, item: Located) -> None:
    """Take the stage of ZeRO from DeepSpeed's configuration, written out or in a file beside this one."""
    document: Any = item.plain()
    if isinstance(item.value, str):
        document = _json_in(taken.folder / item.value)
        if document is None:
            taken.leave(key, item, "the file of DeepSpeed's configuration was not found beside this one")
            return
    zero: Any = document.get("zero_optimization") if is_object(document) else None
    stage: object = zero.get("stage") if is_object(zero) else None
    if stage not in _STAGES:
        taken.leave(key, item, "only the stages 2 and 3 of ZeRO can be asked for")
        return
    taken.set("apply_deepspeed", key, item, True)
    taken.set("deepspeed_stage", key, item, 3 if stage == 3 else 2)
    for offload in _OFFLOADS:
        device: Any = zero.get(offload)
        if is_object(device) and device.get("device") not in (None, "none"):
            taken.leave(f"{key}: {offload}", item, "memory of the machine is not used")


def _json_in(file: Path) -> object:
    """Return the document in a file; None without one that can be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_DEEPSPEED_FILE + 1)
        document: object = json.loads(content) if len(content) <= _LARGEST_DEEPSPEED_FILE else None
    except (OSError, ValueError, RecursionError):
        return None
    return document


def _listed(key: str, item: Located, why: str) -> str:
    return f"{key} ({item.where})" + (f": {why}" if why else "")
