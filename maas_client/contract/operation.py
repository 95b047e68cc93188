"""One operation of a service: the request that it is, what it costs, and its answers by status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .shapes import Shape


class Surface(StrEnum):
    """The service, as the client's documentation names it."""

    AZURE_ML = "azureml"
    OWN_COMPUTE = "own-compute"
    SERVERLESS = "serverless"
    STORAGE = "storage"
    FOUNDRY = "foundry"


class Base(StrEnum):
    """Where an operation lives: a host, or a part of its paths."""

    MANAGEMENT = "management"  # management.azure.com
    REGISTRY = "registry"  # the registry's discovery, and the address that it names
    HISTORY = "run history"  # the `api` of a workspace's discovery document
    BLOB = "blob"
    SERVERLESS = "serverless endpoint"  # {endpoint}.{region}.models.ai.azure.com
    ONLINE = "online endpoint"  # {endpoint}.{region}.inference.ml.azure.com
    ACCOUNT = "account"  # {account}.openai.azure.com/openai/v1
    PROJECT = "project"  # {account}.services.ai.azure.com/api/projects/{project}/openai/v1
    DATED_PROJECT = "dated project"  # the same without v1
    DATED = "dated"  # {account}.openai.azure.com/openai


class Level(StrEnum):
    """What an operation does to the resources of its caller, in the order of what that costs."""

    READ = "read"
    DATA = "data"
    JOB = "job"
    FULL = "full"


class ValueKind(StrEnum):
    """What a header's value has to be."""

    TEXT = "text"
    URL = "absolute URL"
    SECONDS = "number of seconds"
    COUNT = "integer"
    DATE = "date of HTTP"
    DELAY = "number of seconds, or date of HTTP"


@dataclass(frozen=True, slots=True)
class Header:
    """A header that an answer must have; with several names, one of them."""

    names: tuple[str, ...]
    kind: ValueKind = ValueKind.TEXT


class Opaque(StrEnum):
    """A body that is not looked into."""

    EMPTY = "empty"
    BYTES = "bytes"
    TEXT = "text"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of server-sent events; `chunk` is the shape of each event's JSON."""

    chunk: Shape


@dataclass(frozen=True, slots=True)
class Xml:
    """An XML document: its root, and the elements that each of its entries needs."""

    root: str
    entry: str = ""
    needs: tuple[str, ...] = ()


Body = Shape | Opaque | Events | Xml


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its body, and the headers that it must have besides those of its service.

    `alternatives` are bodies of other kinds that the same status may have, such as a stream.
    """

    name: str
    body: Body
    headers: tuple[Header, ...] = ()
    alternatives: tuple[Body, ...] = ()

    @property
    def shape(self) -> Shape | None:
        """The shape of the body, or of each event of a stream; None for a body that is no JSON."""
        if isinstance(self.body, Opaque | Xml):
            return None
        return self.body.chunk if isinstance(self.body, Events) else self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of a service.

    Args:
        name: such as `jobs.get`.
        surface: the service.
        bases: where the paths begin.
        method: the HTTP method.
        paths: path templates; `{name}` is one segment, `{name*}` the rest of the path.
        query: query parameters that distinguish this operation from others of the same path; `*` is any value.
        api_versions: the versions that the client sends, one of them; an empty string where it sends none.
        level: what it does to the caller's resources.
        cost: what it costs, in words.
        answers: by status; without errors.
        errors: statuses of errors that are an ordinary answer, such as 404 of a resource that may not exist.
        error_bodies: the shapes that errors may have.
        headers: the headers that every answer of the service must have.
        source: where the facts come from.
    """

    name: str
    surface: Surface
    bases: tuple[Base, ...]
    method: str
    paths: tuple[str, ...]
    answers: Mapping[int, Answer]
    level: Level
    source: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    api_versions: tuple[str, ...] = ("",)
    cost: str = "free"
    errors: tuple[int, ...] = ()
    error_bodies: tuple[Body, ...] = ()
    headers: tuple[Header, ...] = ()

    def shape_for(self, status: int) -> Shape | None:
        """Return the shape of the JSON that an answer of this status has; None if it has none, or is an error."""
        answer = self.answers.get(status)
        return None if answer is None else answer.shape


ACCESS = frozenset({401, 403})
"""Statuses that any operation may answer with, which concern a credential or a permission."""

OUTAGE = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that any operation may answer with, which signal load or an outage; a gateway may write the body."""
