"""Values of the form that clients read, for placeholders of names that the service gave.

The id of a tuned model of Foundry has the id of its job within it: `ftjob-HEX` makes `MODEL.ft-HEX`, and clients find
the one by the other.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

from mock_server.core.json_values import Json, is_array, is_object, text
from mock_server.replay.exchange import RecordedExchange
from mock_server.replay.placeholders import PLACEHOLDER, Bindings, placeholders_in
from mock_server.replay.requests import ReplayRequest

MOST_LOOKED_AT = 1 << 20
"""Bytes of a request's body that are looked at."""

TUNED = re.compile(rf"\.ft-({PLACEHOLDER.pattern})")


def stand_ins(exchanges: Sequence[RecordedExchange]) -> Bindings:
    """Return what stands for placeholders from the start, because names depend on each other."""
    bindings = Bindings()
    for one in exchanges:
        for document in _objects((one.body or {}).get("json")):
            bindings = _with_tuned_model(document, bindings)
    return bindings


def only_here(request: ReplayRequest, bindings: Bindings, start: Bindings) -> Sequence[str]:
    """Return the names in a request that no service knows, because only the cassette and its replay have them.

    Args:
        request: the request.
        bindings: what the placeholders stand for.
        start: what stood for placeholders from the start.
    """
    sent = f"{request.address.shown}\n{request.body[:MOST_LOOKED_AT].decode('utf-8', 'replace')}"
    as_recorded = {found[0] for found, key in placeholders_in(sent) if key in bindings.as_recorded}
    return sorted(as_recorded | {value for value in start.values.values() if value in sent})


def _with_tuned_model(document: Json, bindings: Bindings) -> Bindings:
    job, found = text(document, "id"), TUNED.search(text(document, "fine_tuned_model"))
    if found is None or not PLACEHOLDER.fullmatch(job):
        return bindings
    name = hashlib.md5(found[1].encode(), usedforsecurity=False).hexdigest()
    return bindings.with_value(found[1], name).with_value(job, f"ftjob-{name}")


def _objects(value: object) -> Iterator[Json]:
    if is_array(value):
        for one in value:
            yield from _objects(one)
    elif is_object(value):
        yield value
        for one in value.values():
            yield from _objects(one)
