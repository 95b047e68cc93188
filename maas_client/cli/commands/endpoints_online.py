"""`maas endpoints scale`, `traffic` and `logs`: what only online endpoints on the user's own compute have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..app.endpoint_names import find_endpoint
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.options import ENDPOINT, Command
from ..app.session import Session, pass_session
from .endpoints import show_endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTAINERS = ("inference-server", "storage-initializer")

DEPLOYMENT = click.option("--deployment", metavar="NAME", help="Deployment; needed only where there are several.")


@click.command(
    cls=Command,
    help="""Change the number of machines of an online endpoint's deployment, and wait until that is done.

    A deployment cannot be stopped: it has at least one machine, and costs money, until it is deleted.

    \b
    Example:
      maas endpoints scale support 2
    """,
)
@click.argument("name", type=ENDPOINT)
@click.argument("count", metavar="N", type=click.IntRange(min=1))
@DEPLOYMENT
@pass_session
def scale(session: Session, name: str, count: int, deployment: str | None) -> None:
    """Scale a deployment."""
    with session.client() as maas:
        name = find_endpoint(session, maas, name).name
        words = ["--deployment", deployment] if deployment else []
        resume_command = session.command("endpoints", "scale", name, str(count), *words)
        with resume_hint_on_interrupt(resume_command, "the change continues"):
            endpoint = maas.endpoints.scale(name, instance_count=count, deployment=deployment)
    show_endpoint(session, endpoint)


@click.command(
    cls=Command,
    help="""Show how the requests to an online endpoint are divided among its deployments, or change that: the
    percentages add up to 100, and deployments that are not named get none.

    \b
    Example:
      maas endpoints traffic support main=90 next=10
    """,
)
@click.argument("name", type=ENDPOINT)
@click.argument("shares", metavar="[DEPLOYMENT=PERCENT]...", nargs=-1)
@pass_session
def traffic(session: Session, name: str, shares: tuple[str, ...]) -> None:
    """Show or set traffic."""
    wanted = _percentages(shares)
    with session.client() as maas:
        endpoint = find_endpoint(session, maas, name)
        if wanted:
            resume_command = session.command("endpoints", "traffic", endpoint.name, *shares)
            with resume_hint_on_interrupt(resume_command, "the change continues"):
                endpoint = maas.endpoints.traffic(endpoint.name, wanted)
    from ...endpoints.online_endpoint import OnlineEndpoint  # here: the help of the commands does not need it

    if not isinstance(endpoint, OnlineEndpoint):
        raise click.UsageError(f"{name} is a {endpoint.noun}, which has no deployments", click.get_current_context())
    rows = {each.name: each.traffic for each in endpoint.deployments}
    session.printer.record(rows, {deployment: f"{percent} %" for deployment, percent in rows.items()})


def _percentages(shares: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for share in shares:
        name, _, percent = share.partition("=")
        number = percent.removesuffix("%").strip()
        if not (name and number.isascii() and number.isdecimal()):
            raise click.UsageError(f"{share!r} is not DEPLOYMENT=PERCENT", click.get_current_context())
        found[name.strip()] = int(number)
    return found


@click.command(
    cls=Command,
    help="""Print the end of a container's log of an online endpoint: what serves the model, or what downloads it first.

    \b
    Example:
      maas endpoints logs support --tail 200
    """,
)
@click.argument("name", type=ENDPOINT)
@DEPLOYMENT
@click.option(
    "--container", type=click.Choice(CONTAINERS), default=CONTAINERS[0], show_default=True, help="Container to read."
)
@click.option(
    "--tail", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="Number of lines."
)
@pass_session
def logs(session: Session, name: str, deployment: str | None, container: str, tail: int) -> None:
    """Print a container's log."""
    with session.client() as maas:
        name = find_endpoint(session, maas, name).name
        content = maas.endpoints.logs(name, deployment=deployment, container=container, tail=tail)
    if session.printer.is_json:
        session.printer.document({"name": name, "container": container, "content": content})
        return
    for line in content.splitlines():
        session.printer.line(line)
