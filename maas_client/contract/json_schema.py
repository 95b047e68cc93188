"""The table as JSON Schema (2020-12): one schema for each answer, and which operation answers with which."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.json_fields import is_array, is_object
from .operation import Answer, Body, Events, Header, Opaque, Operation, Xml
from .shapes import Anything, ArrayOf, Boolean, Either, MapOf, Member, Number, Record, Shape, Text
from .table import OPERATIONS

Schema = dict[str, Any]  # JSON

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Answers of Azure's services, as maas_client knows them"
DESCRIPTION = (
    "Each answer has a schema in `$defs`; `operations` says which operation answers with which, by status. Unknown "
    "fields are valid, and so are unknown words of an enumeration: services add both at any time. Required are the "
    "fields that the client needs."
)


def schema_of(shape: Shape) -> Schema:
    """Return the JSON Schema of a shape."""
    match shape:
        case Text(is_time=True):
            return {"type": "string", "format": "date-time"}
        case Text():
            return {"anyOf": [{"enum": list(shape.words)}, {"type": "string"}]} if shape.words else {"type": "string"}
        case Number():
            return {"type": "integer" if shape.is_integer else "number"}
        case Boolean():
            return {"type": "boolean"}
        case Anything():
            return {}
        case Either():
            return {"anyOf": [schema_of(one) for one in shape.shapes]}
        case ArrayOf():
            return {"type": "array", "items": schema_of(shape.item)}
        case MapOf():
            return {"type": "object", "additionalProperties": _or_null(schema_of(shape.item))}
        case Record():
            return _of_record(shape)


def schema_of_answer(answer: Answer) -> Schema:
    """Return the JSON Schema of an answer's body, or of each event of a stream; of no JSON, what it is in words."""
    bodies = [_of_body(body) for body in (answer.body, *answer.alternatives)]
    return bodies[0] if len(bodies) == 1 else {"anyOf": bodies}


def document() -> Schema:
    """Return the whole table as one JSON Schema document."""
    answers = {
        _name(operation, answer): schema_of_answer(answer)
        for operation in OPERATIONS.values()
        for answer in operation.answers.values()
    }
    answers = {name: _with_references(schema, name, answers) for name, schema in answers.items()}
    return {
        "$schema": DIALECT,
        "title": TITLE,
        "description": DESCRIPTION,
        "operations": {name: _summary(operation) for name, operation in sorted(OPERATIONS.items())},
        "$defs": dict(sorted(answers.items())),
    }


def text() -> str:
    """Return the document as it is kept in `docs/contract.schema.json`: a line for each operation and each answer."""
    lines = ["{"]
    for key, value in (whole := document()).items():
        comma = "" if key == list(whole)[-1] else ","
        if isinstance(value, str):
            lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}{comma}")
            continue
        entries = [f" {json.dumps(name)}: {json.dumps(entry, ensure_ascii=False)}" for name, entry in value.items()]
        lines += [f"{json.dumps(key)}: {{", ",\n".join(entries), f"}}{comma}"]
    return "\n".join((*lines, "}")) + "\n"


def _with_references(schema: Schema, own: str, answers: Mapping[str, Schema]) -> Schema:
    """Return a schema in which what is an answer of its own, such as a listing's item, is a reference to it."""

    def replaced(value: Any) -> Any:
        if is_array(value):
            return [replaced(item) for item in value]
        if not is_object(value):
            return value
        same = next((name for name, answer in answers.items() if answer == value), None)
        if same is not None and "properties" in value:
            return {"$ref": f"#/$defs/{same}"}
        return {name: replaced(inner) for name, inner in value.items()}

    first = next(name for name, answer in answers.items() if answer == schema)
    if first != own and "properties" in schema:
        return {"$ref": f"#/$defs/{first}"}
    return {name: replaced(inner) for name, inner in schema.items()}


def _of_record(shape: Record) -> Schema:
    schema = _of_members(shape.members)
    chosen = [
        {
            "if": {"properties": {shape.by: {"enum": sorted({word, word.lower()})}}, "required": [shape.by]},
            "then": {name: value for name, value in _of_members(members).items() if name != "type"},
        }
        for word, members in shape.variants.items()
    ]
    return {**schema, **({"allOf": chosen} if chosen else {})}


def _of_members(members: Mapping[str, Member]) -> Schema:
    properties = {
        name: schema_of(member.shape) if member.is_needed else _or_null(schema_of(member.shape))
        for name, member in members.items()
    }
    needed = [name for name, member in members.items() if member.is_needed]
    return {"type": "object", "properties": properties, **({"required": needed} if needed else {})}


def _or_null(schema: Schema) -> Schema:
    """Return the schema of the same value or null, which services answer for what is absent."""
    if not schema:
        return schema
    if schema.keys() == {"type"}:
        return {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _of_body(body: Body) -> Schema:
    match body:
        case Opaque():
            return {"description": f"no JSON: {body}"}
        case Xml():
            return {"description": f"no JSON: an XML document `{body.root}`"}
        case Events():
            return {"description": "each event of a stream of server-sent events", **schema_of(body.chunk)}
        case _:
            return schema_of(body)


def _summary(operation: Operation) -> Schema:
    return {
        "surface": operation.surface,
        "method": operation.method,
        "paths": list(operation.paths),
        "level": operation.level,
        "cost": operation.cost,
        "source": operation.source,
        "answers": {
            str(status): {
                "$ref": f"#/$defs/{_name(operation, answer)}",
                "headers": [_header(header) for header in (*operation.headers, *answer.headers)],
            }
            for status, answer in sorted(operation.answers.items())
        },
        "errors": sorted(operation.errors),
    }


def _header(header: Header) -> str:
    return " or ".join(header.names)


def _name(operation: Operation, answer: Answer) -> str:
    """Return an answer's name in the document: with its surface, for two surfaces may have answers of one name."""
    return f"{operation.surface}.{answer.name}".replace(" ", "-")
