"""Export and import of the whole state as one JSON document: documents, blobs and their parts, settings, clocks, key.

`/_mock/state` and `--load FILE` use it. Nothing is lost: a server that imports an export responds like the original,
including ETags, metadata, uncommitted blocks and timestamps.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence

from mock_server.core.json_values import Json, child, is_array, is_object, number, parse, text
from mock_server.state.blob_store import Blob, Part, new_part
from mock_server.state.clock import is_clock
from mock_server.state.document_store import sqlite_safe
from mock_server.state.world import World, update_settings

CHUNK = 512 * 1024
MEMBERS = frozenset({"settings", "account_key", "clocks", "documents", "blobs", "blocks"})
SHAPES = {
    "documents": "{kind, scope, name, body, due}",
    "blobs": "{container, name, content in base64} and optionally etag, modified, headers, metadata, parts",
    "blocks": "{container, name, id, content in base64}",
}


def export(world: World) -> Json:
    """Return the state as JSON."""
    return {
        "settings": dict(world.settings),
        "account_key": world.account_key,
        "clocks": world.clocks.export(),
        "documents": [document for document in world.store.export() if document["kind"] != "server"],
        "blobs": [_blob_to_json(world, blob) for blob in world.blobs.all_blobs()],
        "blocks": list(_staged_blocks(world)),
    }


def load(world: World, requested: Json) -> str | None:
    """Import an export into the current state; returns an error message, and imports nothing, if it is invalid."""
    problem = _validation_error(requested) or update_settings(world, child(requested, "settings"))
    if problem:
        return problem
    if "account_key" in requested:
        world.set_account_key(text(requested, "account_key"))
    if "clocks" in requested:
        world.clocks.restore(requested["clocks"])
    for document in requested.get("documents", []):
        due = number(document.get("due"))
        world.store.put(document["kind"], document["scope"], document["name"], document["body"], due=due)
    for blob in requested.get("blobs", []):
        _import_blob(world, blob)
    for block in requested.get("blocks", []):
        content = base64.b64decode(block["content"])
        world.blobs.stage(block["container"], block["name"], _write_part(world, block["id"], content))
    return None


def load_initial(world: World) -> World:
    """Load the `load` file, but only into an empty state, so that a restart does not undo later changes."""
    path = world.options.load
    if path is None or any(document["kind"] != "server" for document in world.store.export()):
        return world
    try:
        requested = parse(path.read_bytes())
    except (OSError, ValueError) as error:
        problem: str | None = f"it is not a readable JSON file ({error})"
    else:
        problem = load(world, requested) if is_object(requested) else "it must hold a JSON object"
    if problem:
        world.close()
        raise ValueError(f"cannot load {path}: {problem}")
    return world


def _blob_to_json(world: World, blob: Blob) -> Json:
    return {
        "container": blob.container,
        "name": blob.name,
        "etag": blob.etag,
        "modified": blob.modified,
        "headers": dict(blob.headers),
        "metadata": dict(blob.metadata),
        "parts": [{"id": part.id, "size": part.size} for part in blob.parts],
        "content": base64.b64encode(b"".join(world.blobs.read(blob))).decode(),
    }


def _staged_blocks(world: World) -> Iterator[Json]:
    staged_blobs = world.database.execute(
        "SELECT DISTINCT container, name FROM blocks ORDER BY container, name"
    ).fetchall()
    for container, name in staged_blobs:
        for part in world.blobs.staged(container, name):
            alone = Blob(container, name, part.size, "", 0.0, {}, {}, (part,))
            content = base64.b64encode(b"".join(world.blobs.read(alone))).decode()
            yield {"container": container, "name": name, "id": part.id, "content": content}


def _import_blob(world: World, requested: Json) -> None:
    content = base64.b64decode(requested["content"])
    parts: list[Part] = []
    start = 0
    for part in requested.get("parts", [{"id": "", "size": len(content)}]):
        parts.append(_write_part(world, part["id"], content[start : start + part["size"]]))
        start += part["size"]
    modified = number(requested.get("modified"))
    blob_written = world.blobs.commit(
        requested["container"],
        requested["name"],
        parts,
        modified=world.wall() if modified is None else modified,
        headers=requested.get("headers", {"Content-Type": "application/octet-stream"}),
        metadata=requested.get("metadata", {}),
    )
    key = (text(requested, "etag", blob_written.etag), blob_written.container, blob_written.name)
    world.database.execute("UPDATE blobs SET etag=? WHERE container=? AND name=?", key)


def _write_part(world: World, block: str, content: bytes) -> Part:
    part = Part(block, new_part(), len(content))
    for position, start in enumerate(range(0, len(content), CHUNK)):
        world.blobs.append(part.part, position, content[start : start + CHUNK])
    return part


def _validation_error(requested: Json) -> str | None:
    """Return an error message if a value is not an export, else None."""
    unknown = sorted(requested.keys() - MEMBERS)
    if unknown:
        return f"/_mock/state accepts {sorted(MEMBERS)}, all optional; got {unknown[:5]}: remove them"
    for name in ("settings", "clocks"):
        if not is_object(requested.get(name, {})):
            return f"{name} must be an object; got {str(requested[name])[:80]!r}: see GET /_mock/state for one"
    if not _is_string(requested.get("account_key", "")):
        return "account_key must be a string, in base64"
    invalid = [name for name, clock in child(requested, "clocks").items() if not is_clock(clock)]
    if invalid:
        return f"a clock is {{mode, rate, wall, time, step_on_poll}}; invalid: {invalid[:5]}; see GET /_mock/state"
    for name, check in (("documents", _is_document), ("blobs", _is_blob), ("blocks", _is_block)):
        items: object = requested.get(name, [])
        if not is_array(items) or not all(check(item) for item in items):
            return f"{name} must be a list of {SHAPES[name]}; got something else: see GET /_mock/state for one"
    return None


def _is_document(value: object) -> bool:
    return (
        is_object(value)
        and _has_strings(value, "kind", "scope", "name")
        and is_object(value.get("body"))
        and value["kind"] != "server"
    )


def _is_blob(value: object) -> bool:
    if not is_object(value) or not _has_strings(value, "container", "name", "content"):
        return False
    size = _decoded_size(value["content"])
    parts: object = value.get("parts", [{"id": "", "size": size}])
    return (
        size is not None
        and _is_string(value.get("etag", ""))
        and (value.get("modified") is None or number(value["modified"]) is not None)
        and all(_are_strings(value.get(name, {})) for name in ("headers", "metadata"))
        and is_array(parts)
        and _sizes(parts) == size
    )


def _is_block(value: object) -> bool:
    return (
        is_object(value)
        and _has_strings(value, "container", "name", "id", "content")
        and _decoded_size(value["content"]) is not None
    )


def _sizes(parts: Sequence[object]) -> int | None:
    total = 0
    for part in parts:
        if not is_object(part) or not _is_string(part.get("id")) or not isinstance(part.get("size"), int):
            return None
        total += part["size"]
    return total


def _has_strings(value: Json, *names: str) -> bool:
    return all(_is_string(value.get(name)) for name in names)


def _are_strings(value: object) -> bool:
    return is_object(value) and all(_is_string(item) for item in [*value, *value.values()])


def _is_string(value: object) -> bool:
    return isinstance(value, str) and sqlite_safe(value) == value


def _decoded_size(content: str) -> int | None:
    try:
        return len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        return None
