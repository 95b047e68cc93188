"""`maas models registered`: the models of the workspace, such as the results of fine-tuning jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..app.lazy_group import ListByDefault
from ..app.list_options import list_options
from ..app.options import JOB, Command, key_value
from ..app.session import Session, pass_session
from ..app.views import ARCHIVED, INCLUDE_ARCHIVED, view_of
from ..output.printer import Columns

if TYPE_CHECKING:
    from ... import MaasClient
    from ...registered_models.registered_model import RegisteredModel

registered = ListByDefault(
    "registered",
    {
        "list": ("models_registered:list_", "List registered models, or the versions of one."),
        "show": ("models_registered:show", "Show a version of a model."),
        "register": ("models_registered:register", "Register the output of a job as a model."),
        "archive": ("models_registered:archive", "Archive versions, so that they are not listed."),
        "restore": ("models_registered:restore", "List archived versions again."),
    },
    takes_names=True,
    help="""List, register and archive the models of the workspace, such as the results of fine-tuning jobs.
    `maas models registered NAME` lists the versions of one.

    \b
    Example:
      maas models registered
      maas models registered show support-model:2
    """,
)


@click.command(
    "list",
    cls=Command,
    help="""List the models registered in the workspace, such as the results of fine-tuning jobs, or the versions of
    NAME. `maas endpoints create --model NAME:VERSION` serves one.

    \b
    Example:
      maas models registered list
    """,
)
@click.argument("name", required=False)
@ARCHIVED
@INCLUDE_ARCHIVED
@list_options
@pass_session
def list_(session: Session, name: str | None, archived: bool, include_archived: bool) -> None:
    """List registered models."""
    with session.client() as maas:
        found = maas.models.list(name, view=view_of(archived=archived, include_archived=include_archived))
        session.printer.listing(found, COLUMNS, document=_document)


@click.command(
    cls=Command,
    help="""Show a version of a registered model; NAME alone is its newest version.

    \b
    Example:
      maas models registered show support-model:2
    """,
)
@click.argument("model", metavar="NAME[:VERSION]")
@pass_session
def show(session: Session, model: str) -> None:
    """Show a registered model."""
    with session.client() as maas:
        _show(session, maas.models.get(model))


@click.command(
    cls=Command,
    help="""Register the output of a completed job as a version of a model, by default the next. The same output is
    registered once.

    Serverless jobs register their model themselves, and `maas jobs watch` registers that of a pipeline.

    \b
    Example:
      maas models registered register support-model --job pipeline-support
    """,
)
@click.argument("model", metavar="NAME[:VERSION]")
@click.option("--job", type=JOB, required=True, metavar="JOB", help="Completed job whose output is the model.")
@click.option("--named-output", metavar="NAME", help="Output of the job; by default the one that is a model.")
@click.option("--description", metavar="TEXT", help="What the model is.")
@click.option("--tag", "tags", type=key_value, metavar="KEY=VALUE", multiple=True, help="Tag; repeatable.")
@pass_session
def register(
    session: Session,
    model: str,
    job: str,
    named_output: str | None,
    description: str | None,
    tags: tuple[tuple[str, str], ...],
) -> None:
    """Register a model."""
    name, _, version = model.partition(":")
    with session.client() as maas:
        made = maas.models.register(
            name, job=job, output=named_output, version=version or None, tags=dict(tags), description=description
        )
    _show(session, made)
    session.printer.note(f"next: {session.command('endpoints', 'create', '--model', made.reference)}")


@click.command(
    cls=Command,
    help="""Archive versions of models: `maas models registered list` leaves them out. Nothing is deleted, endpoints
    keep serving them, and `maas models registered restore` lists them again. NAME alone is its newest version.

    \b
    Example:
      maas models registered archive support-model:1 support-model:2
    """,
)
@click.argument("models", metavar="NAME[:VERSION]...", nargs=-1, required=True)
@pass_session
def archive(session: Session, models: tuple[str, ...]) -> None:
    """Archive models."""
    _change(session, models, lambda maas, name: maas.models.archive(name))


@click.command(
    cls=Command,
    help="""List archived versions of models again.

    \b
    Example:
      maas models registered restore support-model:1
    """,
)
@click.argument("models", metavar="NAME[:VERSION]...", nargs=-1, required=True)
@pass_session
def restore(session: Session, models: tuple[str, ...]) -> None:
    """Restore models."""
    _change(session, models, lambda maas, name: maas.models.restore(name))


def _change(session: Session, models: tuple[str, ...], change: Callable[[MaasClient, str], RegisteredModel]) -> None:
    """Change each model, and print the models as they are then."""
    with session.client() as maas:
        changed = [change(maas, name) for name in dict.fromkeys(models)]
    if session.printer.is_json:
        session.printer.documents([_document(model) for model in changed], single=len(models) == 1)
        return
    rows = [[model.reference, "yes" if model.is_archived else "no"] for model in changed]
    session.printer.table(["model", "archived"], rows)


def _show(session: Session, model: RegisteredModel) -> None:
    """Print a version of a model."""
    shown = {
        "model": model.reference,
        "base model": model.base_model,
        "job": model.job,
        "type": model.kind,
        "files": model.uri,
        "description": model.description,
        "tags": model.tags,
        "archived": "yes" if model.is_archived else "",
        "created": model.created_at,
    }
    session.printer.record(_document(model), shown)


def _document(model: RegisteredModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


COLUMNS: Columns[RegisteredModel] = {
    "model": lambda model: model.reference,
    "base model": lambda model: model.base_model,
    "job": lambda model: model.job,
    "created": lambda model: model.created_at[:19],
}
