"""A request that fits no exchange of a cassette, and which ones are nearest."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mock_server.replay.addresses import Address
from mock_server.replay.choice import Place, unified_address
from mock_server.replay.exchange import RecordedExchange, shortened
from mock_server.replay.placeholders import Bindings, filled, placeholders_in
from mock_server.replay.requests import ReplayRequest

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Nearest:
    """An exchange that nearly fits a request, and why it does not."""

    exchange: RecordedExchange
    why: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A request that fits no exchange; `nearest` are the exchanges that come closest to it."""

    request: ReplayRequest
    nearest: Sequence[Nearest]

    @property
    def sentence(self) -> str:
        """Return what was asked, what the cassette has instead, and what to do."""
        asked = f"{self.request.method} {shortened(self.request.address.shown)}"
        if not self.nearest:
            return f"{asked} fits no exchange of the cassette, which has none of this kind. Record it again."
        listed = "; ".join(f"{near.exchange.named}: {near.why}" for near in self.nearest)
        advice = "Repeat the recorded work, or record it again."
        return f"{asked} fits no exchange of the cassette. Nearest: {listed}. {advice}"


def unmatched_by(
    exchanges: Sequence[RecordedExchange],
    places: Sequence[Place],
    used: Sequence[int],
    request: ReplayRequest,
    bindings: Bindings,
) -> Unmatched:
    """Return the unmatched of a request, with the exchanges that come nearest to it, best first."""
    asked = request.address.shown
    lost = [one for one in exchanges if one.status is None]
    recorded = [exchanges[place.indices[-1]] for place in places] + lost
    ranked = sorted(
        recorded,
        key=lambda one: (
            one.method != request.method,
            -SequenceMatcher(None, filled(one.address.shown, bindings), asked, autojunk=False).ratio(),
        ),
    )
    done = {exchanges[index].n for index in used}
    nearest = [Nearest(one, _why(one, one.n in done, request, bindings)) for one in ranked[:MOST_NAMED]]
    return Unmatched(request, nearest)


def _why(exchange: RecordedExchange, is_used: bool, request: ReplayRequest, bindings: Bindings) -> str:
    if exchange.method != request.method:
        return f"its method is {exchange.method}"
    if exchange.status is None:
        return "no answer to it was recorded"
    if unified_address(exchange.address, request.address, bindings) is not None:
        return "it was answered already" if is_used else "it fits"
    if unified_address(exchange.address, request.address, Bindings()) is not None:
        names = {found[0]: bindings.values.get(key) for found, key in placeholders_in(exchange.address.shown)}
        known = [f"{name} stands for {value!r}" for name, value in sorted(names.items()) if value is not None]
        return f"{', '.join(known)} in this replay"
    path, asked = (Address(one.segments, ()) for one in (exchange.address, request.address))
    if unified_address(path, asked, Bindings()) is None:
        return "its path is another one"
    mine, others = dict(exchange.address.query), dict(request.address.query)
    different = [name for name in sorted(mine.keys() | others.keys()) if mine.get(name) != others.get(name)]
    return f"its query has {', '.join(f'{name}={mine[name]}' if name in mine else f'no {name}' for name in different)}"
