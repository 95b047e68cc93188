"""Content in place of data that a recording does not have: of the same size, and where it is known, the same shape."""

from collections.abc import Mapping

from mock_server.core.json_values import Json, child, dump, is_array, is_object, number, text

LINE = b"recorded without its content\n"
VALUES: Mapping[str, object] = {
    "string": "filler",
    "number": 0.5,
    "integer": 0,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}


def filler(data: Json) -> bytes:
    """Return content for a recorded data body: as many bytes, and rows of the same shape where there is room.

    Args:
        data: the size, media type, rows and shape of what was left out, and the figures of a table of numbers.
    """
    if (table := _table(data)) is not None:
        return table
    size = int(number(data.get("bytes")) or 0)
    rows = int(number(data.get("rows")) or 0)
    types = child(child(data, "shape"), "types") or child(data, "shape")
    if rows and types and (made := _rows(types, rows, size)) is not None:
        return made
    if _is_text(text(data, "media")):
        content = (LINE * (size // len(LINE) + 1))[:size]
        return content[:-1] + b"\n" if content else content
    return bytes(size)


def _table(data: Json) -> bytes | None:
    """Return a table whose figures were recorded; None for any other data."""
    columns: object = data.get("columns")
    figures: object = data.get("figures")
    if not is_array(columns) or not is_array(figures):
        return None
    end = "\r\n" if figures and str(figures[0]).endswith("\r") else "\n"
    head = ",".join(map(str, columns)) + end
    content = head + "".join(f"{str(row).rstrip(chr(13))}{end}" for row in figures)
    return content[: int(number(data.get("bytes")) or 0)].encode()


def _is_text(media: str) -> bool:
    return media.startswith("text/") or any(part in media for part in ("json", "xml", "csv"))


def _rows(types: Json, rows: int, size: int) -> bytes | None:
    """Return lines of JSON with this many bytes in all; None if the shape does not fit into the size."""
    row = dump(_value(types, ""))
    lines = [row] * rows
    room = size - sum(len(line) + 1 for line in lines)
    if room < 0 or not row.startswith("{"):
        return None
    if room:  # spaces within the last object, which JSON allows
        lines[-1] = f"{row[:-1]}{' ' * room}}}"
    return "".join(f"{line}\n" for line in lines).encode()


def _value(types: Json, pointer: str) -> object:
    kinds: object = types.get(pointer)
    kind = max(str(one) for one in kinds) if is_array(kinds) and kinds else kinds
    if kind == "array":
        return [_value(types, f"{pointer}/*")] if f"{pointer}/*" in types else []
    if kind == "object":
        below = [other for other in types if other.startswith(f"{pointer}/") and "/" not in other[len(pointer) + 1 :]]
        return {
            other[len(pointer) + 1 :].replace("~1", "/").replace("~0", "~"): _value(types, other)
            for other in below
            if not other.endswith("/*")
        }
    value = VALUES.get(str(kind), "filler")
    return dict(value) if is_object(value) else value
