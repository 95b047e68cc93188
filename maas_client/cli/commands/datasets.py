"""`maas datasets`: the data assets of the workspace, or the files of the Foundry account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..app.confirm import YES, confirm
from ..app.lazy_group import LazyGroup
from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session
from ..app.views import ARCHIVED, INCLUDE_ARCHIVED, view_of
from ..output.printer import Columns, format_size

if TYPE_CHECKING:
    from ... import Dataset

datasets = LazyGroup(
    "datasets",
    {
        "list": ("datasets:list_", "List data assets, or the versions of one."),
        "show": ("datasets:show", "Show a data asset."),
        "delete": ("datasets:delete", "Delete versions of data assets; Azure ML archives them."),
        "restore": ("datasets:restore", "List archived versions of data assets again."),
    },
    help="""List, show and delete data assets. `maas upload` creates them, and `maas download` downloads their data.

    NAME:VERSION is a version; NAME@latest, and NAME alone, are the latest one.

    \b
    Example:
      maas datasets list
    """,
)


@click.command(
    "list",
    cls=Command,
    help="""List the data assets of the workspace with their latest versions, or the versions of NAME, newest first. On
    Foundry they are the account's files.

    \b
    Example:
      maas datasets list train
    """,
)
@click.argument("name", required=False)
@ARCHIVED
@INCLUDE_ARCHIVED
@list_options
@pass_session
def list_(session: Session, name: str | None, archived: bool, include_archived: bool) -> None:
    """List data assets."""
    with session.client() as maas:
        session.printer.listing(
            maas.datasets.list(name, view=view_of(archived=archived, include_archived=include_archived)),
            VERSIONS if name else ASSETS,
            document=lambda dataset: dataset.model_dump(mode="json"),
            more=OF_FILES,
        )


ASSETS: Columns[Dataset] = {
    "name": lambda dataset: dataset.name,
    "latest version": lambda dataset: dataset.version,
    "created": lambda dataset: dataset.created_at[:19],
}
VERSIONS: Columns[Dataset] = {
    "version": lambda dataset: f"{dataset.name}:{dataset.version}",
    "created": lambda dataset: dataset.created_at[:19],
    "archived": lambda dataset: "yes" if dataset.is_archived else "no",
    "uri": lambda dataset: dataset.uri,
}
OF_FILES: Columns[Dataset] = {
    "id": lambda dataset: dataset.id,
    "size": lambda dataset: format_size(dataset.size) if dataset.size else "",
    "status": lambda dataset: dataset.status,
}
"""What Foundry says of its files."""


@click.command(
    cls=Command,
    help="""Show a data asset: NAME:VERSION, or NAME for its latest version.

    \b
    Example:
      maas datasets show train@latest
    """,
)
@click.argument("name")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a data asset."""
    with session.client() as maas:
        dataset = maas.datasets.get(name)
    session.printer.record(
        dataset.model_dump(mode="json"),
        {
            "name": dataset.name,
            "version": dataset.version,
            "id": dataset.id,
            "uri": dataset.uri,
            "description": dataset.description,
            "archived": "yes" if dataset.is_archived else "",
            "size": format_size(dataset.size) if dataset.size else "",
            "status": dataset.status,
            "created": dataset.created_at,
        },
    )


@click.command(
    cls=Command,
    help="""Delete versions of data assets. NAME alone is the latest version.

    Azure Machine Learning archives them: they are no longer listed, their data is kept, because jobs refer to it, and
    `maas datasets restore` lists them again. Azure AI Foundry deletes the file with its content.

    \b
    Example:
      maas datasets delete train:3 --yes
    """,
)
@click.argument("names", metavar="NAME[:VERSION]...", nargs=-1, required=True)
@YES
@pass_session
def delete(session: Session, names: tuple[str, ...], yes: bool) -> None:
    """Delete data assets, or archive them."""
    with session.client() as maas:
        found = [maas.datasets.get(name) for name in dict.fromkeys(names)]
        if not yes:
            described = [f"version {each.version} of data asset {each.name}" for each in found]
            # What has an address is archived; a file has none.
            verb, outcome = ("Archive", "archived") if all(each.uri for each in found) else ("Delete", "deleted")
            confirm(verb, "versions", described, done=outcome)
        done = [maas.datasets.delete(each.name, each.version) for each in found]
    _print(session, done, single=len(names) == 1)


@click.command(
    cls=Command,
    help="""List archived versions of data assets again.

    \b
    Example:
      maas datasets restore train:3
    """,
)
@click.argument("names", metavar="NAME[:VERSION]...", nargs=-1, required=True)
@pass_session
def restore(session: Session, names: tuple[str, ...]) -> None:
    """Restore data assets."""
    with session.client() as maas:
        done = [maas.datasets.restore(name) for name in dict.fromkeys(names)]
    _print(session, done, "restored", single=len(names) == 1)


def _print(session: Session, done: list[Dataset], what: str = "", *, single: bool) -> None:
    for each in done:
        outcome = "archived; its data is kept" if each.is_archived else "deleted"
        session.printer.note(f"data asset {each.name}:{each.version} {what or outcome}")
    if session.printer.is_json:
        session.printer.documents([each.model_dump(mode="json") for each in done], single=single)
