"""The two stages behind the row filter, which end a whole job: the JSON loader and the model's chat template.

Written from what `datasets` 2.21.0 does (one type per column over all rows, nested fields included; the surrogate pairs
of a string must be whole), and from the published chat templates, which add `content` to a string. Nulls are removed
before both. In the words of these libraries, which a job reports as they are.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mock_server.core.json_values import Json, is_array, is_object

MOST_PATHS = 10_000
"""Paths that are remembered, so that rows with keys of their own do not fill the memory."""

_KINDS: Mapping[type[object], str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NO_CONTENT = "UndefinedError: 'dict object' has no attribute 'content'"


@dataclass(frozen=True, slots=True)
class Template:
    """What a chat template renders: turns of some roles, or of any (None), and a system message's tools."""

    roles: tuple[str, ...] | None = ("system", "user", "assistant")
    tools: bool = False


SYSTEM_USER_ASSISTANT = Template()
"""What most templates render."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a job ends and why: the stage, the line of the file, and the error."""

    stage: str
    line: int
    error: str


@dataclass(slots=True)
class LaterStages:
    """The stages behind the row filter, which see the rows that pass it in order."""

    template: Template
    rows: int = 0
    load: Stop | None = None
    render: Stop | None = None
    kinds: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    @property
    def stop(self) -> Stop | None:
        """Where the job ends: all rows are loaded before the first is rendered."""
        return self.load or self.render

    def add(self, row: Json, text: str, line: int) -> None:
        """Take the next row that passes the filter; `text` is the line it was read from."""
        if self.load is None and (error := self._load_error(row, text)) is not None:
            self.load = Stop("load", line, f"JSON parse error: {error} in row {self.rows}")
        if self.render is None and (error := render_error(row.get("messages"), self.template)) is not None:
            self.render = Stop("render", line, error)
        self.rows += 1

    def _load_error(self, row: Json, text: str) -> str | None:
        suspicious = _SURROGATE.search(text) is not None
        stack: list[tuple[tuple[str, ...], object]] = [((), row)]
        while stack:
            path, value = stack.pop()
            if suspicious and not (_is_encodable(value) and all(map(_is_encodable, path[-1:]))):
                return "The surrogate pair in string is invalid."
            kind = _KINDS[type(value)]
            known = self.kinds.get(path, kind)
            if known != kind:
                return f"Column(/{'/'.join(path)}) changed from {known} to {kind}"
            if len(self.kinds) < MOST_PATHS:
                self.kinds[path] = kind
            inner = [((*path, step), item) for step, item in _items(value) if item is not None]
            stack += reversed(inner)
        return None


def render_error(messages: object, template: Template) -> str | None:
    """Return the error that a chat template raises for a row's messages; None for a row that it renders."""
    roles = template.roles
    turns = messages if is_array(messages) else []
    if len(turns) < 2:
        return None
    for turn in turns:
        if not is_object(turn) or (roles is not None and turn.get("role") not in roles):
            continue
        content: object = turn.get("content")
        if not isinstance(content, str):
            return _NO_CONTENT if content is None else _not_added(content)
        tools: object = turn.get("tools")
        if template.tools and turn.get("role") == "system" and not isinstance(tools, str | None):
            return _not_added(tools)
    return None


def _not_added(value: object) -> str:
    return f'TypeError: can only concatenate str (not "{type(value).__name__}") to str'


def _items(value: object) -> Iterable[tuple[str, object]]:
    if is_object(value):
        return value.items()
    return (("[]", item) for item in value) if is_array(value) else ()


def _is_encodable(value: object) -> bool:
    """Return whether a value is not a string with half of a surrogate pair."""
    if not isinstance(value, str):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
