"""Bodies as they are written: JSON, events, XML and forms without names, and data by its size and shape."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from ..contract.operation import Answer, Events, Opaque, Operation
from ..contract.shapes import Record, Shape
from ..core.http_messages import parse_json
from ..core.json_fields import is_array, is_object
from ..openai_api.server_sent_events import Decoder, EventTooLarge
from .exchange import Body
from .json_values import JsonValues
from .samples import data_of
from .seen import Sample
from .strings import Place, Strings
from .xml_text import xml_without_names

_END = "[DONE]"
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]{1,200})\"?")
_NAME = re.compile(rb"(?i)\bname=\"([^\"]{0,500})\"")
_FILENAME = re.compile(rb"(?i)\bfilename=\"([^\"]{0,1000})\"")
_PART_MEDIA = re.compile(rb"(?i)content-type:\s*([a-z0-9./+-]{1,80})")
_WRITES_DATA = frozenset({"blob.put", "blob.put_block"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What the contract says of a body: its shape, whether it is data, and where it is."""

    shape: Shape | None
    is_data: bool
    place: Place
    is_service: bool


class Bodies:
    """Replaces what is not to be shared in bodies."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings
        self._json = JsonValues(strings)

    def body(self, sample: Sample, media: str, expected: Expected) -> Body:
        """Return a body as it is written.

        Args:
            sample: the body as it was seen.
            media: its content type; empty if there is none.
            expected: what the contract says of it.
        """
        if not sample.size:
            return None
        if expected.is_data or (not sample.is_whole and "event-stream" not in media):
            return self._data(sample, media)
        if media.startswith("text/event-stream"):
            return self._events(sample, expected)
        if media.startswith("multipart/form-data"):
            return self._form(sample, media)
        if (document := _parsed(sample.head)) is not _NOTHING:
            return {"json": self.value(document, expected)}
        if b"<" in sample.head[:4]:
            xml = xml_without_names(sample.head.decode("utf-8-sig", "replace"), self._strings)
            if xml is not None:
                return {"xml": xml}
        return self._data(sample, media)

    def value(self, document: object, expected: Expected) -> Any:
        """Return parsed JSON as it is written."""
        return self._json.value(document, expected.shape, expected.place, is_service=expected.is_service)

    def _data(self, sample: Sample, media: str) -> Body:
        def row(value: object) -> Any:
            return self._json.value(value, None, Place(is_content=True))

        return {"data": data_of(sample, media, row)}

    def _events(self, sample: Sample, expected: Expected) -> Body:
        try:
            events = list(Decoder().feed(sample.head))
        except EventTooLarge:
            return self._data(sample, "text/event-stream")
        documents = [document for event in events if event != _END and (document := _parsed(event)) is not _NOTHING]
        joined = _joined(documents)
        return {"events": [self.value(one, expected) for one in joined], "done": _END in events[-1:]}

    def _form(self, sample: Sample, media: str) -> Body:
        boundary = _BOUNDARY.search(media)
        if boundary is None:
            return self._data(sample, media)
        parts: list[dict[str, Any]] = []
        for part in sample.head.split(b"--" + boundary[1].encode("utf-8", "replace"))[1:]:
            head, mark, content = part.partition(b"\r\n\r\n")
            name = _NAME.search(head)
            if not mark or name is None:
                continue
            parts.append(self._part(name[1].decode("utf-8", "replace"), head, content.removesuffix(b"\r\n")))
        return {"form": parts}

    def _part(self, name: str, head: bytes, content: bytes) -> dict[str, Any]:
        shown = self._strings.key(name.partition("[")[0], is_map=False, is_field=False, is_public=False)
        filename, media = _FILENAME.search(head), _PART_MEDIA.search(head)
        if filename is None:
            return {"name": shown, "json": self._strings.text(content.decode("utf-8", "replace"), Place().at(name))}
        data = self._data(Sample.of(content), media[1].decode() if media else "")
        return {
            "name": shown,
            "filename": self._strings.paths.file(filename[1].decode("utf-8", "replace")),
            **(data or {}),
        }


_NOTHING: Any = object()


def _parsed(content: bytes | str) -> Any:
    """Return parsed JSON; `_NOTHING` for another text. Undecodable bytes are not JSON either."""
    try:
        return parse_json(content)
    except ValueError:
        return _NOTHING


def _joined(events: list[Any]) -> list[Any]:
    """Return the events of a chat with each choice's whole text in its first piece, and empty texts after it."""
    copies: list[Any] = json.loads(json.dumps(events))
    first: dict[tuple[object, str], dict[str, Any]] = {}
    for event in copies:
        choices = event.get("choices") if is_object(event) else None
        for choice in choices if is_array(choices) else ():
            found = choice.get("delta") if is_object(choice) else None
            if not isinstance(found, dict):
                continue
            delta = cast("dict[str, Any]", found)  # of JSON, whose names are strings
            for field in ("content", "reasoning_content", "refusal"):
                piece = delta.get(field)
                if not isinstance(piece, str) or not piece:
                    continue
                begun = first.setdefault((choice.get("index"), field), delta)
                if begun is not delta:
                    begun[field] += piece
                    delta[field] = ""
    return copies


def shape_of_answer(operation: Operation | None, status: int | None, media: str) -> tuple[Shape | None, bool]:
    """Return the shape of an answer, and whether it is data."""
    if operation is None or status is None:
        return None, False
    answer = operation.answers.get(status)
    if answer is None:
        found = [body for body in operation.error_bodies if isinstance(body, Record)] if status >= 400 else []
        return (found[0] if found else None), False
    return _shape(answer, is_stream=media.startswith("text/event-stream"))


def shape_of_request(operation: Operation | None) -> tuple[Shape | None, bool]:
    """Return the shape of a request, as far as the answer to it has the same fields, and whether it is data."""
    if operation is None or operation.method not in {"PUT", "PATCH", "POST"}:
        return None, False
    answer = operation.answers.get(200) or operation.answers.get(201)
    is_document = answer is not None and operation.method in {"PUT", "PATCH"}
    return (answer.shape if answer and is_document else None), operation.name in _WRITES_DATA


def _shape(answer: Answer, *, is_stream: bool) -> tuple[Shape | None, bool]:
    if answer.body is Opaque.BYTES:
        return None, True
    for body in (answer.body, *answer.alternatives):
        if isinstance(body, Events) and is_stream:
            return body.chunk, False
    return answer.shape, False
