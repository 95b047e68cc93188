"""Validating the values of a job file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InvalidHyperparameter, InvalidInput
from ..core.secret_text import is_url
from .keys import KEYS, SHORT, SWEEP_KEYS
from .located import Located, refuse_unknown
from .variables import expression_in

if TYPE_CHECKING:
    from ..datasets.rows.schemas import Task

_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOTHING = Located(None, "")


class FieldReader:
    """The keys of a job file; each method returns the valid value of one type of key, or raises with its line."""

    def __init__(self, top: Mapping[str, Located]) -> None:
        refuse_unknown(top, KEYS)
        self._top = top

    def text(self, name: str) -> str | None:
        """Return a string; None if it is missing."""
        item = self._top.get(name, _NOTHING)
        text, choices = item.text(name), KEYS[name].choices
        if text is not None and choices and text not in choices:
            raise item.wrong(f"{name} must be {' or '.join(choices)}, not {text!r}")
        if text == "":
            raise item.wrong(f"{name} is empty")
        return text

    def task(self) -> Task | None:
        """Return the task."""
        tasks: Mapping[str | None, Task] = {"chat": "chat", "text": "text"}
        return tasks.get(self.text("task"))

    def switch(self, name: str) -> bool:
        """Return a boolean."""
        return _switch(self._top.get(name, _NOTHING), name)

    def number(self, name: str) -> float | None:
        """Return a non-negative number."""
        return _number(self._top.get(name, _NOTHING), name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; a single one may be given without a list."""
        item = self._top.get(name, _NOTHING)
        items = item.value if isinstance(item.value, list) else [item]
        return tuple(text for each in items if (text := each.text(name)) is not None)

    def labels(self, name: str) -> dict[str, str]:
        """Return labels as strings, as written in the file."""
        table = self._top.get(name, _NOTHING).table(name)
        return {key: item.text(f"{name}.{key}") or "" for key, item in table.items()}

    def sweep(self) -> tuple[bool, int | None]:
        """Return whether lists mean a sweep, and how many of its jobs may be unfinished at once."""
        item = self._top.get("sweep", _NOTHING)
        if not isinstance(item.value, dict):
            return _switch(item, "sweep"), None
        refuse_unknown(item.value, SWEEP_KEYS, within="sweep.")
        parallel = item.value.get("parallel", _NOTHING)
        count = _number(parallel, "sweep.parallel")
        if count is not None and (count < 1 or count != int(count)):
            raise parallel.wrong("sweep.parallel must be an integer of at least 1")
        return True, None if count is None else int(count)

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters from both kinds of keys, lists as tuples; giving one twice is an error."""
        from ..jobs.hyperparameters import Hyperparameters

        table = self._top.get("hyperparameters", _NOTHING).table("hyperparameters")
        refuse_unknown(table, Hyperparameters.model_fields, within="hyperparameters.")
        found = {**table}
        for short, name in SHORT.items():
            if short in self._top:
                if name in found:
                    raise self._top[short].wrong(
                        f"the hyperparameter {name} is given twice (also in {found[name].where})"
                    )
                found[name] = self._top[short]
        return {name: _hyperparameter(name, item) for name, item in found.items() if item.value is not None}


def resolved_path(item: Located, folder: Path) -> Located:
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


def _hyperparameter(name: str, item: Located) -> Any:
    if not isinstance(item.value, list):
        return _checked(name, item)
    if not item.value:
        raise item.wrong(f"hyperparameters.{name} is an empty list")
    return tuple(_checked(name, each) for each in item.value)


def _checked(name: str, item: Located) -> Any:
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
