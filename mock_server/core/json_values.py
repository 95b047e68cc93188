"""Reading untrusted JSON."""

import json
from datetime import UTC, datetime
from math import isinf
from typing import Any, TypeAlias, TypeGuard
from urllib.parse import SplitResult, urlsplit

Json: TypeAlias = dict[str, Any]


def is_object(value: object) -> TypeGuard[Json]:
    """Return whether a decoded value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a decoded value is a JSON array."""
    return isinstance(value, list)


def child(parent: Json, key: str) -> Json:
    """Return the object under a key, or an empty one if it is missing or of another type."""
    value: object = parent.get(key)
    return value if is_object(value) else {}


def text(parent: Json, key: str, default: str = "") -> str:
    """Return the string under a key, or the default if it is missing or of another type."""
    value: object = parent.get(key)
    return value if isinstance(value, str) else default


def number(value: object) -> float | None:
    """Read a finite number, also from a string: hyperparameters arrive as either."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if abs(read) < 1e300 else None  # false for NaN and infinity too


def _reject_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _finite(written: str) -> float:
    """Read a number; one such as 1e400 would be written as Infinity, which nothing reads again."""
    if isinf(read := float(written)):
        raise ValueError("a number is too large")
    return read


def parse(data: bytes | str) -> object:
    """Decode JSON; raises ValueError for invalid JSON, including NaN, too large numbers and excessive nesting."""
    try:
        decoded: object = json.loads(data, parse_constant=_reject_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return decoded


def dump(value: object) -> str:
    """Encode as ASCII, so that a lone surrogate received as an escape can be sent as one."""
    return json.dumps(value, separators=(",", ":"))


def iso(seconds: float) -> str:
    """Format a time as Azure does in JSON bodies."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def split_url(url: str) -> SplitResult:
    """Split a URL from an untrusted source; an invalid one yields a path only."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")
