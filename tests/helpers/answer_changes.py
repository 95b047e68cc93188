"""Changes of answers on their way: of a place in JSON, an event, a header, a status or an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeGuard

from relay import Answer, Change

from maas_client.core.json_fields import is_array

JSON = "application/json"


def on_success(change: Change) -> Change:
    """Return a change of successful answers only."""
    return lambda answer: change(answer) if answer.status < 300 else answer


def on_error(change: Change) -> Change:
    """Return a change of errors only."""
    return lambda answer: change(answer) if answer.status >= 400 else answer


def in_json(change: Callable[[Any], object]) -> Change:
    """Return a change of an answer's JSON, which is changed in place; an answer without it stays as it is."""

    def apply(answer: Answer) -> Answer:
        if "json" not in answer.headers.get("content-type", "") or not answer.body:
            return answer
        body = json.loads(answer.body)
        change(body)
        return replace(answer, body=json.dumps(body).encode())

    return on_success(apply)


def put(pointer: str, value: Any) -> Change:  # Any: JSON, or a function of it
    """Return a change that sets the value at a JSON pointer, in every item where it has `*`; absent places stay so."""

    def change(body: Any) -> None:
        for owner, name in places(body, pointer):
            owner[name] = value(owner[name]) if callable(value) else value

    return in_json(change)


def without(pointer: str) -> Change:
    """Return a change that removes the field at a JSON pointer."""

    def change(body: Any) -> None:
        for owner, name in places(body, pointer):
            del owner[name]

    return in_json(change)


def renamed(pointer: str, to: str) -> Change:
    """Return a change that gives the field at a JSON pointer another name."""

    def change(body: Any) -> None:
        for owner, name in places(body, pointer):
            owner[to] = owner.pop(name)

    return in_json(change)


def places(body: object, pointer: str) -> list[tuple[dict[str, Any], str]]:
    """Return each object that has the last field of a pointer, with the field's name."""
    owners, (*path, name) = [body], pointer.split("/")[1:]
    for key in path:
        owners = [inner for owner in owners for inner in _inner(owner, key)]
    return [(owner, name) for owner in owners if is_dict(owner) and name in owner]


def is_dict(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a parsed JSON value is an object."""
    return isinstance(value, dict)


def _inner(owner: object, key: str) -> Iterable[object]:
    if is_dict(owner):
        return owner.values() if key == "*" else [owner[key]] if key in owner else []
    return owner if is_array(owner) and key == "*" else []


def other_word(pointer: str, old: str, new: str) -> Change:
    """Return a change that says another word instead of one."""

    def instead(word: str) -> str:
        return new if word == old else word

    return put(pointer, instead)


def going_back(pointer: str, word: str, earlier: str) -> Change:
    """Return a change that says an earlier word once another one has come."""
    seen = False

    def instead(found: str) -> str:
        nonlocal seen
        has_come, seen = seen, seen or found == word
        return earlier if has_come and found == word else found

    return put(pointer, instead)


def lingering(pointer: str, word: str, answers: int) -> Change:
    """Return a change that repeats a word for some more answers, once it has come."""
    left = answers
    seen = False

    def still(found: str) -> str:
        nonlocal left, seen
        seen = seen or found == word
        left -= seen
        return word if seen and left > 0 else found

    return put(pointer, still)


def without_header(name: str) -> Change:
    """Return a change that leaves out a header."""
    return on_success(
        lambda answer: replace(answer, headers={key: value for key, value in answer.headers.items() if key != name})
    )


def with_header(name: str, value: str) -> Change:
    """Return a change of a header of successful answers."""
    return on_success(lambda answer: replace(answer, headers={**answer.headers, name: value}))


def with_status(status: int) -> Change:
    """Return a change of a success's status."""
    return on_success(lambda answer: replace(answer, status=status))


def error_of(status: int, document: Any) -> Change:
    """Return a change of every answer to an error."""
    body = json.dumps(document).encode()
    return lambda answer: replace(answer, status=status, body=body, headers=answer.headers | {"content-type": JSON})


def error_body(document: Any) -> Change:
    """Return a change of an error's body."""
    return on_error(lambda answer: replace(answer, body=json.dumps(document).encode()))


def in_text(old: str, new: str) -> Change:
    """Return a change of the text of successful answers."""
    return on_success(lambda answer: replace(answer, body=answer.body.replace(old.encode(), new.encode())))


def in_events(change: Callable[[Any], object]) -> Change:
    """Return a change of each event of a stream."""

    def changed(line: bytes) -> bytes:
        if not line.startswith(b"data: {"):
            return line
        event = json.loads(line[6:])
        change(event)
        return b"data: " + json.dumps(event).encode()

    def apply(answer: Answer) -> Answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            return answer
        return replace(answer, body=b"\n".join(map(changed, answer.body.split(b"\n"))))

    return on_success(apply)
