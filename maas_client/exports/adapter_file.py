"""The target modules in a configuration of peft, TRL, axolotl, Olive or KAITO, with the line that they are on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..catalog.lookup import known
from ..core.errors import InvalidInput
from ..job_files.file_text import file_text
from ..job_files.json_reader import read_json
from ..job_files.located import Located
from ..job_files.mistakes import Mistakes
from ..job_files.yaml_reader import read_yaml
from .target_modules import ALL

TARGETS = ("target_modules", "lora_target_modules")
"""What peft, Olive and KAITO, and what TRL and axolotl call them."""

_LINEAR = "lora_target_linear"
_RANKS = ("r", "lora_r")
_MODELS = ("base_model_name_or_path", "base_model", "model_name_or_path", "model_path")
_BETWEEN = re.compile(r"^---[ \t]*$", re.MULTILINE)
_PLAIN = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterFile:
    """What a configuration says of its adapter; `names` is empty where it names no target modules."""

    where: str
    names: tuple[str, ...]
    rank: int | None
    model: str | None


def read_adapter_file(file: Path) -> AdapterFile:
    """Read what a configuration says of its adapter: JSON if its name ends in .json, else YAML.

    Raises InvalidInput, with the line, for a file that is neither, and for a regular expression as target modules.
    """
    mistakes = Mistakes(str(file))
    documents = list(_documents(file_text(file, what="a configuration of adapters"), file, mistakes))
    mistakes.raise_all()
    tables = [table for document in documents for table in _tables(document, mistakes)]
    model = next((named for table in tables if (named := _model_in(table))), None)
    for table in tables:
        item = next((table[key] for key in TARGETS if key in table and table[key].value is not None), None)
        linear = table.get(_LINEAR)
        if item is not None or (linear is not None and linear.value is True):
            rank = next((value for key in _RANKS if key in table and type(value := table[key].value) is int), None)
            names = (ALL,) if item is None else _names(item)
            where = item.where if item is not None else linear.where if linear is not None else str(file)
            return AdapterFile(where=where, names=names, rank=rank, model=_catalogued(model))
    return AdapterFile(where=str(file), names=(), rank=None, model=_catalogued(model))


def _documents(text: str, file: Path, mistakes: Mistakes) -> Iterator[Located]:
    if file.suffix.lower() == ".json":
        yield read_json(text, str(file), mistakes)
        return
    start = 0
    for end in [*(mark.start() for mark in _BETWEEN.finditer(text)), len(text)]:
        before, part = text[:start], text[start:end].removeprefix("---")
        yield read_yaml("\n" * before.count("\n") + part, str(file), mistakes)
        start = end


def _tables(item: Located, mistakes: Mistakes) -> Iterator[dict[str, Located]]:
    """Yield every mapping in a value, and those in a text that holds a configuration, as a ConfigMap's does."""
    value = item.value
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _tables(each, mistakes)
    elif isinstance(value, list):
        for each in value:
            yield from _tables(each, mistakes)
    elif isinstance(value, str) and "\n" in value and any(key in value for key in TARGETS):
        yield from _tables(read_yaml(value, f"{item.where} (the text there)", mistakes), mistakes)


def _names(item: Located) -> tuple[str, ...]:
    values = item.value if isinstance(item.value, list) else [item]
    names = tuple(each.written for each in values)
    if odd := [name for name in names if not _PLAIN.fullmatch(name)]:
        raise item.wrong(f"{odd[0]!r} is a regular expression, which is not checked: name modules, or {ALL}")
    return names


def _model_in(table: dict[str, Located]) -> str | None:
    """Return the model that a mapping names: by its key, or in KAITO's `preset`."""
    preset = table.get("preset")
    named = [table[key] for key in _MODELS if key in table]
    if preset is not None and isinstance(preset.value, dict) and "name" in preset.value:
        named.append(preset.value["name"])
    return next((item.written for item in named if item.written), None)


def _catalogued(model: str | None) -> str | None:
    """Return the catalogue's name of a model on Hugging Face, or of a folder that is called like it."""
    facts = None if model is None else known(model.rstrip("/").rpartition("/")[2])
    return None if facts is None else facts.name


def required_model(adapter: AdapterFile, given: str | None) -> str:
    """Return the model to check against; raise InvalidInput if neither the option nor the file names one."""
    if chosen := given or adapter.model:
        return chosen
    raise InvalidInput(f"{adapter.where}: it names no model of the catalogue; name one with --model")
