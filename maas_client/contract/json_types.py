"""The JSON type of a parsed value, in JSON Schema's words."""

from __future__ import annotations

from ..core.json_fields import is_array, is_object


def json_type(value: object) -> str:
    """Return `object`, `array`, `string`, `integer`, `number`, `boolean` or `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    if is_array(value):
        return "array"
    return "object" if is_object(value) else type(value).__name__
