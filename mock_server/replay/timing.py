"""The time of a recording: when it began, and a clock that follows it and the waits of the client."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from mock_server.core.json_values import Json, is_array, is_object
from mock_server.replay.exchange import Cassette

CREATED = frozenset({"createdAt", "lastModifiedAt", "createdTime", "lastModifiedTime", "created_at", "created"})
"""Members with a time that was past when the answer was sent."""


def began_at(cassette: Cassette) -> float | None:
    """Return when a recording began, in seconds since 1970.

    It is taken from the Date of its answers, else by the times at which resources were created; None without either.
    """
    dated = ((one.ended, _date(one.headers.get("date", ""))) for one in cassette.exchanges)
    first = min(((ended, date) for ended, date in dated if date is not None), default=None)
    if first is not None:
        return first[1] - first[0]
    ended = [(one, (one.body or {}).get("json")) for one in cassette.exchanges]
    return max((time - one.ended for one, body in ended for time in _created(body)), default=None)


class ReplayClock:
    """The clock of a replay: it stands still but for the waits of the client and the recorded times of answers."""

    def __init__(self, start: float) -> None:
        self._start = self._now = start

    @property
    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let a wait pass."""
        self._now += seconds

    def answered(self, ended: float) -> None:
        """Be at least at the time of the recording at which an answer was complete."""
        self._now = max(self._now, self._start + ended)

    def restart(self) -> None:
        """Begin again at the start of the recording."""
        self._now = self._start


def _date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _created(value: object) -> Iterator[float]:
    if is_array(value):
        for one in value:
            yield from _created(one)
    elif is_object(value):
        for name, inner in value.items():
            if name in CREATED and (time := _time(inner)) is not None:
                yield time
            elif is_object(inner) or is_array(inner):
                yield from _created(inner)


def _time(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 1e9 < value < 1e10 else None
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def clock_document(clock: ReplayClock) -> Json:
    """Return the clock as its route shows it."""
    return {"mode": "virtual", "scale": 0.0, "step_on_poll": 0.0, "now": float(clock.now), "workspaces": []}
