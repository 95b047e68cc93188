"""What is seen of a whole job while it is done: a list of its steps on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from ...core.errors import MaasError
from ..app.session import Session
from ..output.printer import Ticker, show

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...transfers.progress import TransferProgress
    from ...workflow.steps import Step, StepUpdate


@dataclass(frozen=True, slots=True)
class View:
    """A client, and what takes note of steps, of how far an upload is, and of what else there is to say."""

    maas: MaasClient
    saw: Callable[[StepUpdate], None]
    sends: Callable[[TransferProgress], None]
    say: Callable[[str], None]


@contextmanager
def view(session: Session, until: Step) -> Generator[View]:
    """Give what shows the work: a list on a terminal that can be drawn on, lines elsewhere."""
    note = session.printer.note
    if not session.printer.is_live or session.debug:
        with session.client() as maas:  # no bar: it would be drawn between the lines
            yield View(maas, partial(_tell, session), partial(show, Ticker("data", note)), note)
        return
    from ...wire import BlockingWire
    from ...workflow.steps import STEPS
    from ..app.logging import listening
    from .run_checklist import Checklist, checklist
    from .watch_view import EVERY

    shown = Checklist(STEPS[: STEPS.index(until) + 1])

    def look() -> None:
        """Fetch the loss; a view that cannot be fed goes on with what it has."""
        if shown.is_training:
            with suppress(MaasError):
                shown.metrics = maas.jobs.metrics(shown.job.name)

    wire = session.wire() if session.wire is not None else BlockingWire()
    wire.look_around(look, every=EVERY)
    with session.client(wire) as maas, listening(shown.says), checklist(shown):
        yield View(maas, shown.saw, shown.sends, shown.says)


def _tell(session: Session, update: StepUpdate) -> None:
    """Write a line when a step is done, and when what it waits for has changed."""
    if update.state == "began" or (update.step, update.state) == ("upload", "goes on"):
        return
    words = " ".join(update.text.split()) + (" (already there)" if update.already else "")
    session.printer.note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {update.step:<6}  {words}")
