"""Former names of options, which still work, hidden, and warn on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click


class RenamedOption(click.Option):
    """An option with former names, which help and completion leave out."""

    def __init__(self, *args: Any, former: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.former = tuple(former)


def with_new_names(ctx: click.Context, params: Iterable[click.Parameter], args: Sequence[str]) -> list[str]:
    """Return the arguments with former names of options replaced, and print a warning for each."""
    renamed = {old: param.opts[0] for param in params if isinstance(param, RenamedOption) for old in param.former}
    if not renamed:
        return list(args)
    end = args.index("--") if "--" in args else len(args)
    found: list[str] = []
    for word in args[:end]:
        name, mark, value = word.partition("=")
        if name in renamed and not ctx.resilient_parsing:
            click.echo(f"warning: {name} is now called {renamed[name]}; the old name will be removed", err=True)
        found.append(renamed.get(name, name) + mark + value)
    return [*found, *args[end:]]
