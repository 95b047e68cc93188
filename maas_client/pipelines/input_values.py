"""One literal input as the wire has it: text, after its value was checked against the component's own document."""

from __future__ import annotations

import math
import re

from ..core.json_fields import text
from .component import ComponentInput

_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LARGEST = 10**30
_ANSWERS = ("true", "false")


class WrongValue(ValueError):
    """A value that an input does not take; the message says why, without the input's name."""


def literal(wanted: ComponentInput, value: object) -> str:
    """Return an input's value as text; raise WrongValue for one that the component could not use.

    The service takes every text, and the step that reads it fails after an hour: `true` and `false` are texts in these
    components, so that Python's True has to be written without its capital, and a choice counts by its letters.
    """
    written = _written(wanted, value)
    if wanted.choices and written not in wanted.choices:
        raise WrongValue(f"must be {_alternatives(wanted.choices)}, not {_shown(value)}")
    if wanted.type in {"integer", "number"}:
        _check_bounds(wanted, float(written), value)
    return written


def _written(wanted: ComponentInput, value: object) -> str:
    match wanted.type:
        case "integer":
            return _integer(value)
        case "number":
            return _number(value)
        case "boolean":
            return _boolean(value)
        case _:
            return _text(wanted, value)


def _integer(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    is_integer = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST
    if not is_integer and not _is_match(_INTEGER, value):
        raise WrongValue(f"must be an integer, not {_shown(value)}")
    return str(int(str(value).strip()))


def _number(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number and not _is_match(_NUMBER, value):
        raise WrongValue(f"must be a number, not {_shown(value)}")
    assert isinstance(value, int | float | str)  # as was just found
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise WrongValue(f"must be a number, not {_shown(value)}")
    return value.strip() if isinstance(value, str) else str(value)


def _boolean(value: object) -> str:
    written = str(value).strip().lower() if isinstance(value, bool | str) else ""
    if written not in _ANSWERS:
        raise WrongValue(f"must be true or false, not {_shown(value)}")
    return written


def _text(wanted: ComponentInput, value: object) -> str:
    """Return a text; a truth value or number only where the input's choices have it."""
    if isinstance(value, bool):
        if set(wanted.choices) != set(_ANSWERS):
            raise WrongValue(f"must be {_alternatives(wanted.choices) or 'a text'}, not {_shown(value)}")
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise WrongValue(f"must be a text, not {_shown(value)}")
    if not value.strip():
        raise WrongValue("is empty; leave it out instead")
    if text({"value": value}, "value") != value:
        raise WrongValue("has characters that cannot be printed")
    lowered = value.lower()
    return lowered if lowered in _ANSWERS and set(wanted.choices) == set(_ANSWERS) else value


def _check_bounds(wanted: ComponentInput, number: float, value: object) -> None:
    if wanted.least is not None and number < wanted.least:
        raise WrongValue(f"must be at least {wanted.least:g}, not {_shown(value)}")
    if wanted.most is not None and number > wanted.most:
        raise WrongValue(f"must be at most {wanted.most:g}, not {_shown(value)}")


def _alternatives(choices: tuple[str, ...]) -> str:
    return " or ".join(", ".join(choices).rsplit(", ", 1))


def _is_match(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value.strip()) is not None


def _shown(value: object) -> str:
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return "a number with too many digits"
    if isinstance(value, str | int | float | bool | None):
        shown = repr(value)
        return shown if len(shown) <= 60 else f"{shown[:57]}…'"
    return type(value).__name__
