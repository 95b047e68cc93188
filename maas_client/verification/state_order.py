"""A state that goes back: what has ended, or is at work, and then is at its beginning without being asked."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.json_fields import text
from .seen import Seen
from .slowness import STATES
from .step_context import Violation

BACK = "state that goes back"
"""The kind of this difference."""

# Assumption: A job or a resource whose training or creation has begun does not wait again, and one that has ended stays
#   so until something is asked of it.
# Shown wrong by: A status that is before the one of the last answer, such as Queued after Running.
# Verified by: job to its end, pipeline job to its end, tuning job to its end, deploy
# If wrong: The verification reports the state; a wait goes on until the next end.
_BEGINNING = "notstarted starting provisioning preparing queued pending created validating_files creating accepted"
_AT_WORK = "running inprogress finalizing"
_ENDED = "completed failed canceled cancelled succeeded processed error"
_RANKS = {
    word: rank for rank, group in enumerate((_BEGINNING, _AT_WORK, _ENDED)) for word in group.split()
}  # states that are in none of the groups may follow any other, and any other may follow them


class StateOrder:
    """Remembers the last state of each resource, until something is asked of it."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], str] = {}

    def see(self, one: Seen) -> Iterator[Violation]:
        """Yield that the state of an answer is before the one that came last."""
        if not one.is_reading:
            self._forget(one.path, with_parts=one.operation.method == "DELETE")
        pointer = STATES.get(one.operation.name)
        if pointer is None or one.status != 200:
            return
        state = text(one.answer, *pointer.split("/")[1:])
        rank = _RANKS.get(state.lower())
        key = (one.operation.name, one.path)
        if rank is None:
            self._last.pop(key, None)
            return
        last = self._last.get(key, state)
        self._last[key] = state
        if rank < _RANKS[last.lower()]:
            yield Violation(one.step, pointer, f"no earlier state than {last}", state, BACK, one.operation.name)

    def _forget(self, path: str, *, with_parts: bool) -> None:
        """Forget the states of what a request may change: the resource, what it is part of, and its parts."""
        for key in list(self._last):
            if path.startswith(key[1]) or (with_parts and key[1].startswith(path)):
                self._last.pop(key, None)
