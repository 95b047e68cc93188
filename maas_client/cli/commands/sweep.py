"""`maas sweep`: a job per combination of hyperparameters, and a ranking of the results."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..app.exit_codes import JOB_FAILED, Failed, file_names_in_errors
from ..app.options import EXISTING_FILE, Command, given_options
from ..app.session import Session, pass_session
from ..live.watch_view import WatchView
from .cost_limit import require_prices
from .job_file_option import for_service, job_file_options, local_files, read_job_file
from .job_options import job_options, with_options

if TYPE_CHECKING:
    from ... import MaasClient
    from ...job_files.job_file import JobFile
    from ...sweeps.grid import Sweep, SweepOutcome
    from ...sweeps.resource import SweepPlan


@click.command(
    cls=Command,
    help="""Train every combination of the hyperparameters that are lists in a job file, and rank the results.

    A job's name is the file's `name` plus a digest of its parameters: after any interruption the same command resumes,
    and never creates a second job for the same parameters. Jobs are ranked by their lowest validation loss, or training
    loss if there is no validation loss. Exits with 5 if a job fails, and with 1 if --max-cost prevents some jobs.

    \b
    Example:
      maas sweep -f sweep.yaml --parallel 2 --max-cost 50 --prices prices.toml
    """,
)
@job_file_options(required=True)
@job_options("Beginning of the jobs' names; sweep-MODEL by default.")
@click.option("--parallel", type=click.IntRange(1, 100), metavar="N", help="Maximum number of active jobs (2).")
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Price file; estimate the cost of each job.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="X", help="Cost limit of all jobs together.")
@click.option(
    "--resume", is_flag=True, help="Resume after an interruption; the same command without --resume does, too."
)
@click.option("--dry-run", is_flag=True, help="List the jobs without creating them.")
@pass_session
def sweep(
    session: Session,
    /,
    *,
    file: Path,
    overrides: tuple[tuple[str, str], ...],
    parallel: int | None,
    prices: Path | None,
    max_cost: float | None,
    resume: bool,
    dry_run: bool,
    **given: Any,
) -> None:
    """Run a sweep."""
    del resume  # the state of the sweep is read from the jobs
    job = read_job_file(session, file, overrides)
    job = replace(
        with_options(job, given),
        parallel=parallel or job.parallel,
        prices=prices or job.prices,
        max_cost=job.max_cost if max_cost is None else max_cost,
    )
    job = for_service(session, job)
    session = session.for_job(job)
    if dry_run:
        list_jobs(session, job)
        return
    options = [word for word in given_options(click.get_current_context()) if word != "--resume"]
    sweep_jobs(session, job, session.command("sweep", *options, "--resume"))


def sweep_jobs(session: Session, job: JobFile, resume_command: str) -> None:
    """Create and watch the jobs of a sweep, and show the results; `resume_command` continues it."""
    from ...sweeps.resource import PARALLEL

    require_prices(job.max_cost, job.prices)
    spec = job.spec()
    view = WatchView(session, [], resume_command, to_stderr=True, sweep=True)

    def names(maas: MaasClient) -> list[str]:
        return [cell.name for cell in maas.sweeps.plan(spec).cells]

    # A bar of its own would break up the live view, which shows the progress itself.
    progress = nullcontext(_no_bar) if session.printer.is_live else session.printer.progress("data")
    with file_names_in_errors(*local_files(job)), progress as advance, view.following(names) as maas:
        result = maas.sweeps.run(
            spec,
            parallel=job.parallel or PARALLEL,
            prices=job.prices,
            max_cost=job.max_cost,
            on_update=view.update,
            on_outage=view.saw_outage,
            on_progress=partial(view.show_progress, advance),
        )
    _print_outcomes(session, result)
    _raise_unless_complete(session, result, resume_command)


def list_jobs(session: Session, job: JobFile) -> None:
    """Print the jobs that a sweep would create."""
    from ...sweeps.grid import SweepOutcome

    require_prices(job.max_cost, job.prices)
    with session.client() as maas, file_names_in_errors(*local_files(job)):
        plan: SweepPlan = maas.sweeps.plan(job.spec(), prices=job.prices, max_cost=job.max_cost)
    planned = [SweepOutcome(cell, cost=plan.cost(position)) for position, cell in enumerate(plan.cells)]
    within_budget = {outcome.cell.name for outcome in planned[: plan.within]}
    names = _varying_names(planned)
    session.printer.rows(
        planned,
        {
            "name": lambda each: each.cell.name,
            **{name: partial(_hyperparameter, name) for name in names},
            "cost": lambda each: each.cost,
            "created": lambda each: "yes" if each.cell.name in within_budget else "no: exceeds --max-cost",
        },
        document=lambda each: {
            "name": each.cell.name,
            "hyperparameters": dict(each.cell.hyperparameters),
            "cost": each.cost,
            "within_budget": each.cell.name in within_budget,
        },
    )


def _print_outcomes(session: Session, result: Sweep) -> None:
    """Print the combinations, best first, with the hyperparameters that differ before what a terminal may leave out."""
    names = _varying_names(result.outcomes)
    session.printer.rows(
        result.outcomes,
        {
            "name": lambda each: each.cell.name,
            "status": lambda each: each.job.status.value if each.job else "not created",
            "eval loss": lambda each: each.eval_loss,
            **{name: partial(_hyperparameter, name) for name in names},
            "loss": lambda each: each.loss,
            "cost": lambda each: each.cost,
            "output model": lambda each: each.job.output_model if each.job else None,
        },
        document=lambda each: each.to_dict(),
    )
    if result.best is not None:
        session.printer.note(f"next: {session.command('deploy', result.best.cell.name)}")


def _raise_unless_complete(session: Session, result: Sweep, resume_command: str) -> None:
    """Raise Failed unless every combination has completed."""
    unfinished = [each.cell.name for each in result.outcomes if each.job and not each.job.status.is_final]
    if unfinished:
        raise Failed(
            f"not responding: {', '.join(unfinished)}; they may recover",
            code=75,
            hint=f"resume with: {resume_command}",
        )
    failed = [each for each in result.outcomes if each.job and each.job.phase != "done"]
    if failed:
        names = ", ".join(f"{each.cell.name} ({each.job.status.value})" for each in failed if each.job)
        show_command = session.command("jobs", "show", failed[0].cell.name)
        count = f"{len(failed)} of {len(result.outcomes)}"
        raise Failed(f"{count} jobs did not complete: {names}", code=JOB_FAILED, hint=f"try: {show_command}")
    if result.missing:
        raise Failed(
            f"{len(result.missing)} of {len(result.outcomes)} jobs were not created: they may exceed --max-cost"
        )


def _no_bar(done: int, total: int, doing: str = "") -> None:
    """Show nothing: the live view shows the progress."""


def _varying_names(outcomes: Sequence[SweepOutcome]) -> list[str]:
    """Return the names of the hyperparameters that differ."""
    names = {name: None for each in outcomes for name in each.cell.hyperparameters}
    return [name for name in names if len({each.cell.hyperparameters.get(name) for each in outcomes}) > 1]


def _hyperparameter(name: str, outcome: SweepOutcome) -> str | None:
    return outcome.cell.hyperparameters.get(name)
