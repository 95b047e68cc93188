"""Which recorded exchange answers a request: the first that fits, in the order of the recording.

What a resource shows depends on what changed it. A read therefore takes no exchange that was recorded before a change
that has been replayed already, and none that was recorded after a change that has not been replayed yet; a read that
is repeated more often than it was recorded gets its last answer again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.replay.addresses import Address
from mock_server.replay.exchange import RecordedExchange
from mock_server.replay.placeholders import PLACEHOLDER, Bindings, unified
from mock_server.replay.request_bodies import Compared, compared
from mock_server.replay.requests import ReplayRequest, is_reading

BLOCK_ID = "blockid"
"""The name in a query that differs with the content of a file, and whose number with its size."""
DEEPEST_ACTION = 2
"""Segments below a resource whose change changes what the resource shows."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An exchange whose method and address fit a request, with the bindings that follow."""

    exchange: RecordedExchange
    compared: Compared


def fits(exchange: RecordedExchange, request: ReplayRequest, bindings: Bindings) -> Candidate | None:
    """Return an exchange as a candidate for a request; None if its method or address differ."""
    if exchange.method != request.method:
        return None
    found = unified_address(exchange.address, request.address, bindings)
    if found is None:
        return None
    return Candidate(exchange, compared(exchange.request_body, request, found))


def unified_address(recorded: Address, given: Address, bindings: Bindings) -> Bindings | None:
    """Return the bindings with which a recorded address is a given one; None if it cannot be."""
    if len(recorded.segments) != len(given.segments) or len(recorded.query) != len(given.query):
        return None
    before = ""
    for template, segment in zip(recorded.segments, given.segments, strict=True):
        if (found := unified(template, segment, bindings, before=before)) is None:
            return None
        bindings, before = found, template
    return _unified_query(recorded, given, bindings)


def _unified_query(recorded: Address, given: Address, bindings: Bindings) -> Bindings | None:
    """Do the same for the queries: parameters in any order; those whose names are placeholders take what is left."""
    left = list(given.query)
    named = [pair for pair in recorded.query if not PLACEHOLDER.search(pair[0])]
    others = [pair for pair in recorded.query if PLACEHOLDER.search(pair[0])]
    for name, template in [*named, *others]:
        is_named = (name, template) in named
        match = next((pair for pair in left if not is_named or pair[0].lower() == name.lower()), None)
        if match is None:
            return None
        left.remove(match)
        found = bindings if is_named else unified(name, match[0], bindings)
        if found is not None and name != BLOCK_ID and template != match[1]:
            found = unified(template, match[1], found)
        if found is None:
            return None
        bindings = found
    return bindings


@dataclass(frozen=True, slots=True)
class Changes:
    """For each exchange, by its index: the indices of the changes that decide what it shows."""

    of: Sequence[Sequence[int]]


def changes_in(exchanges: Sequence[RecordedExchange]) -> Changes:
    """Find the changes that each read of a recording depends on."""
    changing = [
        (index, one) for index, one in enumerate(exchanges) if not is_reading(one.method, one.address) and one.status
    ]
    return Changes(
        [
            [index for index, change in changing if _is_shown_by(change, one)]
            if is_reading(one.method, one.address)
            else []
            for one in exchanges
        ]
    )


def _is_shown_by(change: RecordedExchange, read: RecordedExchange) -> bool:
    changed, shown = change.address.segments, read.address.segments
    below = len(changed) - len(shown)
    if 0 <= below <= DEEPEST_ACTION:
        return tuple(changed[: len(shown)]) == tuple(shown)
    return below < 0 and change.method != "POST" and tuple(shown[: len(changed)]) == tuple(changed)


def choose(
    exchanges: Sequence[RecordedExchange],
    changes: Changes,
    used: Sequence[int],
    request: ReplayRequest,
    bindings: Bindings,
) -> tuple[int, Candidate] | None:
    """Return the index of the exchange that answers a request, as a candidate; None if none does.

    Args:
        exchanges: those of the cassette, in order.
        changes: the changes that its reads depend on.
        used: indices of the exchanges that have answered, in the order in which they did.
        request: the request.
        bindings: what the placeholders stand for so far.
    """
    done = frozenset(used)
    found = [(index, fits(one, request, bindings)) for index, one in enumerate(exchanges) if one.status is not None]
    fitting = [(index, one) for index, one in found if one is not None]
    unused = [(index, one) for index, one in fitting if index not in done]
    if not request.is_reading:
        return _best(unused) or _last_block(fitting, request)
    when = {index: _time_of(index, changes.of[index], done) for index, _ in fitting}
    last = next(((i, one) for i in reversed(used) for j, one in fitting if i == j), None)
    return (
        _best([pair for pair in unused if when[pair[0]] == "now"])
        or (last if last is not None and when[last[0]] == "now" else None)
        or next(iter([pair for pair in reversed(unused) if when[pair[0]] == "past"]), None)
        or last
        or _best(unused)
    )


def _time_of(index: int, changes: Sequence[int], done: frozenset[int]) -> str:
    """Return whether what an exchange shows is past, now or still to come, by the changes that were replayed."""
    if any(change > index and change in done for change in changes):
        return "past"
    return "to come" if any(change < index and change not in done for change in changes) else "now"


def _best(candidates: Sequence[tuple[int, Candidate]]) -> tuple[int, Candidate] | None:
    """Return the candidate whose body contradicts the request least; the first of several."""
    return min(candidates, key=lambda pair: pair[1].compared.contradictions, default=None)


def _last_block(fitting: Sequence[tuple[int, Candidate]], request: ReplayRequest) -> tuple[int, Candidate] | None:
    """Return the last answer to a block of a file, of which a larger file has more than were recorded."""
    is_block = any(name == BLOCK_ID for name, _ in request.address.query)
    return fitting[-1] if fitting and is_block else None
