"""`maas init`: choose a workspace among those that Resource Manager lists, and write config.json."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ...azure.settings import VARIABLES, find_config, read_config
from ...core.errors import SettingsError
from ...core.missing_names import names_there
from ...core.text import printable
from ..app.exit_codes import Failed
from ..app.options import EXISTING_FOLDER, Command
from ..app.session import Session, pass_session
from .workspace_choice import Place, candidates, commands_for, config_text, titles

if TYPE_CHECKING:
    from ...azure.workspace_values import Subscription
    from ...client import MaasClient

T = TypeVar("T")

ANY = "any"
"""In place of a setting while workspaces are listed: no request contains it."""

NOT_FOUND = 3


@click.command(
    cls=Command,
    help="""Choose a workspace and write config.json, which every command (and azure-ai-ml) reads in this folder and
    below it. On a terminal it asks where there is a choice; elsewhere the options have to leave one workspace.

    \b
    Example:
      maas init
      maas init -g rg-ml -w ws-ml
      maas init --subscription SUBSCRIPTION_ID -g rg-ml -w ws-ml --out-dir app
    """,
)
@click.option(
    "--out-dir",
    "folder",
    type=EXISTING_FOLDER,
    default=Path(),
    show_default="this folder",
    help="Folder to write config.json in.",
)
@click.option("--overwrite", "force", is_flag=True, help="Replace a config.json that selects another workspace.")
@pass_session
def init(session: Session, folder: Path, force: bool) -> None:
    """Write config.json."""
    given = _given(session, os.environ)
    place = Place(**given) if all(given.values()) else _choose(session, given)
    file = folder / "config.json"
    written = _write(file, place, force=force)
    if session.printer.is_json:
        session.printer.document({**place.document(), "path": str(file), "written": written})
    else:
        selects = "selects" if written else "already selects"
        session.printer.line(f"{file} {selects} workspace {place.workspace} in {place.resource_group}")
    found = find_config(folder.resolve())
    if found is not None and found != file.resolve():
        session.printer.note(f"warning: {found} takes precedence over {file}; remove it")
    session.printer.note("next: maas doctor")


def _given(session: Session, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the options, else of the environment, which would take precedence over the file."""
    options = {
        "subscription_id": session.subscription,
        "resource_group": session.resource_group,
        "workspace": session.workspace,
    }
    return {
        name: value or next((environ[each].strip() for each in VARIABLES[name] if environ.get(each)), "")
        for name, value in options.items()
    }


def _choose(session: Session, given: Mapping[str, str]) -> Place:
    """Return the workspace that the settings leave, or that the user chooses."""
    subscription, group, name = given["subscription_id"], given["resource_group"], given["workspace"]
    listing = replace(
        session, subscription=subscription or ANY, resource_group=group or ANY, workspace=name or ANY, scripted=True
    )
    with listing.client() as maas:
        subscriptions = [subscription] if subscription else _subscriptions(maas, narrow=not (group or name))
        found = [each for one in subscriptions for each in maas.workspace.list(one)]
    matching = candidates(found, resource_group=group, workspace=name)
    if not matching:
        wanted = f"workspace {name!r}" if name else "workspace"
        place = f" in resource group {group!r}" if group else ""
        where = f"subscription{'s' * (len(subscriptions) != 1)} {', '.join(subscriptions) or '(none)'}"
        others = [each.name for each in candidates(found)]
        there = f"; {names_there(name, others, order='first')}" if name and others else ""
        raise Failed(
            f"no {wanted}{place} in {where}{there}",
            code=NOT_FOUND,
            hint="try: maas init" if others else "try: az account list, az ml workspace list",
        )
    if len(matching) > 1 and not sys.stdin.isatty():
        lines = "\n".join(f"  {line}" for line in commands_for(matching))
        raise Failed(f"there are {len(matching)} workspaces; select one:\n{lines}", code=2)
    return Place.of(_ask("Workspace", matching, titles(matching)))


def _subscriptions(maas: MaasClient, *, narrow: bool) -> list[str]:
    """Return the enabled subscriptions; with `narrow`, on a terminal, only the one that the user chooses."""
    found: Sequence[Subscription] = [each for each in maas.workspace.subscriptions() if each.state != "Disabled"]
    if narrow and sys.stdin.isatty() and len(found) > 1:
        found = [_ask("Subscription", found, [f"{each.name}  {each.subscription_id}" for each in found])]
    return [each.subscription_id for each in found]


def _ask(what: str, choices: Sequence[T], lines: Sequence[str]) -> T:
    """Return the only choice, or the one whose number the user types."""
    if len(choices) == 1:
        return choices[0]
    for number, line in enumerate(lines, 1):
        click.echo(f"{number:>4}  {printable(line)}", err=True)
    number = click.prompt(f"{what} (1-{len(choices)})", type=click.IntRange(1, len(choices)), err=True)
    return choices[int(number) - 1]


def _write(file: Path, place: Place, *, force: bool) -> bool:
    """Write the file, unless it selects the workspace already; return whether it was written."""
    from ...datasets.atomic_file import new_file

    if file.is_file():
        try:
            selected = Place(**read_config(file))
            if selected == place:
                return False
            if not force:
                other = f"{file} selects another workspace, {printable(selected.workspace)!r}"
                raise Failed(other, code=2, hint="try: --overwrite, which replaces it")
        except SettingsError:
            if not force:
                raise
    with new_file(file, overwrite=force) as target:
        target.write(config_text(place).encode())
    return True
