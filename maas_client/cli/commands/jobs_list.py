"""`maas jobs list`: the workspace's jobs, filtered, with their age and duration."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from ...core.timestamps import parse_timestamp
from ..app.duration_option import since_option
from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session
from ..app.views import ARCHIVED, INCLUDE_ARCHIVED, view_of
from ..output.durations import format_age, format_duration
from ..output.list_fields import field_name

if TYPE_CHECKING:
    from ... import Job, MaasClient
    from ...jobs.spec import JobKind

MAX_DURATIONS = 50
"""Maximum number of jobs whose duration is shown: it takes a request for each."""

ACTIVE = "active"
"""What --status takes besides a status: every job that has not ended."""


@click.command(
    "list",
    cls=Command,
    help="""List the workspace's fine-tuning jobs, newest first; with --kind pipeline its pipeline jobs.

    \b
    Example:
      maas jobs list --limit 10 --output json
      maas jobs list --status failed --since 2d --name 'ft-support*'
      maas jobs list --status active --quiet
    """,
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    help="Only jobs with this status, such as Running, or 'active' for all that have not ended; repeatable.",
)
@click.option("--name", metavar="TEXT", help="Only jobs whose name or display name contains TEXT; * and ? match any.")
@since_option("jobs")
@click.option("--tag", metavar="TAG", help="Only jobs with this tag.")
@click.option(
    "--kind",
    type=click.Choice(["fine_tuning", "pipeline"]),
    default="fine_tuning",
    show_default=True,
    help="Kind of jobs.",
)
@ARCHIVED
@INCLUDE_ARCHIVED
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Maximum number of jobs.")
@list_options
@pass_session
def list_(
    session: Session,
    statuses: tuple[str, ...],
    name: str | None,
    since: datetime | None,
    tag: str | None,
    kind: JobKind,
    archived: bool,
    include_archived: bool,
    limit: int | None,
) -> None:
    """List jobs."""
    from ... import Job  # here: the help of the commands does not need it

    wanted = _known_statuses(statuses)
    with session.client() as maas:
        view = view_of(archived=archived, include_archived=include_archived)
        found = maas.jobs.list(tag=tag, view=view, kind=kind)
        matching = islice((job for job in found if _matches(job, wanted, name, since)), limit)
        has_durations = _shows_durations(session)
        shown = list(matching) if has_durations else matching
        durations = _durations(session, maas, shown) if isinstance(shown, list) else {}
        now = datetime.now(UTC)

        def duration(job: Job) -> str | None:
            return durations.get(job.name)

        session.printer.listing(
            shown,
            {
                "name": attrgetter("name"),
                "status": lambda job: job.status.value,
                "model": attrgetter("model"),
                "age": partial(_age, now),
                **({"duration": duration} if has_durations else {}),
                "created": lambda job: job.created_at[:19],
                "output model": attrgetter("output_model"),
            },
            document=lambda job: job.model_dump(mode="json"),
            more={"duration": duration, **{name: attrgetter(name) for name in Job.model_fields}},
        )


def _known_statuses(names: Sequence[str]) -> frozenset[str]:
    """Return statuses in lower case, and `active`; raise a usage error for one that no platform has."""
    from ...jobs.phase import STATUSES

    known: dict[str, str] = {}
    for status in (*STATUSES, "Unknown", ACTIVE):
        known.setdefault(status.lower(), status)
    for name in names:
        if name.lower() not in known:
            from difflib import get_close_matches  # here: a status that exists does not need it

            nearest = get_close_matches(name.lower(), known, 1)
            hint = f"Did you mean {known[nearest[0]]!r}? " if nearest else ""
            message = f"--status: no status {name!r}. {hint}Statuses are {', '.join(known.values())}"
            raise click.UsageError(message, click.get_current_context())
    return frozenset(name.lower() for name in names)


def _matches(job: Job, statuses: frozenset[str], name: str | None, since: datetime | None) -> bool:
    """Return whether a job is one that the options select."""
    is_active = ACTIVE in statuses and not job.phase.is_final
    if statuses and job.status.value.lower() not in statuses and not is_active:
        return False
    if name is not None:
        pattern = name.lower() if any(mark in name for mark in "*?[") else f"*{name.lower()}*"
        if not any(fnmatchcase(each.lower(), pattern) for each in (job.name, job.display_name)):
            return False
    created = parse_timestamp(job.created_at)
    return since is None or (created is not None and created >= since)


def _age(now: datetime, job: Job) -> str:
    created = parse_timestamp(job.created_at)
    return "-" if created is None else format_age(now - created)


def _shows_durations(session: Session) -> bool:
    """Return whether the output has the column that takes a request per job: on a terminal, or if it is named."""
    if session.fields:
        return "duration" in map(field_name, session.fields)
    return sys.stdout.isatty() and not session.quiet and not session.printer.is_json


def _durations(session: Session, maas: MaasClient, jobs: Sequence[Job]) -> dict[str, str]:
    """Return how long the newest jobs have trained, by name."""
    started = [job.name for job in jobs if not job.status.is_waiting]
    if len(started) > MAX_DURATIONS:
        session.printer.note(f"durations: only of the newest {MAX_DURATIONS} jobs; --limit N shows fewer jobs")
    now = datetime.now(UTC)
    found = maas.jobs.details_of(started[:MAX_DURATIONS])
    return {name: format_duration(span) for name, details in found.items() if (span := details.duration(now))}
