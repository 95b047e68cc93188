"""Command groups that import a subcommand only when it runs or its help is shown."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from .options import Command

CommandTable = Mapping[str, tuple[str, str]]
"""Command name to (`module:attribute` within `commands`, one-line help)."""


class LazyGroup(Command, click.Group):
    """A command group that imports its commands lazily."""

    def __init__(self, name: str, table: CommandTable, **settings: Any) -> None:
        super().__init__(name, subcommand_metavar="COMMAND [ARGS]...", **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in table order."""
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
        """Return the commands with this prefix, without importing them, and the options."""
        matches = [(name, help_) for name, (_, help_) in self.table.items() if name.startswith(incomplete)]
        found = [CompletionItem(name, help=help_) for name, help_ in matches]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the named command, or suggest the closest match."""
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            from difflib import get_close_matches  # imported here: a command that exists does not need it

            nearest = get_close_matches(name, self.table, 1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
            ctx.fail(f"no command {name!r}{hint}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without arguments, show the help on stderr and exit with 2."""
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command table without importing the commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in self.table.items()])


class ListByDefault(LazyGroup):
    """A group that runs `list` if no command is given; with `takes_names` an unknown word is an argument of it."""

    def __init__(self, name: str, table: CommandTable, *, takes_names: bool = False, **settings: Any) -> None:
        super().__init__(name, table, **settings)
        self._takes_names = takes_names

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` before the arguments where no command is named."""
        named_or_help = any(word in self.table or word in {"--help", "-h", "--version"} for word in args)
        named = named_or_help or (args and not args[0].startswith("-") and not self._takes_names)
        return super().parse_args(ctx, args if named else ["list", *args])
