"""What the global options come to: which workspace a command works in, and how it speaks."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ...core.redaction import redact
from ..output.printer import Output, Printer

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...wire import BlockingWire


@dataclass(frozen=True, slots=True)
class Session:
    """The global options of one call.

    `wire` makes what carries the requests. `scripted` commands are another command's: nothing moves on the screen, and
    the workspace goes without saying.
    """

    output: Output = "auto"
    subscription: str | None = None
    resource_group: str | None = None
    workspace: str | None = None
    endpoint: str | None = None
    quiet: bool = False
    debug: bool = False
    scripted: bool = False
    wire: Callable[[], BlockingWire] | None = None

    @property
    def printer(self) -> Printer:
        """Return what puts values and notes where they belong."""
        return Printer(self.output, quiet=self.quiet, live=not self.scripted)

    def client(self, wire: BlockingWire | None = None) -> MaasClient:
        """Return a client for the workspace that was named; close it, or use it with `with`."""
        from ...client import MaasClient
        from .logging import configure

        configure(quiet=self.quiet, debug=self.debug)
        return MaasClient(
            subscription_id=self.subscription,
            resource_group=self.resource_group,
            workspace=self.workspace,
            endpoint=self.endpoint,
            wire=wire or (self.wire() if self.wire else None),
        )

    def command(self, *words: str) -> str:
        """Write a command line that works in the same workspace."""
        named = {
            "--subscription": self.subscription,
            "--resource-group": self.resource_group,
            "--workspace": self.workspace,
            "--endpoint": self.endpoint,
        }
        given = [part for option, value in named.items() if value and not self.scripted for part in (option, value)]
        shown = [redact(word) if "://" in word else word for word in (*words, *given)]  # an address may be signed
        return shlex.join(["maas", *shown])


pass_session = click.make_pass_decorator(Session, ensure=True)
