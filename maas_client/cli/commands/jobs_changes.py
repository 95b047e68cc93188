"""`maas jobs cancel`, `archive`, `pause`, `delete`, …: what changes jobs, one or several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ..app.confirm import YES, confirm
from ..app.options import JOB, Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import Job, MaasClient


@click.command(
    cls=Command,
    help="""Request the cancellation of jobs.

    \b
    Example:
      maas jobs cancel ft-support
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=JOB)
@pass_session
def cancel(session: Session, names: tuple[str, ...]) -> None:
    """Cancel jobs."""
    _change(session, names, lambda maas, name: maas.jobs.cancel(name))


@click.command(
    cls=Command,
    help="""Archive jobs: `maas jobs list` leaves them out. Nothing is deleted, and `maas jobs restore` lists them
    again.

    \b
    Example:
      maas jobs archive ft-support ft-support-2
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=JOB)
@pass_session
def archive(session: Session, names: tuple[str, ...]) -> None:
    """Archive jobs."""
    for job in _change(session, names, lambda maas, name: maas.jobs.archive(name)):
        session.printer.note(f"job {job.name} archived; list it with: {session.command('jobs', 'list', '--archived')}")


@click.command(
    cls=Command,
    help="""List archived jobs again.

    \b
    Example:
      maas jobs restore ft-support
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=JOB)
@pass_session
def restore(session: Session, names: tuple[str, ...]) -> None:
    """Restore jobs."""
    _change(session, names, lambda maas, name: maas.jobs.restore(name))


@click.command(
    cls=Command,
    help="""Pause running jobs of Foundry. The last step becomes a checkpoint, from which `maas jobs resume` continues.

    \b
    Example:
      maas jobs pause ft-support
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=JOB)
@pass_session
def pause(session: Session, names: tuple[str, ...]) -> None:
    """Pause jobs."""
    _change(session, names, lambda maas, name: maas.jobs.pause(name))


@click.command(
    cls=Command,
    help="""Resume paused jobs of Foundry.

    \b
    Example:
      maas jobs resume ft-support
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=JOB)
@pass_session
def resume(session: Session, names: tuple[str, ...]) -> None:
    """Resume jobs."""
    _change(session, names, lambda maas, name: maas.jobs.resume(name))


@click.command(
    cls=Command,
    help="""Delete ended jobs of Foundry, where an account keeps 100 at most. Their tuned models and deployments stay.

    \b
    Example:
      maas jobs delete ft-support --yes
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=JOB)
@YES
@pass_session
def delete(session: Session, names: tuple[str, ...], yes: bool) -> None:
    """Delete jobs."""
    wanted = list(dict.fromkeys(names))
    with session.client() as maas:
        if not yes:
            confirm("Delete", "jobs", [f"job {name}" for name in wanted], done="deleted")
        for name in wanted:
            maas.jobs.delete(name)
            session.printer.note(f"job {name} deleted")
    if session.printer.is_json:
        session.printer.documents([{"name": name, "deleted": True} for name in wanted], single=len(names) == 1)


def _change(session: Session, names: tuple[str, ...], change: Callable[[MaasClient, str], Job]) -> list[Job]:
    """Change each job, and print the jobs as they are then."""
    with session.client() as maas:
        changed = [change(maas, name) for name in dict.fromkeys(names)]
    printer = session.printer
    if printer.is_json:
        printer.documents([job.model_dump(mode="json") for job in changed], single=len(names) == 1)
    elif len(changed) == 1:
        printer.record({}, {"name": changed[0].name, "status": changed[0].status.value})
    else:
        printer.table(["name", "status"], [[job.name, job.status.value] for job in changed])
    return changed
