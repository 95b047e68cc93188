"""What a verification has made, and its removal: in the reverse order, each thing whatever became of the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ..core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Made:
    """Something that was made, or may have been: a request for it was about to be sent.

    `remove` removes it, whether it is there or not, and returns once it is gone. `command` are the words of the
    command line that removes it.
    """

    kind: str
    name: str
    command: tuple[str, ...]
    remove: Callable[[], Awaitable[object]] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that could not be removed: why, and the words of the command that removes it."""

    kind: str
    name: str
    why: str
    command: tuple[str, ...]


async def remove_all(made: Sequence[Made], on_removal: Callable[[Made], object]) -> tuple[Leftover, ...]:
    """Remove what was made, the latest first; return what could not be removed.

    Ctrl-C ends it: what has not been removed by then is returned, too. Where an event loop ends it, that is reported in
    notes of what ended it.
    """
    left: list[Leftover] = []
    pending = list(made)
    while pending:
        one = pending[-1]
        try:
            with suppress(Exception):  # a failing callback cannot keep anything from being removed
                on_removal(one)
            await one.remove()
        except NotFound:
            pass
        except Exception as error:  # whatever it is, the other things are still to be removed
            left.append(Leftover(one.kind, one.name, f"{type(error).__name__}: {error}", one.command))
        except KeyboardInterrupt:
            left += [Leftover(each.kind, each.name, "interrupted", each.command) for each in reversed(pending)]
            break
        except BaseException as stop:
            for each in reversed(pending):
                stop.add_note(f"still there: {each.kind} {each.name}; maas {' '.join(each.command)}")
            raise
        pending.pop()
    return tuple(left)
