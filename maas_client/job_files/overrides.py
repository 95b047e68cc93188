"""`--set KEY=VALUE`: overriding a value of a job file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..core.errors import InvalidInput
from .json_reader import read_json
from .located import Located, scalar_value
from .mistakes import Mistakes


def with_overrides(
    top: Mapping[str, Located], overrides: Iterable[tuple[str, str]], mistakes: Mistakes
) -> dict[str, Located]:
    """Return the keys with all valid overrides applied: `hyperparameters.seed` is set within `hyperparameters`.

    A value is a YAML scalar, or a list, mapping or quoted string in JSON or YAML.
    """
    found = dict(top)
    for key, text in overrides:
        with mistakes.collected():
            outer, item = _override(found, key, text)
            found[outer] = item
    return found


def _override(top: Mapping[str, Located], key: str, text: str) -> tuple[str, Located]:
    """Return the outermost key of an override, and its new value."""
    where = f"--set {key}"
    outer, dot, inner = key.partition(".")
    item = _value(text, where)
    if dot:
        before = top[outer].value if outer in top else None
        if before is not None and not isinstance(before, dict):
            raise InvalidInput(f"{where}: {outer} is not a mapping")
        table = {**before, inner: item} if before is not None else {inner: item}
        item = Located(table, top[outer].where if outer in top else where)
    return outer, item


def _value(text: str, where: str) -> Located:
    if not text.lstrip().startswith(("[", "{", '"', "'")):
        return Located(scalar_value(text), where, text)
    mistakes = Mistakes(where)
    try:
        found = read_json(text, where, mistakes)
    except InvalidInput:
        from .yaml_reader import read_yaml

        found = read_yaml(text, where, mistakes)
    mistakes.raise_all()
    return _located_at(found, where)


def _located_at(item: Located, where: str) -> Located:
    """Set the location of values to the option: line numbers within it mean nothing."""
    if isinstance(item.value, list):
        return Located([_located_at(each, where) for each in item.value], where, item.written)
    if isinstance(item.value, dict):
        return Located({key: _located_at(each, where) for key, each in item.value.items()}, where, item.written)
    return Located(item.value, where, item.written)
