"""JSON from strangers, read without trusting it."""

import json
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeGuard
from urllib.parse import SplitResult, urlsplit

Json: TypeAlias = dict[str, Any]


def is_object(value: object) -> TypeGuard[Json]:
    """Tell whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a decoded value is a JSON array."""
    return isinstance(value, list)


def child(parent: Json, key: str) -> Json:
    """Give the object under a key, or an empty one when it is absent or something else."""
    value: object = parent.get(key)
    return value if is_object(value) else {}


def text(parent: Json, key: str, default: str = "") -> str:
    """Give the string under a key, or the default when it is absent or something else."""
    value: object = parent.get(key)
    return value if isinstance(value, str) else default


def number(value: object) -> float | None:
    """Read a finite number, or the digits of one in a string: hyperparameters arrive as either."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if abs(read) < 1e300 else None  # false for nan and the infinities too


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def parse(data: bytes | str) -> object:
    """Decode JSON; a ValueError for everything that is not, too deep a nesting and NaN included."""
    try:
        decoded: object = json.loads(data, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return decoded


def dump(value: object) -> str:
    """Encode as ASCII: a lone surrogate that came in as an escape can go out again as one."""
    return json.dumps(value, separators=(",", ":"))


def iso(seconds: float) -> str:
    """Write a moment as Azure does in JSON bodies."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def split_url(url: str) -> SplitResult:
    """Split an address that somebody else wrote; one that is no address has a path and nothing else."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")
