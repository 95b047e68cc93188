"""Values of the form that clients read, for placeholders of names that the service gave.

The id of a tuned model of Foundry has the id of its job within it: `ftjob-HEX` makes `MODEL.ft-HEX`, and clients find
the one by the other.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

from mock_server.core.json_values import Json, is_array, is_object, text
from mock_server.replay.exchange import RecordedExchange
from mock_server.replay.placeholders import PLACEHOLDER, Bindings

TUNED = re.compile(rf"\.ft-({PLACEHOLDER.pattern})")


def stand_ins(exchanges: Sequence[RecordedExchange]) -> Bindings:
    """Return what stands for placeholders from the start, because names depend on each other."""
    bindings = Bindings()
    for one in exchanges:
        for document in _objects((one.body or {}).get("json")):
            bindings = _with_tuned_model(document, bindings)
    return bindings


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
