"""`maas webhooks`: URLs that the service calls when a job ends."""

from __future__ import annotations

from operator import attrgetter

import click

from ..app.confirm import YES, confirm
from ..app.lazy_group import LazyGroup
from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session

webhooks = LazyGroup(
    "webhooks",
    {
        "create": ("webhooks:create", "Register a URL that is called when a job ends."),
        "list": ("webhooks:list_", "List the webhook endpoints."),
        "delete": ("webhooks:delete", "Delete webhook endpoints."),
    },
    help="""Register, list and delete webhook endpoints: URLs that Foundry calls when a job ends.

    \b
    Example:
      maas webhooks list
    """,
)


@click.command(
    cls=Command,
    help="""Register URL as a webhook endpoint, and print its signing secret, which is shown only once. Deliveries are
    verified with `maas_client.webhooks.verify(headers, body, secret)`.

    \b
    Example:
      maas webhooks create https://example.com/hooks --event failed
    """,
)
@click.argument("url", metavar="URL")
@click.option("--name", metavar="NAME", help="Name of the endpoint; the URL's host by default.")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="EVENT",
    help="succeeded, failed or cancelled, or a whole event type; may be repeated. All three by default.",
)
@pass_session
def create(session: Session, url: str, name: str | None, events: tuple[str, ...]) -> None:
    """Register a webhook endpoint."""
    with session.client() as maas:
        made = maas.webhooks.register(url, events or None, name)
    endpoint = made.endpoint
    session.printer.record(
        {**endpoint.model_dump(mode="json"), "signing_secret": made.signing_secret.reveal()},
        {
            "id": endpoint.id,
            "name": endpoint.name,
            "url": endpoint.url,
            "events": ", ".join(endpoint.event_types),
            "signing secret": made.signing_secret.reveal(),
        },
    )
    session.printer.note("the signing secret is not shown again: store it where secrets are kept")


@click.command(
    "list",
    cls=Command,
    help="""List the webhook endpoints.

    \b
    Example:
      maas webhooks list --output jsonl
    """,
)
@list_options
@pass_session
def list_(session: Session) -> None:
    """List webhook endpoints."""
    from ...webhook_endpoints.webhook_endpoint import WebhookEndpoint  # here: the help does not need it

    with session.client() as maas:
        session.printer.listing(
            maas.webhooks.list(),
            {
                "id": lambda endpoint: endpoint.id,
                "name": lambda endpoint: endpoint.name,
                "url": lambda endpoint: endpoint.url,
                "events": lambda endpoint: ", ".join(name.rpartition(".")[2] for name in endpoint.event_types),
                "created": lambda endpoint: endpoint.created_at[:19],
            },
            document=lambda endpoint: endpoint.model_dump(mode="json"),
            more={name: attrgetter(name) for name in WebhookEndpoint.model_fields},
        )


@click.command(
    cls=Command,
    help="""Delete webhook endpoints, by id or name.

    \b
    Example:
      maas webhooks delete example.com --yes
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@YES
@click.option("--missing-ok", is_flag=True, help="Ignore names that no webhook endpoint has.")
@pass_session
def delete(session: Session, names: tuple[str, ...], yes: bool, missing_ok: bool) -> None:
    """Delete webhook endpoints."""
    wanted = list(dict.fromkeys(names))
    with session.client() as maas:
        if not yes:
            confirm("Delete", "webhooks", [f"webhook {name}" for name in wanted], done="deleted")
        for name in wanted:
            maas.webhooks.delete(name, missing_ok=missing_ok)
            session.printer.note(f"webhook {name} deleted")
    if session.printer.is_json:
        session.printer.documents([{"name": name, "deleted": True} for name in wanted], single=len(names) == 1)
