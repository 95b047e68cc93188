"""`maas models`: the models that can be tuned, on Azure ML and on Azure AI Foundry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ...core.errors import NotFound
from ..app.lazy_group import ListByDefault
from ..app.list_options import list_options
from ..app.options import Command, ExtendedOption
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from .model_rows import Model


models = ListByDefault(
    "models",
    {
        "list": ("models:list_", "List the models."),
        "show": ("models:show", "Show the details of a model."),
        "registered": ("models_registered:registered", "List, register and archive models of the workspace."),
    },
    help="""List the base models of both surfaces and their fine-tuning status. No request is sent without --live.

    \b
    Example:
      maas models
    """,
)

LIVE = click.option("--live", is_flag=True, help="Query Azure ML's live registry, which overrides the catalogue.")


@click.command(
    "list",
    cls=Command,
    help="""List the base models of Azure ML and Azure AI Foundry and their fine-tuning status.

    \b
    Example:
      maas models list --surface foundry --method dpo
      maas models list --live --output json
    """,
)
@click.option(
    "--surface",
    type=click.Choice(["azureml", "foundry"]),
    cls=ExtendedOption,
    help="Only models of this surface; those of both by default.",
)
@click.option(
    "--method",
    metavar="METHOD",
    help="Only models that can be tuned by this method: supervised, dpo or reinforcement.",
)
@LIVE
@list_options
@pass_session
def list_(session: Session, surface: str | None, method: str | None, live: bool) -> None:
    """List models."""
    from ...catalog.foundry_lookup import list_offers
    from ...catalog.lookup import list_models as catalogue
    from . import model_rows

    today = datetime.now(UTC).date()
    wanted, surface = None if method is None else _known_method(method), surface or session.surface
    of_both: tuple[Model, ...] = (*catalogue(), *list_offers())
    known = [
        model
        for model in sorted(of_both, key=lambda model: model_rows.is_over(model, today))
        if surface in (None, model_rows.surface(model)) and (wanted is None or wanted in model_rows.methods(model))
    ]
    session.printer.listing(
        with_registry_facts(session, known) if live else known,
        model_rows.columns(today),
        document=lambda model: model_rows.document(model, today),
        more=model_rows.more_columns(),
    )


def _known_method(name: str) -> str:
    """Return a method by any of its names; raise a usage error for an unknown one."""
    from ...catalog.tuning_methods import METHODS, method_named

    if found := method_named(name):
        return found
    message = f"--method: no method {name!r}. Methods are {', '.join(METHODS)}"
    raise click.UsageError(message, click.get_current_context())


@click.command(
    cls=Command,
    help="""Show the details of a model and their sources.

    \b
    Example:
      maas models show Phi-4-mini-instruct
      maas models show gpt-4.1-mini-2025-04-14
    """,
)
@click.argument("name")
@LIVE
@pass_session
def show(session: Session, name: str, live: bool) -> None:
    """Show a model."""
    from ...catalog.surface_of_model import find_on_any_surface
    from . import model_rows

    today = datetime.now(UTC).date()
    model = find_on_any_surface(name)
    if live:
        model = next(with_registry_facts(session, [model]))
    session.printer.record(model_rows.document(model, today), model_rows.shown_fields(model, today))


def with_registry_facts(session: Session, known: Iterable[Model]) -> Iterator[Model]:
    """Yield models updated from Azure ML's live registry; a model missing there is yielded unchanged."""
    from ...catalog.model_facts import ModelFacts
    from ...catalog.registry_document import with_registry

    known = list(known)
    if not any(isinstance(model, ModelFacts) for model in known):
        session.printer.note("Azure AI Foundry cannot be asked which models it tunes; the dated catalogue is shown")
        yield from known
        return
    with session.client() as maas:
        for model in known:
            if not isinstance(model, ModelFacts):
                yield model
                continue
            try:
                yield with_registry(model, maas.workspace.registry_model(model.name))
            except NotFound:
                session.printer.note(f"{model.name} is not in the registry")
                yield model
