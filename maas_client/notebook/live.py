"""The newest of what a wait tells, redrawn in place; a line for each where there is no notebook."""

from __future__ import annotations

from ..core.redaction import redact
from ..core.text import printable
from ..rendering.html import address, card
from .display import place


class Live:
    """Shows what it is given, in the cell that makes it: `maas.endpoints.wait(name, on_update=Live())`.

    It takes jobs, endpoints, views of jobs or anything else, from any thread.
    """

    def __init__(self) -> None:
        self._place = place(card("waiting"), "waiting")

    def __call__(self, value: object) -> None:
        """Show a value in the place of the last one."""
        draw = getattr(value, "_repr_html_", None)
        html = draw() if draw is not None else card("", f"<p>{address(value)}</p>")
        self._place.show(html, redact(printable(str(value))))
