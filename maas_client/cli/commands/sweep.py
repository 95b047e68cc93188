"""`maas sweep`: a job for each combination of hyperparameters, and which of them did best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import JOB_FAILED, Failed, file_names_in_errors, resume_hint_on_interrupt
from ..app.options import EXISTING_FILE, Command, given_options, key_value
from ..app.session import Session, pass_session
from ..output.printer import show_upload_progress
from .cost_limit import require_prices
from .job_file_option import local_files, read_job_file

if TYPE_CHECKING:
    from ... import Job
    from ...job_files.job_file import JobFile
    from ...sweeps.grid import Sweep, SweepOutcome
    from ...sweeps.resource import SweepPlan


@click.command(
    cls=Command,
    help="""Train on every combination of the hyperparameters that are lists in a job file, and say which did best.

    A job's name is the file's `name` and a digest of its parameters: whatever interrupts the sweep, the same command
    goes on, and never makes a second job for the same parameters. The best job has the lowest validation loss, or
    training loss where there is none. Ends with 5 when a job failed, and with 1 when the budget left some unmade.

    \b
    Example:
      maas sweep -f sweep.yaml --parallel 2 --max-cost 50 --prices prices.toml
    """,
)
@click.option("--file", "-f", type=EXISTING_FILE, required=True, metavar="FILE", help="The job file.")
@click.option("--set", "overrides", type=key_value, metavar="KEY=VALUE", multiple=True, help="A key of it; repeatable.")
@click.option("--parallel", type=click.IntRange(1, 100), metavar="N", help="Jobs that have not ended, at most (2).")
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Your prices; says what each job may cost.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="X", help="What all jobs may cost together.")
@click.option("--resume", is_flag=True, help="Go on after an interruption, as the same command does without it.")
@click.option("--dry-run", is_flag=True, help="List the jobs, and send nothing.")
@pass_session
def sweep(
    session: Session,
    file: Path,
    overrides: tuple[tuple[str, str], ...],
    parallel: int | None,
    prices: Path | None,
    max_cost: float | None,
    resume: bool,
    dry_run: bool,
) -> None:
    """Sweep."""
    del resume  # the jobs themselves tell what is done
    job = read_job_file(session, file, overrides)
    job = replace(
        job,
        parallel=parallel or job.parallel,
        prices=prices or job.prices,
        max_cost=job.max_cost if max_cost is None else max_cost,
    )
    if dry_run:
        list_jobs(session, job)
        return
    options = [word for word in given_options(click.get_current_context()) if word != "--resume"]
    sweep_jobs(session, job, session.command("sweep", *options, "--resume"))


def sweep_jobs(session: Session, job: JobFile, resume_command: str) -> None:
    """Make and follow the jobs of a sweep, and show what came of them; `resume_command` continues it."""
    from ...sweeps.resource import PARALLEL

    require_prices(job.max_cost, job.prices)
    spec = job.spec()
    with (
        session.client() as maas,
        resume_hint_on_interrupt(resume_command, "the jobs go on"),
        session.printer.progress("data") as advance,
        file_names_in_errors(*local_files(job)),
    ):
        result = maas.sweeps.run(
            spec,
            parallel=job.parallel or PARALLEL,
            prices=job.prices,
            max_cost=job.max_cost,
            on_update=partial(_note_status, session),
            on_progress=partial(show_upload_progress, advance),
        )
    _print_outcomes(session, result)
    _raise_unless_complete(session, result, resume_command)


def list_jobs(session: Session, job: JobFile) -> None:
    """Show the jobs that a sweep would make."""
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
            "made": lambda each: "yes" if each.cell.name in within_budget else "no: beyond the budget",
        },
        document=lambda each: {
            "name": each.cell.name,
            "hyperparameters": dict(each.cell.hyperparameters),
            "cost": each.cost,
            "within_budget": each.cell.name in within_budget,
        },
    )


def _print_outcomes(session: Session, result: Sweep) -> None:
    """Write the combinations, the best first; of the hyperparameters those that differ."""
    names = _varying_names(result.outcomes)
    session.printer.rows(
        result.outcomes,
        {
            "name": lambda each: each.cell.name,
            "status": lambda each: each.job.status.value if each.job else "not made",
            "eval loss": lambda each: each.eval_loss,
            "loss": lambda each: each.loss,
            **{name: partial(_hyperparameter, name) for name in names},
            "cost": lambda each: each.cost,
            "output model": lambda each: each.job.output_model if each.job else None,
        },
        document=lambda each: each.to_dict(),
    )
    if result.best is not None:
        session.printer.note(f"next: {session.command('deploy', result.best.cell.name)}")


def _raise_unless_complete(session: Session, result: Sweep, resume_command: str) -> None:
    """Raise Failed unless every combination has been trained to its end."""
    unfinished = [each.cell.name for each in result.outcomes if each.job and not each.job.status.is_final]
    if unfinished:
        raise Failed(
            f"no answer from {', '.join(unfinished)}; they may come back",
            code=75,
            hint=f"resume with: {resume_command}",
        )
    failed = [each for each in result.outcomes if each.job and each.job.status.value != "Completed"]
    if failed:
        names = ", ".join(f"{each.cell.name} ({each.job.status.value})" for each in failed if each.job)
        show_command = session.command("jobs", "show", failed[0].cell.name)
        count = f"{len(failed)} of {len(result.outcomes)}"
        raise Failed(f"{count} jobs did not complete: {names}", code=JOB_FAILED, hint=f"try: {show_command}")
    if result.missing:
        raise Failed(
            f"{len(result.missing)} of {len(result.outcomes)} jobs were not made: they might exceed --max-cost"
        )


def _note_status(session: Session, job: Job) -> None:
    session.printer.note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {job.name}  {job.status.value}")


def _varying_names(outcomes: Sequence[SweepOutcome]) -> list[str]:
    """Return the hyperparameters that are not the same for all."""
    names = {name: None for each in outcomes for name in each.cell.hyperparameters}
    return [name for name in names if len({each.cell.hyperparameters.get(name) for each in outcomes}) > 1]


def _hyperparameter(name: str, outcome: SweepOutcome) -> str | None:
    return outcome.cell.hyperparameters.get(name)
