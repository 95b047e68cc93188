"""`maas endpoints`: serverless endpoints and their keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import click

from ...core.errors import WaitTimeout
from ..app.exit_codes import Failed, exit_code_of, message_of, resume_hint_on_interrupt
from ..app.lazy_group import LazyGroup
from ..app.options import Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import Endpoint, MaasClient

endpoints = LazyGroup(
    "endpoints",
    {
        "create": ("endpoints:create", "Deploy a base or a tuned model."),
        "list": ("endpoints:list_", "List the workspace's endpoints."),
        "show": ("endpoints:show", "Show an endpoint."),
        "keys": ("endpoints:keys", "Print an endpoint's keys, or replace one."),
        "delete": ("endpoints:delete", "Delete an endpoint."),
    },
    help="""Create, list and delete serverless endpoints.

    \b
    Example:
      maas endpoints list
    """,
)


@click.command(
    cls=Command,
    help="""Create a serverless endpoint for a tuned model (NAME or NAME:VERSION) or a base model.

    \b
    Example:
      maas endpoints create --model Phi-4-mini-instruct --name base --wait
    """,
)
@click.option("--model", required=True, metavar="MODEL", help="The model to serve.")
@click.option("--name", metavar="NAME", help="The endpoint's name, unique in its region; invented by default.")
@click.option("--wait", is_flag=True, help="Wait until a chat call is answered.")
@pass_session
def create(session: Session, model: str, name: str | None, wait: bool) -> None:
    """Create an endpoint."""
    with session.client() as maas:
        endpoint = maas.endpoints.create(model=model, name=name)
        if wait:
            resume_command = session.command("endpoints", "create", "--model", model, "--name", endpoint.name, "--wait")
            endpoint = wait_until_answering(session, maas, endpoint, resume_command)
    show_endpoint(session, endpoint)


def wait_until_answering(session: Session, maas: MaasClient, endpoint: Endpoint, resume_command: str) -> Endpoint:
    """Wait until an endpoint answers, telling its states; `resume_command` is the command that takes up the wait."""

    def on_update(seen: Endpoint) -> None:
        session.printer.note(f"endpoint {seen.name}: {seen.provisioning_state.value}, {seen.state.value}")

    with resume_hint_on_interrupt(resume_command, "the endpoint comes up all the same"):
        try:
            return maas.endpoints.wait(endpoint, on_update=on_update)
        except WaitTimeout as error:
            raise Failed(message_of(error), code=exit_code_of(error), hint=f"resume with: {resume_command}") from error


def show_endpoint(session: Session, endpoint: Endpoint) -> None:
    """Write an endpoint as a record."""
    session.printer.record(
        endpoint.model_dump(mode="json"),
        {
            "name": endpoint.name,
            "state": endpoint.state.value,
            "provisioning": endpoint.provisioning_state.value,
            "model": endpoint.model,
            "model id": endpoint.model_id,
            "scoring url": endpoint.scoring_url,
            "authentication": endpoint.auth_mode,
            "location": endpoint.location,
            "tags": endpoint.tags,
            "created": endpoint.created_at,
        },
    )


@click.command(
    "list",
    cls=Command,
    help="""List the workspace's serverless endpoints.

    \b
    Example:
      maas endpoints list --output jsonl
    """,
)
@pass_session
def list_(session: Session) -> None:
    """List endpoints."""
    with session.client() as maas:
        session.printer.rows(
            maas.endpoints.list(),
            {
                "name": lambda endpoint: endpoint.name,
                "state": lambda endpoint: endpoint.state.value,
                "provisioning": lambda endpoint: endpoint.provisioning_state.value,
                "model": lambda endpoint: endpoint.model,
                "created": lambda endpoint: endpoint.created_at[:19],
            },
            document=lambda endpoint: endpoint.model_dump(mode="json"),
        )


@click.command(
    cls=Command,
    help="""Show an endpoint.

    \b
    Example:
      maas endpoints show support
    """,
)
@click.argument("name")
@pass_session
def show(session: Session, name: str) -> None:
    """Show an endpoint."""
    with session.client() as maas:
        show_endpoint(session, maas.endpoints.get(name))


@click.command(
    cls=Command,
    help="""Print an endpoint's keys. Either opens it, so that one can be replaced while the other serves.

    \b
    Example:
      maas endpoints keys support --regenerate secondary
    """,
)
@click.argument("name")
@click.option("--regenerate", type=click.Choice(["primary", "secondary"]), help="Replace this key first.")
@pass_session
def keys(session: Session, name: str, regenerate: Literal["primary", "secondary"] | None) -> None:
    """Print keys."""
    with session.client() as maas:
        if regenerate:
            found = maas.endpoints.regenerate_key(name, secondary=regenerate == "secondary")
        else:
            found = maas.endpoints.keys(name)
    both = {"primary": found.primary, "secondary": found.secondary}
    session.printer.record(both, both)
    if not any(both.values()):
        session.printer.note(f"endpoint {name} has no key")


@click.command(
    cls=Command,
    help="""Delete an endpoint; the model stays.

    \b
    Example:
      maas endpoints delete support --yes
    """,
)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def delete(session: Session, name: str, yes: bool) -> None:
    """Delete an endpoint."""
    with session.client() as maas:
        endpoint = maas.endpoints.get(name)
        if not yes:
            _confirm(endpoint)
        with resume_hint_on_interrupt(session.command("endpoints", "delete", name, "--yes"), "the deletion goes on"):
            maas.endpoints.delete(name)
    if session.printer.is_json:
        session.printer.document({"name": name, "deleted": True, "model": endpoint.model})
    session.printer.note(f"endpoint {name} is deleted; model {endpoint.model} stays")


def _confirm(endpoint: Endpoint) -> None:
    """Ask the person at the terminal; without one, --yes is needed."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked; --yes deletes without asking", click.get_current_context())
    if not click.confirm(f"Delete endpoint {endpoint.name}, which serves {endpoint.model}?", err=True):
        raise Failed("nothing was deleted")
