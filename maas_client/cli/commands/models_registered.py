"""`maas models registered`: the models of the workspace, such as the results of fine-tuning jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import Columns

if TYPE_CHECKING:
    from ...registered_models.registered_model import RegisteredModel


@click.command(
    cls=Command,
    help="""List the models registered in the workspace, such as the results of fine-tuning jobs, or the versions of
    NAME. `maas endpoints create --model NAME:VERSION` serves one.

    \b
    Example:
      maas models registered
    """,
)
@click.argument("name", required=False)
@list_options
@pass_session
def registered(session: Session, name: str | None) -> None:
    """List registered models."""
    with session.client() as maas:
        session.printer.listing(maas.models.list(name), COLUMNS, document=lambda model: model.model_dump(mode="json"))


COLUMNS: Columns[RegisteredModel] = {
    "model": lambda model: model.reference,
    "base model": lambda model: model.base_model,
    "job": lambda model: model.job,
    "created": lambda model: model.created_at[:19],
}
