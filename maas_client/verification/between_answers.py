"""What has to hold between a request and its answer, and from one answer to the next, whatever the step."""

from __future__ import annotations

from collections.abc import Iterator

from .page_order import PageOrder
from .refusals import refusal
from .returned_fields import not_returned
from .same_service import foreign_links
from .seen import seen
from .state_order import StateOrder
from .step_context import Violation
from .stream_end import stream_end
from .watching_wire import Exchange


class BetweenAnswers:
    """Compares each exchange of a verification with those before it."""

    def __init__(self) -> None:
        self._states, self._pages = StateOrder(), PageOrder()

    def see(self, step: str, exchange: Exchange) -> Iterator[Violation]:
        """Yield what does not hold."""
        one = seen(step, exchange)
        if one is None:
            return
        yield from self._states.see(one)
        yield from self._pages.see(one)
        yield from refusal(one)
        if one.status < 400:
            yield from not_returned(one)
            yield from foreign_links(one)
            yield from stream_end(one)
