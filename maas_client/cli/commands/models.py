"""`maas models`: the model catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields as dataclass_fields
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import NotFound
from ..app.lazy_group import LazyGroup
from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import ModelFacts


class _ListByDefault(LazyGroup):
    """A group that runs `list` if no command is given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named_or_help = any(word in self.table or word in {"--help", "-h", "--version"} for word in args)
        named = named_or_help or (args and not args[0].startswith("-"))
        return super().parse_args(ctx, args if named else ["list", *args])


models = _ListByDefault(
    "models",
    {
        "list": ("models:list_", "List the models."),
        "show": ("models:show", "Show the details of a model."),
        "registered": ("models_registered:registered", "List the models registered in the workspace."),
    },
    help="""List the base models and their fine-tuning status. No request is sent without --live.

    \b
    Example:
      maas models
    """,
)

LIVE = click.option("--live", is_flag=True, help="Query the live registry, which overrides the catalogue.")


@click.command(
    "list",
    cls=Command,
    help="""List the base models and their fine-tuning status.

    \b
    Example:
      maas models list --live --output json
    """,
)
@LIVE
@list_options
@pass_session
def list_(session: Session, live: bool) -> None:
    """List models."""
    from ... import ModelFacts
    from ...catalog.lookup import list_models as catalogue

    today = datetime.now(UTC).date()
    known = catalogue()
    session.printer.listing(
        with_registry_facts(session, known) if live else known,
        {
            "name": lambda facts: facts.name,
            "context": lambda facts: facts.context_tokens,
            "fine-tuning": lambda facts: state(facts, today),
            "regions": lambda facts: facts.finetune_regions,
            "successor": lambda facts: facts.successor,
        },
        document=lambda facts: _document(facts, today),
        more={field.name: attrgetter(field.name) for field in dataclass_fields(ModelFacts)},
    )


@click.command(
    cls=Command,
    help="""Show the details of a model and their sources.

    \b
    Example:
      maas models show Phi-4-mini-instruct
    """,
)
@click.argument("name")
@LIVE
@pass_session
def show(session: Session, name: str, live: bool) -> None:
    """Show a model."""
    from ...catalog.lookup import find_model

    today = datetime.now(UTC).date()
    facts = find_model(name)
    if live:
        facts = next(with_registry_facts(session, [facts]))
    session.printer.record(
        _document(facts, today),
        {
            "name": facts.name,
            "today": facts.status_line(today),
            "version": facts.version,
            "id": facts.registry_id(facts.version),
            "licence": facts.licence,
            "parameters": facts.parameters,
            "context": facts.context_tokens,
            "longest answer": facts.max_output_tokens,
            "fine-tuning": state(facts, today),
            "fine-tune regions": facts.finetune_regions,
            "deploy regions": facts.deploy_regions,
            "successor": facts.successor,
            "roles": facts.template.roles,
            "tools": "yes" if facts.template.tools else "no",
            "availability": facts.availability,
            "sources": [f"{source.document} ({source.date or 'no date'})" for source in facts.sources],
        },
    )


def state(facts: ModelFacts, today: date) -> str:
    """Return the serverless fine-tuning status of a model today."""
    if not facts.serverless_finetuning:
        return "never offered"
    if facts.finetune_retired(today) or facts.is_retired(today):
        ends = facts.finetune_until, facts.finetune_retirement, facts.inference_retirement
        return f"ended {min(end for end in ends if end is not None)}"
    if facts.finetune_from is not None and today < facts.finetune_from:
        return f"from {facts.finetune_from}"
    return f"until {facts.finetune_retirement}" if facts.finetune_retirement else "open"


def with_registry_facts(session: Session, known: Iterable[ModelFacts]) -> Iterator[ModelFacts]:
    """Yield models updated from the live registry; a model missing there is yielded unchanged."""
    from ...catalog.registry_document import with_registry

    with session.client() as maas:
        for facts in known:
            try:
                yield with_registry(facts, maas.workspace.registry_model(facts.name))
            except NotFound:
                session.printer.note(f"{facts.name} is not in the registry")
                yield facts


def _document(facts: ModelFacts, today: date) -> dict[str, Any]:
    return {**asdict(facts), "today": facts.status_line(today), "state": state(facts, today)}
