"""`maas endpoints list`, `show`, `keys` and `delete`: endpoints of every kind, and the group of all its commands."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

import click

from ...core.errors import NotFound
from ..app.confirm import YES, confirm
from ..app.endpoint_names import find_endpoint
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.lazy_group import LazyGroup
from ..app.list_options import list_options
from ..app.options import ENDPOINT, Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import Endpoint, MaasClient

endpoints = LazyGroup(
    "endpoints",
    {
        "create": ("endpoints_create:create", "Deploy a base model or a tuned model."),
        "list": ("endpoints:list_", "List the endpoints."),
        "show": ("endpoints:show", "Show an endpoint."),
        "keys": ("endpoints:keys", "Print an endpoint's keys, or regenerate one."),
        "scale": ("endpoints_online:scale", "Change how many machines serve an online endpoint."),
        "traffic": ("endpoints_online:traffic", "Divide the requests to an online endpoint."),
        "logs": ("endpoints_online:logs", "Print the log of an online endpoint's container."),
        "delete": ("endpoints:delete", "Delete endpoints."),
    },
    help="""Create, list and delete endpoints: on Azure ML serverless ones, and online ones on your own compute; on
    Foundry deployments.

    \b
    Example:
      maas endpoints list
    """,
)


def show_endpoint(session: Session, endpoint: Endpoint) -> None:
    """Print an endpoint, and what to know of its costs and life."""
    session.printer.record(
        endpoint.model_dump(mode="json"),
        {
            "name": endpoint.name,
            "state": endpoint.state.value,
            "provisioning": endpoint.provisioning_state.value,
            "model": endpoint.model,
            "model id": endpoint.model_id if endpoint.model_id != endpoint.model else "",
            **endpoint.facts,
            "scoring url": endpoint.scoring_url,
            "authentication": endpoint.auth_mode,
            "location": endpoint.location,
            "tags": endpoint.tags,
            "created": endpoint.created_at,
        },
    )
    for note in endpoint.notes:
        session.printer.note(note)


@click.command(
    "list",
    cls=Command,
    help="""List the endpoints of the workspace, or the deployments of the Foundry account.

    \b
    Example:
      maas endpoints list --output jsonl
    """,
)
@list_options
@pass_session
def list_(session: Session) -> None:
    """List endpoints."""
    with session.client() as maas:
        listed = iter(maas.endpoints.list())
        first = next(listed, None)
        found = listed if first is None else chain([first], listed)
        session.printer.listing(found, _columns(first), document=_document, more=_fields(first))


def _columns(first: Endpoint | None) -> dict[str, Callable[[Endpoint], str]]:
    """Return the columns of a list, with those that its platform adds; they follow from the first endpoint."""

    def fact(title: str) -> Callable[[Endpoint], str]:
        return lambda endpoint: endpoint.facts.get(title, "")

    return {
        "name": lambda endpoint: endpoint.name,
        "state": lambda endpoint: endpoint.state.value,
        "provisioning": lambda endpoint: endpoint.provisioning_state.value,
        "model": lambda endpoint: endpoint.model,
        **{title: fact(title) for title in (first.facts if first is not None else ())},
        "created": lambda endpoint: endpoint.created_at[:19],
    }


def _fields(first: Endpoint | None) -> dict[str, Callable[[Endpoint], object]]:
    """Return the fields that --fields may name."""
    from ... import Endpoint  # here: the help of the commands does not need it

    kind = Endpoint if first is None else type(first)
    return {name: attrgetter(name) for name in kind.model_fields}


def _document(endpoint: Endpoint) -> dict[str, object]:
    return endpoint.model_dump(mode="json")


@click.command(
    cls=Command,
    help="""Show an endpoint.

    \b
    Example:
      maas endpoints show support
    """,
)
@click.argument("name", type=ENDPOINT)
@pass_session
def show(session: Session, name: str) -> None:
    """Show an endpoint."""
    with session.client() as maas:
        show_endpoint(session, find_endpoint(session, maas, name))


@click.command(
    cls=Command,
    help="""Print an endpoint's keys. Both are valid, so that one can be regenerated while the other is in use. Of an
    online endpoint that takes tokens of the workspace, print a token.

    \b
    Example:
      maas endpoints keys support --regenerate secondary
    """,
)
@click.argument("name", type=ENDPOINT)
@click.option("--regenerate", type=click.Choice(["primary", "secondary"]), help="Regenerate this key, then print both.")
@pass_session
def keys(session: Session, name: str, regenerate: Literal["primary", "secondary"] | None) -> None:
    """Print keys."""
    with session.client() as maas:
        endpoint = find_endpoint(session, maas, name)
        name = endpoint.name
        if endpoint.auth_mode.lower() == "amltoken":
            _print_token(session, maas, name)
            return
        if regenerate:
            found = maas.endpoints.regenerate_key(name, secondary=regenerate == "secondary")
        else:
            found = maas.endpoints.keys(name)
    both = {"primary": found.primary, "secondary": found.secondary}
    session.printer.record(both, both)
    if not any(both.values()):
        session.printer.note(f"endpoint {name} has no keys")


def _print_token(session: Session, maas: MaasClient, name: str) -> None:
    found = maas.endpoints.token(name)
    shown = {"token": found.token, "expires": found.expires.isoformat() if found.expires else None}
    session.printer.record(shown, shown)


@click.command(
    cls=Command,
    help="""Delete endpoints, one after the other, and wait until they are gone; the models are kept. With
    --deployment, delete one deployment of an online endpoint.

    \b
    Example:
      maas endpoints delete support support-base --yes
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=ENDPOINT)
@YES
@click.option("--missing-ok", is_flag=True, help="Ignore names that no endpoint has.")
@click.option("--deployment", metavar="NAME", help="Delete only this deployment of an online endpoint.")
@pass_session
def delete(session: Session, names: tuple[str, ...], yes: bool, missing_ok: bool, deployment: str | None) -> None:
    """Delete endpoints."""
    if deployment is not None:
        _delete_deployment(session, names, deployment, yes=yes, missing_ok=missing_ok)
        return
    with session.client() as maas:
        found = [endpoint for name in dict.fromkeys(names) if (endpoint := _get(session, maas, name, missing_ok))]
        if found and not yes:
            described = [f"endpoint {each.name}, which serves {each.model or 'no model'}" for each in found]
            confirm("Delete", "endpoints", described, done="deleted")
        for index, endpoint in enumerate(found):
            left = [each.name for each in found[index:]]
            resume_command = session.command("endpoints", "delete", *left, "--yes", "--missing-ok")
            with resume_hint_on_interrupt(resume_command, f"the deletion of {endpoint.name} continues"):
                maas.endpoints.delete(endpoint.name, missing_ok=True)
            kept = f"; model {endpoint.model} is kept" if endpoint.model else ""
            session.printer.note(f"endpoint {endpoint.name} deleted{kept}")
    if session.printer.is_json:
        documents = [{"name": endpoint.name, "deleted": True, "model": endpoint.model} for endpoint in found]
        session.printer.documents(documents, single=len(names) == 1)


def _delete_deployment(
    session: Session, names: tuple[str, ...], deployment: str, *, yes: bool, missing_ok: bool
) -> None:
    name, *others = names
    if others:
        raise click.UsageError("--deployment takes one endpoint", click.get_current_context())
    with session.client() as maas:
        if not yes:
            confirm("Delete", "deployments", [f"deployment {deployment} of endpoint {name}"], done="deleted")
        resume_command = session.command(
            "endpoints", "delete", name, "--deployment", deployment, "--yes", "--missing-ok"
        )
        with resume_hint_on_interrupt(resume_command, f"the deletion of {deployment} continues"):
            maas.endpoints.delete(name, deployment=deployment, missing_ok=missing_ok)
    session.printer.note(f"deployment {deployment} of endpoint {name} deleted")
    if session.printer.is_json:
        session.printer.document({"name": name, "deployment": deployment, "deleted": True})


def _get(session: Session, maas: MaasClient, name: str, missing_ok: bool) -> Endpoint | None:
    """Return an endpoint; None for a missing one that may be missing."""
    try:
        return maas.endpoints.get(name)
    except NotFound:
        if not missing_ok:
            raise
        session.printer.note(f"no endpoint {name}: nothing to delete")
        return None
