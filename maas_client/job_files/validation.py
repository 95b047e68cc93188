"""Validating the values of a job file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from ..core.errors import InvalidHyperparameter, InvalidInput
from ..core.secret_text import is_url
from .keys import FOUNDRY_HYPERPARAMETERS, KEYS, SHORT, SWEEP_KEYS
from .located import Located, unknown_keys
from .mistakes import Mistakes
from .variables import expression_in

_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOTHING = Located(None, "")


class FieldReader:
    """The keys of a job file; each method returns the valid value of one type of key, or raises with its line.

    Mistakes within lists and mappings, and unknown keys, go to `mistakes`.
    """

    def __init__(self, top: Mapping[str, Located], mistakes: Mistakes) -> None:
        mistakes.add(*unknown_keys(top, KEYS))
        self._top, self._mistakes = top, mistakes

    def text(self, name: str) -> str | None:
        """Return a string; None if it is missing."""
        item = self._top.get(name, _NOTHING)
        text, choices = item.text(name), KEYS[name].choices
        if text is not None and choices and text not in choices:
            raise item.wrong(f"{name} must be {' or '.join(choices)}, not {text!r}")
        if text == "":
            raise item.wrong(f"{name} is empty")
        return text

    def switch(self, name: str) -> bool:
        """Return a boolean."""
        return _switch(self._top.get(name, _NOTHING), name)

    def number(self, name: str) -> float | None:
        """Return a non-negative number."""
        return _number(self._top.get(name, _NOTHING), name)

    def integer(self, name: str) -> int | None:
        """Return a non-negative integer."""
        item = self._top.get(name, _NOTHING)
        number = _number(item, name)
        if number is not None and number != int(number):
            raise item.wrong(f"{name} must be an integer, not {item.written!r}")
        return None if number is None else int(number)

    def object(self, name: str) -> dict[str, Any] | None:
        """Return a mapping as it is; None if it is missing."""
        item = self._top.get(name, _NOTHING)
        return None if item.value is None else {key: each.plain() for key, each in item.table(name).items()}

    def objects(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return a list of mappings as they are; a single one may be given without a list."""
        item = self._top.get(name, _NOTHING)
        if item.value is None:
            return ()
        items = item.value if isinstance(item.value, list) else [item]
        return tuple({key: each.plain() for key, each in one.table(name).items()} for one in items)

    def inputs(self, name: str) -> dict[str, Any]:
        """Return the inputs of a component, each a single value; an empty mapping without any."""
        found: dict[str, Any] = {}
        for key, item in self._top.get(name, _NOTHING).table(name).items():
            with self._mistakes.collected():
                if isinstance(item.value, list | dict):
                    raise item.wrong(f"{name}.{key} must be a single value")
                found[key] = item.value
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; a single one may be given without a list."""
        item = self._top.get(name, _NOTHING)
        items = item.value if isinstance(item.value, list) else [item]
        found: list[str] = []
        for each in items:
            with self._mistakes.collected():
                text = each.text(name)
                found += [] if text is None else [text]
        return tuple(found)

    def labels(self, name: str) -> dict[str, str]:
        """Return labels as strings, as written in the file."""
        found: dict[str, str] = {}
        for key, item in self._top.get(name, _NOTHING).table(name).items():
            with self._mistakes.collected():
                found[key] = item.text(f"{name}.{key}") or ""
        return found

    def sweep(self) -> tuple[bool, int | None]:
        """Return whether lists mean a sweep, and how many of its jobs may be unfinished at once."""
        item = self._top.get("sweep", _NOTHING)
        if not isinstance(item.value, dict):
            return _switch(item, "sweep"), None
        self._mistakes.add(*unknown_keys(item.value, SWEEP_KEYS, within="sweep."))
        parallel = item.value.get("parallel", _NOTHING)
        count = _number(parallel, "sweep.parallel")
        if count is not None and (count < 1 or count != int(count)):
            raise parallel.wrong("sweep.parallel must be an integer of at least 1")
        return True, None if count is None else int(count)

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters from both kinds of keys, lists as tuples; giving one twice is an error."""
        from ..jobs.hyperparameters import Hyperparameters

        known = {*Hyperparameters.model_fields, *FOUNDRY_HYPERPARAMETERS}
        found: dict[str, Located] = {}
        with self._mistakes.collected():
            table = self._top.get("hyperparameters", _NOTHING).table("hyperparameters")
            self._mistakes.add(*self._unknown(table, known))
            found |= {name: item for name, item in table.items() if name in known}
        for short, name in SHORT.items():
            if short in self._top and name in found:
                twice = f"the hyperparameter {name} is given twice (also in {found[name].where})"
                self._mistakes.add(self._top[short].wrong(twice))
            elif short in self._top:
                found[name] = self._top[short]
        values: dict[str, Any] = {}
        for name, item in found.items():
            with self._mistakes.collected():
                if item.value is not None:
                    values[name] = self._hyperparameter(name, item)
        return values

    def _unknown(self, table: Mapping[str, Located], known: Set[str]) -> Iterator[InvalidInput]:
        """Yield the error for each unknown hyperparameter; of a pipeline it may be another input of the component."""
        if self._top.get("kind", _NOTHING).value != "pipeline":
            yield from unknown_keys(table, known, within="hyperparameters.")
            return
        for key, item in table.items():
            if key not in known:
                hint = f"an input that only the pipeline's component has goes to inputs: inputs.{key}"
                yield item.wrong(f"unknown key {f'hyperparameters.{key}'!r}; {hint}")

    def _hyperparameter(self, name: str, item: Located) -> Any:
        _checked = _plain if self._is_for_foundry() else _checked_for_azure_ml
        if not isinstance(item.value, list):
            return _checked(name, item)
        if not item.value:
            raise item.wrong(f"hyperparameters.{name} is an empty list")
        values: list[Any] = []
        for each in item.value:
            with self._mistakes.collected():
                values.append(_checked(name, each))
        return tuple(values)

    def _is_for_foundry(self) -> bool:
        """Return whether the file says, or its model, that the job is one of Foundry, whose values are other ones."""
        from ..catalog.surface_of_model import surface_of

        said = [self._top.get(name, _NOTHING).value for name in ("surface", "model")]
        surface, model = (each if isinstance(each, str) else "" for each in said)
        return surface == "foundry" or (not surface and bool(model) and surface_of(model) == "foundry")


