"""Plays a cassette: takes a request, and returns the next state with an answer, or why nothing fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mock_server.replay import answers
from mock_server.replay.answers import Answer
from mock_server.replay.choice import Chosen, choose, choose_lost, places_in
from mock_server.replay.exchange import Cassette, RecordedExchange
from mock_server.replay.placeholders import Bindings, placeholders_in
from mock_server.replay.requests import ReplayRequest
from mock_server.replay.stand_ins import stand_ins
from mock_server.replay.unmatched import Unmatched, unmatched_by
from mock_server.replay.uploads import Uploads

BLOB = ".blob"


@dataclass(frozen=True, slots=True)
class ReplayState:
    """Where a replay is.

    Args:
        bindings: what the placeholders stand for so far.
        used: indices of the exchanges that have answered, in the order in which they did.
        uploads: the files that were uploaded.
    """

    bindings: Bindings = field(default_factory=Bindings)
    used: Sequence[int] = ()
    uploads: Uploads = field(default_factory=Uploads)


@dataclass(frozen=True, slots=True)
class Lost:
    """A request whose answer never came in the recording, such as after a broken connection."""

    exchange: RecordedExchange


class Player:
    """A cassette with what is known of it beforehand; `start` is the state to begin with, and it keeps none itself."""

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self._places = places_in(cassette.exchanges)
        self._accounts = dict(accounts_of(cassette.exchanges))
        self._chosen = frozenset(chosen_by_programs(cassette.exchanges))
        self.start = ReplayState(stand_ins(cassette.exchanges))

    def play(self, state: ReplayState, request: ReplayRequest) -> tuple[ReplayState, Answer | Lost | Unmatched]:
        """Answer a request.

        Args:
            state: where the replay is.
            request: the request.

        Returns:
            Where it is after the request, and the answer, or that its answer was lost in the recording as well; or the
            same state, and why nothing fits.
        """
        exchanges = self.cassette.exchanges
        chosen = choose(exchanges, self._places, state.used, request, state.bindings)
        if chosen is not None:
            return self._answered(state, request, chosen)
        if (lost := choose_lost(exchanges, state.used, request, state.bindings)) is not None:
            used = (*state.used, lost.index)
            return replace(state, bindings=lost.bindings, used=used), Lost(exchanges[lost.index])
        return state, unmatched_by(exchanges, self._places, state.used, request, state.bindings)

    def _answered(self, state: ReplayState, request: ReplayRequest, chosen: Chosen) -> tuple[ReplayState, Answer]:
        exchange, bindings = self.cassette.exchanges[chosen.index], chosen.bindings
        is_done = 200 <= (exchange.status or 0) < 300
        uploads = state.uploads.after(request) if is_done else state.uploads
        made = answers.answer(exchange, request, bindings, uploads, self._accounts)
        uploads = uploads.with_file(request, made.body) if is_done and request.method == "POST" else uploads
        left = answers.left_as_recorded(exchange, bindings)
        seen = bindings.with_seen(key for key in left if key not in self._chosen)
        used = state.used if chosen.index in state.used else (*state.used, chosen.index)
        return replace(state, bindings=seen, used=used, uploads=uploads), made

    def unused(self, state: ReplayState) -> Sequence[RecordedExchange]:
        """Return the exchanges with an answer that no request has asked for."""
        return [
            one
            for index, one in enumerate(self.cassette.exchanges)
            if one.status is not None and index not in state.used
        ]


def accounts_of(exchanges: Sequence[RecordedExchange]) -> Iterator[tuple[str, str]]:
    """Yield the containers of a recording with the storage account that each is in, the first to be seen last."""
    for one in reversed(exchanges):
        account, *below = one.address.segments
        if account.endswith(BLOB) and below:
            yield below[0], account.removesuffix(BLOB)


def chosen_by_programs(exchanges: Sequence[RecordedExchange]) -> Iterator[str]:
    """Yield the placeholders of what was created under a name of the program's choice.

    An answer may have the same word before, for something else. It does not say what the program will call its own.
    """
    for one in exchanges:
        if one.method == "PUT":
            path = one.address.segments
            for segment in path[2:] if path[0].endswith(BLOB) else path[-1:]:
                yield from (key for _, key in placeholders_in(segment))
