"""Which recorded exchange answers a request: the first that fits, in the order of the recording.

What a resource shows depends on what changed it. A read therefore takes no exchange that was recorded before a change
that has been replayed already, and none that was recorded after a change that has not been replayed yet; a read that
is repeated more often than it was recorded gets its last answer again.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from mock_server.replay.addresses import Address
from mock_server.replay.exchange import RecordedExchange
from mock_server.replay.placeholders import PLACEHOLDER, Bindings, unified
from mock_server.replay.request_bodies import compared
from mock_server.replay.requests import ReplayRequest, is_reading

BLOCK_ID = "blockid"
"""The name in a query that differs with the content of a file, and whose number with its size."""
DEEPEST_ACTION = 2
"""Segments below a resource whose change changes what the resource shows."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address of a recording and a method, with its exchanges.

    Args:
        method: the HTTP method.
        address: where the exchanges went.
        indices: those of its exchanges that have an answer, in order.
        changes: if the method reads, indices of the exchanges that changed what is shown here.
    """

    method: str
    address: Address
    indices: Sequence[int]
    changes: Sequence[int]

    def present(self, done: frozenset[int]) -> tuple[int, int]:
        """Return between which indices exchanges show the place as it is after the changes that were replayed."""
        past = max((change for change in self.changes if change in done), default=-1)
        to_come = min((change for change in self.changes if change not in done), default=sys.maxsize)
        return past, to_come


@dataclass(frozen=True, slots=True)
class Chosen:
    """The exchange that answers a request, by its index, and the bindings that follow from both."""

    index: int
    bindings: Bindings


def places_in(exchanges: Sequence[RecordedExchange]) -> Sequence[Place]:
    """Return the places of a recording, in the order in which they were first used."""
    found = dict[tuple[str, Address], list[int]]()
    for index, one in enumerate(exchanges):
        if one.status is not None:
            found.setdefault((one.method, one.address), []).append(index)
    changing = {key: indices for key, indices in found.items() if not is_reading(*key)}
    return [
        Place(method, address, tuple(indices), _changes_of(address, changing) if is_reading(method, address) else ())
        for (method, address), indices in found.items()
    ]


def _changes_of(address: Address, changing: Mapping[tuple[str, Address], Sequence[int]]) -> Sequence[int]:
    """Return the indices of the exchanges that changed what an address shows, in order."""
    return sorted(
        index
        for (method, changed), indices in changing.items()
        if _is_shown_by(method, changed, address)
        for index in indices
    )


def _is_shown_by(method: str, change: Address, read: Address) -> bool:
    """Return whether a change of one address changes what another one shows."""
    changed, shown = change.segments, read.segments
    below = len(changed) - len(shown)
    if 0 <= below <= DEEPEST_ACTION:
        return changed[: len(shown)] == shown
    return below < 0 and method != "POST" and shown[: len(changed)] == changed


def choose(
    exchanges: Sequence[RecordedExchange],
    places: Sequence[Place],
    used: Sequence[int],
    request: ReplayRequest,
    bindings: Bindings,
) -> Chosen | None:
    """Return the exchange that answers a request; None if none does.

    Args:
        exchanges: those of the cassette, in order.
        places: the places in them.
        used: indices of the exchanges that have answered, in the order in which they did.
        request: the request.
        bindings: what the placeholders stand for so far.
    """
    done = frozenset(used)
    fitting = list[tuple[Place, Bindings]]()
    for place in places:
        if place.method == request.method:
            found = unified_address(place.address, request.address, bindings)
            fitting += [] if found is None else [(place, found)]
    every = sorted(((index, found) for place, found in fitting for index in place.indices), key=itemgetter(0))
    best = partial(_best, exchanges, request)
    unused = [(index, found) for index, found in every if index not in done]
    if not request.is_reading:
        return best(unused) or _last_block(every, request)
    present = {index: place.present(done) for place, _ in fitting for index in place.indices}
    known = dict(every)
    last = next((index for index in reversed(used) if index in known), None)
    again = None if last is None else Chosen(last, known[last])
    now = [(index, found) for index, found in unused if present[index][0] < index < present[index][1]]
    is_last_now = last is not None and present[last][0] < last < present[last][1]
    past = [(index, found) for index, found in unused if index < present[index][0]]
    return best(now) or (again if is_last_now else None) or best(past[-1:]) or again or best(unused)


def choose_lost(
    exchanges: Sequence[RecordedExchange], used: Sequence[int], request: ReplayRequest, bindings: Bindings
) -> Chosen | None:
    """Return the first exchange without an answer that a request fits, for one that nothing else answers."""
    for index, one in enumerate(exchanges):
        if one.status is None and one.method == request.method and index not in used:
            found = unified_address(one.address, request.address, bindings)
            if found is not None:
                return _best(exchanges, request, [(index, found)])
    return None


def _best(
    exchanges: Sequence[RecordedExchange], request: ReplayRequest, candidates: Sequence[tuple[int, Bindings]]
) -> Chosen | None:
    """Return the candidate whose body contradicts the request least; the first of several."""
    chosen, least = None, sys.maxsize
    for index, bindings in candidates:
        found = compared(exchanges[index].request_body, request, bindings)
        if found.contradictions < least:
            chosen, least = Chosen(index, found.bindings), found.contradictions
        if not least:
            break
    return chosen


def _last_block(every: Sequence[tuple[int, Bindings]], request: ReplayRequest) -> Chosen | None:
    """Return the last answer to a block of a file, of which a larger file has more than were recorded."""
    is_block = any(name == BLOCK_ID for name, _ in request.address.query)
    return Chosen(*every[-1]) if every and is_block else None


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
