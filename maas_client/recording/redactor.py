"""The redaction of a recording: one table of placeholders, and what is written for URLs, bodies and whole exchanges."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..contract.match import match
from ..contract.operation import Operation
from ..core.json_fields import is_array, is_object
from ..core.redaction import redact
from .bodies import Bodies, Expected, shape_of_answer, shape_of_request
from .exchange import Body, Exchange
from .headers import answer_headers, request_headers
from .paths import COLLECTIONS
from .placeholders import KINDS, PLACEHOLDER, Placeholders
from .public_words import REGISTRIES, is_public
from .seen import Sample, Seen
from .strings import Place, Strings
from .word_lists import listed

_SHORTEST = 6
"""Characters of an original that is looked for in the whole line; a shorter one is part of too many words."""

SAME_FOR_ALL = listed("vm_sizes.list usages.list access.provider access.permissions foundry.accounts.models")
"""Operations whose answers Microsoft writes, and which have no names of the user's but in ids."""

_NAMED: Mapping[str, str] = {
    "jobs": "job",
    "history": "job",
    "endpoints": "endpoint",
    "online_endpoints": "endpoint",
    "online_deployments": "deployment",
    "foundry.deployments": "deployment",
    "computes": "compute",
    "data": "data",
    "datastores": "datastore",
    "models": "model",
    "workspaces": "workspace",
    "foundry.files": "file",
    "foundry.uploads": "upload",
    "foundry.jobs": "job",
    "foundry.checkpoints": "checkpoint",
    "foundry.webhooks": "webhook",
}
"""What the field `name` or `id` is called in an answer, by the operation's name without its last part."""

_NAMELESS = frozenset({"foundry.jobs.events"})
"""Operations whose answers list something else than what the other ones of their group do."""


class Redactor:
    """Decides what may be shared of a recording; the same original is the same placeholder throughout.

    It is for one thread at a time.
    """

    def __init__(self, table: Placeholders | None = None) -> None:
        self.table = table or Placeholders()
        self._strings = Strings(self.table)
        self._bodies = Bodies(self._strings)

    def url(self, url: str) -> str:
        """Return a URL without names, secrets and hosts of the user's."""
        return self._strings.urls.url(url)

    def text(self, text: str, field: str = "") -> str:
        """Return what is written for a string in a field of this name: itself if it is harmless, or a placeholder."""
        return self._strings.text(text, Place().at(field))

    def body(self, operation: Operation | None, status: int | None, media: str, body: bytes) -> Body:
        """Return the body of an answer as it is written.

        Args:
            operation: what was asked for; None if it is not known.
            status: the status; None for an answer without one.
            media: the content type.
            body: the bytes as they came.
        """
        return self._answer(operation, "", status, media, Sample.of(body))

    def exchange(self, seen: Seen) -> Exchange:
        """Return an exchange as it is written."""
        self._strings.kept.clear()
        found = match(seen.method, seen.url)
        operation = found.operation if found else None
        url = self.url(seen.url)
        shape, is_data = shape_of_request(operation)
        asked = Expected(shape, is_data, Place(name_kind=_kind_of(operation)), is_service=False)
        media, answered = _header(seen.headers, "content-type"), _header(seen.answer_headers, "content-type")
        exchange = Exchange(
            n=seen.n,
            at=seen.at,
            seconds=seen.seconds,
            operation=operation.name if operation else None,
            method=seen.method,
            url=url,
            request_headers=request_headers(seen.headers, self._strings),
            credential=seen.credential,
            request_body=self._bodies.body(seen.body, media, asked),
            status=seen.status,
            failure=seen.failure,
            headers=answer_headers(seen.answer_headers, self._strings),
            body=self._answer(operation, seen.url, seen.status, answered, seen.answer),
        )
        return self._checked(exchange)

    def _answer(self, operation: Operation | None, url: str, status: int | None, media: str, sample: Sample) -> Body:
        shape, is_data = shape_of_answer(operation, status, media)
        place = Place(name_kind=_kind_of(operation), is_public=_is_public(operation, url, status))
        return self._bodies.body(sample, media, Expected(shape, is_data, place, is_service=True))

    def _checked(self, exchange: Exchange) -> Exchange:
        """Return an exchange in which no name and no secret is left, whatever decided to keep it.

        Ids and texts are looked for in what was kept although no list has it: every exchange has new ones.
        """
        line = exchange.to_line()
        kept = "\0".join(self._strings.kept)
        found = [each for each in self.table.names() if _written(each[0]) in line]
        found += [each for each in self.table.originals() if each[0] in kept] if kept else []
        left = {one: placeholder for one, placeholder in found if len(one) >= _SHORTEST and not _is_harmless(one)}
        if not left and redact(line) == line:
            return exchange
        patterns = [(re.compile(_alone(original)), placeholder) for original, placeholder in left.items()]

        def clean(text: str) -> str:
            if is_public(text):
                return text
            for pattern, placeholder in patterns:
                text = pattern.sub(placeholder, text)
            return redact(text)

        return replace(
            exchange,
            url=clean(exchange.url),
            request_headers={name: clean(value) for name, value in exchange.request_headers.items()},
            request_body=_cleaned(exchange.request_body, clean),
            headers={name: clean(value) for name, value in exchange.headers.items()},
            body=_cleaned(exchange.body, clean),
        )


def _written(original: str) -> str:
    """Return a string as it is in a line of JSON."""
    return json.dumps(original, ensure_ascii=False)[1:-1]


def _alone(original: str) -> str:
    """Return a pattern for an original that is no part of a longer word, and of no placeholder."""
    return rf"(?<![A-Za-z0-9_]){re.escape(original)}(?![A-Za-z0-9_]|-[0-9])"


def _is_harmless(original: str) -> bool:
    """Return whether an original is a public word, or reads as a placeholder, so that it gives nothing away."""
    lower = original.lower()
    return lower in KINDS or lower in COLLECTIONS or is_public(original) or PLACEHOLDER.fullmatch(original) is not None


def _cleaned(value: Any, clean: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if is_array(value):
        return [_cleaned(one, clean) for one in value]
    return {name: _cleaned(one, clean) for name, one in value.items()} if is_object(value) else value


def _kind_of(operation: Operation | None) -> str:
    if operation is None or operation.name in _NAMELESS:
        return "name"
    return _NAMED.get(operation.name.rpartition(".")[0], "name")


def _is_public(operation: Operation | None, url: str, status: int | None) -> bool:
    """Return whether an answer is Microsoft's and the same for everybody."""
    if operation is None or status not in operation.answers:
        return False
    if operation.name in SAME_FOR_ALL:
        return True
    is_asset = operation.name.startswith("registry.") and operation.name != "registry.discovery"
    found = match(operation.method, url) if is_asset else None
    return found is not None and "registry" in found.names and found.names["registry"].lower() in REGISTRIES


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
