"""The pages of the command line: one for each command, with the text of its `--help`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from maas_client.cli import maas
from maas_client.cli.app.lazy_group import LazyGroup


def pages() -> dict[str, str]:
    """Return a page for every command, and an index page."""
    every = list(_commands(maas, ()))
    by_path = {f"commands/{'-'.join(path)}.md": _page(path, command) for path, command in every}
    names = "\n".join("-".join(path) for path, _ in every)
    by_path["commands/index.md"] = f"# Commands\n\n```{{toctree}}\n{names}\n```\n\n{_help((), maas)}\n"
    return by_path


def _commands(group: LazyGroup, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.table:
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, LazyGroup):
            yield from _commands(command, (*path, name))


def _page(path: tuple[str, ...], command: click.Command) -> str:
    return f"# maas {' '.join(path)}\n\n{_help(path, command)}\n"


def _help(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=" ".join(["maas", *path]), max_content_width=90, terminal_width=90)
    return f"```text\n{command.get_help(context)}\n```"
