"""How help is laid out: in the terminal's width, with the global options folded to two lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

NARROWEST = 40
"""Width below which help is not wrapped any further."""

HELP_NAMES = ["-h", "--help"]


class HelpFormatter(click.HelpFormatter):
    """A formatter whose column of names leaves room for the text on a narrow terminal, too."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and their descriptions."""
        super().write_dl(rows, min(col_max, max(self.width - NARROWEST, 12)), col_spacing)


def formatter_for(ctx: click.Context) -> HelpFormatter:
    """Return a formatter as wide as the context's terminal, or as the terminal of this process."""
    from shutil import get_terminal_size  # here: only help needs it

    width = ctx.terminal_width or max(get_terminal_size().columns, NARROWEST)
    return HelpFormatter(width=width)


def write_global_options(
    ctx: click.Context, formatter: click.HelpFormatter, options: Sequence[click.Parameter]
) -> None:
    """Write the names of the global options: their descriptions are in the help of the root command."""
    shown = [_name(option) for option in options if isinstance(option, click.Option) and not option.hidden]
    command = ctx.find_root().info_name
    formatter.write_paragraph()
    text = click.wrap_text(
        f"Global options ({command} --help): {', '.join(shown)}", formatter.width, "", "  ", preserve_paragraphs=False
    )
    formatter.write(f"{text}\n")


def _name(option: click.Option) -> str:
    """Return the names of an option, with its choices."""
    name = "/".join(sorted(option.opts, key=len))
    return f"{name} {'|'.join(map(str, option.type.choices))}" if isinstance(option.type, click.Choice) else name
