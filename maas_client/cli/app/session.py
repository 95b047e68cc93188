"""The session of a command: its workspace and output settings, from the global options."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.errors import SettingsError
from ...core.redaction import redact
from ..output.printer import Output, Printer
from ..output.shell_lines import command_line

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...core.surfaces import Surface
    from ...job_files.job_file import JobFile
    from ...settings_choice import AnySettings
    from ...wire import BlockingWire


@dataclass(frozen=True, slots=True)
class Session:
    """The global options of one invocation.

    `wire` creates the HTTP transport. `scripted` marks commands that another command runs: those that they suggest
    leave out the workspace options. Without `live` no live view is drawn. `because` says why a surface was selected
    that no option names.
    """

    output: Output = "auto"
    subscription: str | None = None
    resource_group: str | None = None
    workspace: str | None = None
    endpoint: str | None = None
    surface: str | None = None
    foundry_endpoint: str | None = None
    quiet: bool = False
    debug: bool = False
    scripted: bool = False
    live: bool = True
    fields: tuple[str, ...] = ()
    no_truncate: bool = False
    wire: Callable[[], BlockingWire] | None = None
    because: str = ""

    @property
    def printer(self) -> Printer:
        """Return the printer for the output options."""
        return Printer(
            self.output,
            quiet=self.quiet,
            live=self.live,
            fields=self.fields,
            no_truncate=self.no_truncate,
        )

    def client(self, wire: BlockingWire | None = None) -> MaasClient:
        """Return a client for the selected workspace or account; close it, or use it in a `with` statement."""
        from ...client import MaasClient
        from .logging import configure

        configure(quiet=self.quiet, debug=self.debug)
        with self._explained():
            return MaasClient(
                subscription_id=self.subscription,
                resource_group=self.resource_group,
                workspace=self.workspace,
                endpoint=self.endpoint,
                surface=self.surface,
                foundry_endpoint=self.foundry_endpoint,
                wire=wire or (self.wire() if self.wire else None),
            )

    @property
    def workspace_options(self) -> dict[str, str | None]:
        """The options that select the workspace or account, by field."""
        names = ("subscription", "resource_group", "workspace", "endpoint", "surface", "foundry_endpoint")
        return {name: getattr(self, name) for name in names}

    def settings(self) -> AnySettings:
        """Return the settings of the selected workspace or account; raise SettingsError if one is missing."""
        from ...settings_choice import resolve

        with self._explained():
            return resolve(
                subscription_id=self.subscription,
                resource_group=self.resource_group,
                workspace=self.workspace,
                endpoint=self.endpoint,
                surface=self.surface,
                foundry_endpoint=self.foundry_endpoint,
                environ=os.environ,
                directory=Path.cwd(),
            )

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Let an error about a missing setting say why the surface was selected that needs it."""
        try:
            yield
        except SettingsError as error:
            if not self.because or not error.missing:
                raise
            raise SettingsError(f"{self.because}, but {error}", missing=error.missing) from None

    def platform(self) -> Surface:
        """Return the selected platform for a command that sends no request; Azure ML where nothing decides."""
        from ...azure.surface_choice import is_chosen

        try:
            return self._selected(self.surface)
        except SettingsError:
            if is_chosen(os.environ):
                raise
            return "azureml"  # both are selected, which only matters where a request is sent

    def _selected(self, surface: str | None) -> Surface:
        """Return the platform of this name, else the one that options and environment select."""
        from ...azure.surface_choice import choose_surface

        return choose_surface(
            surface,
            workspace=self.workspace,
            foundry_endpoint=self.foundry_endpoint,
            environ=os.environ,
            directory=Path.cwd(),
        )

    def new_wire(self) -> BlockingWire:
        """Return a new HTTP transport for a client of the selected workspace."""
        from ...client import blocking_wire

        return self.wire() if self.wire is not None else blocking_wire(self.settings())

    def job_name(self, reference: str) -> str:
        """Return a job's name from its name, id or URL; raise InvalidInput for a job that is somewhere else."""
        if "/" not in reference:
            return reference
        with self.client() as maas:
            return maas.jobs.name_of(reference)

    def for_job(self, job: JobFile) -> Session:
        """Return the session on the platform that a job asks for, or that trains its model.

        Options precede the job file, and MAAS_SURFACE what the model says.
        """
        from ...azure.surface_choice import is_chosen

        given = self.workspace or self.foundry_endpoint
        surface, because = self.surface or job.surface, ""
        if surface is None and not given and not is_chosen(os.environ):
            from ...catalog.surface_of_model import surface_of
            from ...core.surfaces import SURFACE_TITLES

            surface = job.wanted_surface
            what = job.model if job.model and surface_of(job.model) == surface else "the job's compute"
            because = f"{what} selects {SURFACE_TITLES[surface]}" if surface else ""
        with suppress(SettingsError):  # raised where both platforms are configured
            if surface == self._selected(None):
                return self  # the commands that are suggested do without the option
        return replace(self, surface=surface, because=because)

    def command(self, *words: str) -> str:
        """Return a command line that selects the same workspace."""
        named = {
            "--subscription": self.subscription,
            "--resource-group": self.resource_group,
            "--workspace": self.workspace,
            "--arm-url": self.endpoint,
            "--surface": self.surface,
            "--foundry-endpoint": self.foundry_endpoint,
        }
        given = [part for option, value in named.items() if value and not self.scripted for part in (option, value)]
        shown = [redact(word) if "://" in word else word for word in (*words, *given)]  # a URL may contain a SAS token
        return command_line(["maas", *shown])


pass_session = click.make_pass_decorator(Session, ensure=True)
