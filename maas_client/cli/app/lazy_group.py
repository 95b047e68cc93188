"""Groups that import a subcommand when it runs or when its help is shown, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from .options import Command

CommandTable = Mapping[str, tuple[str, str]]
"""By name: the module of `commands` and the command in it (`jobs:show`), and its help in one line."""


class LazyGroup(Command, click.Group):
    """A group of commands that cost nothing until they are used."""

    def __init__(self, name: str, table: CommandTable, **settings: Any) -> None:
        super().__init__(name, subcommand_metavar="COMMAND [ARGS]...", **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: object = getattr(import_module(f"..commands.{module}", __package__), attribute)
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, importing none, and the options."""
        matches = [(name, help_) for name, (_, help_) in self.table.items() if name.startswith(incomplete)]
        found = [CompletionItem(name, help=help_) for name, help_ in matches]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was named, or name the nearest one."""
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            nearest = get_close_matches(name, self.table, 1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
            ctx.fail(f"there is no command {name!r}{hint}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help, on stderr, when nothing is asked for."""
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in self.table.items()])
