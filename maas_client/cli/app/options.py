"""The global options, accepted before or after the command name; the last value wins."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from ..._version import __version__
from ..output.printer import is_sequence
from .help_text import HELP_NAMES, formatter_for, write_global_options
from .renamed_options import with_new_names
from .session import Session

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("auto", "table", "json", "jsonl")
"""The formats that every command can write its data in."""

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

FILE_METAVARS = frozenset({"FILE", "OUT", "FOLDER", "PATH"})
"""Metavariables whose values a shell completes as file names."""


class FileName(click.types.StringParamType):
    """A string that a shell completes as a file name."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Let the shell complete file names."""
        del ctx, param
        return [CompletionItem(incomplete, type="file")]


class ModelName(click.types.StringParamType):
    """A string that a shell completes as the name of a model in the catalogue."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the models whose names have this prefix."""
        del ctx, param
        from ...catalog.foundry_lookup import list_offers
        from ...catalog.lookup import list_models

        names = [*(facts.name for facts in list_models()), *(offer.name for offer in list_offers())]
        return [CompletionItem(name) for name in names if name.lower().startswith(incomplete.lower())]


def _complete_name(kind: str, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the names of jobs or endpoints with this prefix, as far as they are known without asking the service."""
    from . import refresh_names
    from .known_names import cache_for, known_names

    options = ctx.ensure_object(Session).workspace_options
    cache = cache_for(options, os.environ, Path.cwd())
    now = datetime.now(UTC).timestamp()
    names = known_names(kind, cache, now=now, refresh=partial(refresh_names.start, cache, options))
    given = {*(each for value in ctx.params.values() if is_sequence(value) for each in value)}
    return [CompletionItem(name) for name in names if name.startswith(incomplete) and name not in given]


class JobName(click.types.StringParamType):
    """The name of a job; an ARM id or a Studio URL becomes its name before the command runs."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the known jobs whose names have this prefix."""
        del param
        return _complete_name("jobs", ctx, incomplete)


class EndpointName(click.types.StringParamType):
    """The name of an endpoint."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the known endpoints whose names have this prefix."""
        del param
        return _complete_name("endpoints", ctx, incomplete)


JOB = JobName()
ENDPOINT = EndpointName()


class GlobalOption(click.Option):
    """An option that every command accepts."""


class ExtendedOption(GlobalOption):
    """A global option that accepts more values in one command, whose help shows it with the command's own options."""


class Command(click.Command):
    """A command that also accepts the global options; its help lists them after its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {name for param in self.params for name in param.opts}
        self.params += [option for option in _global_options() if own.isdisjoint(option.opts)]
        for param in self.params:
            if param.type is click.STRING and (param.metavar or "").strip("[].").split(" ")[0] in FILE_METAVARS:
                param.type = FileName()
            elif param.type is click.STRING and param.name == "model":
                param.type = ModelName()
            elif param.type is click.STRING and (param.metavar or "").strip("[].") == "ENDPOINT":
                param.type = ENDPOINT

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """Return the names of the help option."""
        del ctx
        return HELP_NAMES

    def get_help(self, ctx: click.Context) -> str:
        """Return the help in the terminal's width."""
        formatter = formatter_for(ctx)
        self.format_help(ctx, formatter)
        return formatter.getvalue().rstrip("\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, also those with former names of options."""
        return super().parse_args(ctx, with_new_names(ctx, self.params, args))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, with the names of jobs instead of their ids and URLs.

        Not when an argument is parsed: a global option after it may select another workspace.
        """
        read = ctx.ensure_object(Session).job_name
        for param in self.params:
            if param.type is JOB and param.name and (given := ctx.params[param.name]):
                ctx.params[param.name] = read(given) if isinstance(given, str) else tuple(map(read, given))
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global options."""
        params = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        folded = [param for param in params if type(param) is GlobalOption and ctx.parent is not None]
        records = [
            record for param in params if param not in folded and (record := param.get_help_record(ctx)) is not None
        ]
        with formatter.section("Options" if folded else "Global options"):
            formatter.write_dl(records)
        if folded:
            write_global_options(ctx, formatter, folded)


def key_value(text: str) -> tuple[str, str]:
    """Split KEY=VALUE."""
    key, mark, value = text.partition("=")
    if not (key and mark):
        raise click.BadParameter(f"{text!r} is not KEY=VALUE")
    return key, value


def store_in_session(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Store an option from the command line in the session of this context and its subcommands."""
    if param.name and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
        ctx.obj = replace(ctx.ensure_object(Session), **{param.name: value})


def _store_former_endpoint(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    """Store a Resource Manager URL that was given by the option's former name, and warn."""
    if value is not None:
        click.echo("warning: --endpoint is now called --arm-url; the former name will be removed", err=True)
        ctx.obj = replace(ctx.ensure_object(Session), endpoint=value)


def given_options(ctx: click.Context) -> list[str]:
    """Return the command's own options as given, as arguments for a new command line."""
    words: list[str] = []
    for param in ctx.command.params:
        name = param.name or ""
        if ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE or not isinstance(param, click.Option):
            continue
        if isinstance(param, GlobalOption):
            continue
        option, value = max(param.opts, key=len), ctx.params[name]
        for each in value if param.multiple else [value]:
            text = "=".join(map(str, each)) if is_sequence(each) else str(each)
            flag = max(param.secondary_opts, key=len) if param.secondary_opts and value is False else option
            words += [flag] if param.is_flag else [option, text]
    return words


def output_option(*more: str, help: str) -> Callable[[F], F]:  # noqa: A002 -- click's parameter name
    """Return an `--output` option with additional formats, passed to the command as `output`."""
    choice = click.Choice([*FORMATS, *more])
    return click.option("--output", "-o", type=choice, callback=_store_format, cls=ExtendedOption, help=help)


def _store_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Store a global format in the session; return the effective format."""
    if value in FORMATS:
        store_in_session(ctx, param, value)
    return value or ctx.ensure_object(Session).output


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"maas {__version__}")
        ctx.exit()


def _global_options() -> list[click.Parameter]:
    def option(*names: str, **settings: Any) -> GlobalOption:
        chosen: dict[str, Any] = {"expose_value": False, "callback": store_in_session} | settings
        return GlobalOption(names, **chosen)

    return [
        option(
            "--output",
            "-o",
            type=click.Choice(FORMATS),
            help="Output format; auto is a table on a terminal and plain text otherwise.",
        ),
        option("--subscription", metavar="ID", help="Azure subscription ID (AZURE_SUBSCRIPTION_ID)."),
        option("--resource-group", "-g", metavar="NAME", help="Resource group (AZURE_RESOURCE_GROUP)."),
        option("--workspace", "-w", metavar="NAME", help="Workspace (AZUREML_WORKSPACE_NAME)."),
        option("--arm-url", "endpoint", metavar="URL", help="Base URL of Azure Resource Manager (MAAS_ENDPOINT)."),
        option(
            "--surface",
            type=click.Choice(["azureml", "foundry"]),
            help="The platform, where both are configured (MAAS_SURFACE).",
        ),
        option("--foundry-endpoint", metavar="URL", help="Foundry project or account (FOUNDRY_ENDPOINT)."),
        option("--endpoint", "former_endpoint", hidden=True, callback=_store_former_endpoint),
        option("--quiet", "-q", is_flag=True, help="Print only data and errors."),
        option("--debug", is_flag=True, help="Log every request to stderr and show tracebacks."),
        option("--version", is_flag=True, is_eager=True, callback=_show_version, help="Show the version and exit."),
    ]