def resolved_paths(keys: Mapping[str, Located], folder: Path, mistakes: Mistakes) -> dict[str, Located]:
    """Return the keys with paths relative to a folder; a path that cannot be resolved is left as it is."""
    found = dict(keys)
    for key, item in keys.items():
        with mistakes.collected():
            if key in KEYS and KEYS[key].kind == "path":
                found[key] = _resolved_path(item, folder)
            elif key == "inputs" and isinstance(item.value, dict):
                found[key] = Located(dict(_resolved_inputs(item.value, folder)), item.where, item.written)
    return found


_FILE_INPUTS = ("_path", "_config", "deepspeed")
"""Ends of the names of a component's inputs that take a file (Azure/azureml-assets, `chat_completion_pipeline`)."""


def _resolved_inputs(inputs: Mapping[str, Located], folder: Path) -> Iterator[tuple[str, Located]]:
    """Yield the inputs of a component with the paths of files that exist relative to a folder."""
    for name, item in inputs.items():
        is_file = name.endswith(_FILE_INPUTS) and isinstance(item.value, str) and "://" not in item.value
        path = folder / item.written
        yield name, Located(str(path), item.where, str(path)) if is_file and path.is_file() else item


def _resolved_path(item: Located, folder: Path) -> Located:
    """Return a path relative to a folder; names of data in Azure and URLs are kept unchanged.

    Raises InvalidInput for a label that cannot be resolved, an incomplete `azureml:` name, an expression of az ml, and
    a signed URI of Azure's storage.
    """
    from ..jobs.data_reference import (
        ServiceUri,
        asset_in,
        check_complete,
        is_azure_storage,
        is_in_azure,
        latest_asset_in,
        without_prefix,
    )

    if not isinstance(item.value, str) or not item.value or is_in_azure(item.value):
        return item
    if is_url(item.value) and not is_azure_storage(item.value):
        return item
    if expression := expression_in(item.value):
        raise item.wrong(f"{expression} is an expression of az ml for pipelines: write a file, data asset or URI")
    path, name = folder / item.value, without_prefix(item.value)
    try:
        name = ServiceUri.of(name) if is_azure_storage(name) else name
        is_named = is_in_azure(name) or asset_in(name) or latest_asset_in(name)
        if not is_named:
            check_complete(name)
    except InvalidInput as error:
        raise item.wrong(str(error)) from None
    found = name if is_named and not path.exists() else str(path)
    return Located(found, item.where, found)


def _plain(name: str, item: Located) -> Any:
    """Return the value of one of Foundry's hyperparameters, which is checked once model and method are known."""
    if isinstance(item.value, list | dict):
        raise item.wrong(f"hyperparameters.{name} must be a single value")
    return item.plain()


def _checked_for_azure_ml(name: str, item: Located) -> Any:
    """Return a valid value of one hyperparameter; whether all of them are consistent is checked later."""
    from ..jobs.hyperparameters import Hyperparameters

    try:
        Hyperparameters.parse({name: item.plain()})
    except InvalidHyperparameter as error:
        raise InvalidHyperparameter(f"{item.where}: {error}") from None
    return item.plain()


def _switch(item: Located, name: str) -> bool:
    text = (item.text(name) or "no").lower()
    if text not in _SWITCH:
        raise item.wrong(f"{name} must be true or false, not {item.written!r}")
    return _SWITCH[text]


def _number(item: Located, name: str) -> float | None:
    text = item.text(name)
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if isinstance(item.value, bool) or not math.isfinite(number) or number < 0:
        raise item.wrong(f"{name} must be a non-negative number, not {item.written!r}")
    return number
