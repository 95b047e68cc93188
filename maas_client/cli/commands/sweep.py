"""`maas sweep`: a job for each combination of hyperparameters, and which of them did best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import JOB_FAILED, Failed, naming, resumable
from ..app.options import EXISTING_FILE, Command, key_value, words_given
from ..app.session import Session, pass_session
from ..output.printer import show
from .cost_limit import need_prices
from .job_file_option import read_job_file

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
    words = [word for word in words_given(click.get_current_context()) if word != "--resume"]
    sweep_jobs(session, job, session.command("sweep", *words, "--resume"))


def sweep_jobs(session: Session, job: JobFile, again: str) -> None:
    """Make and follow the jobs of a sweep, and show what came of them; `again` is the command that resumes it."""
    from ...sweeps.resource import PARALLEL

    need_prices(job.max_cost, job.prices)
    asked = job.spec()
    with (
        session.client() as maas,
        resumable(again, "the jobs go on"),
        session.printer.progress("data") as advance,
        naming(*_files(job)),
    ):
        done = maas.sweeps.run(
            asked,
            parallel=job.parallel or PARALLEL,
            prices=job.prices,
            max_cost=job.max_cost,
            on_update=partial(_tell, session),
            on_progress=partial(show, advance),
        )
    _show(session, done)
    _judge(session, done, again)


def list_jobs(session: Session, job: JobFile) -> None:
    """Show the jobs that a sweep would make."""
    from ...sweeps.grid import SweepOutcome

    need_prices(job.max_cost, job.prices)
    with session.client() as maas, naming(*_files(job)):
        plan: SweepPlan = maas.sweeps.plan(job.spec(), prices=job.prices, max_cost=job.max_cost)
    planned = [SweepOutcome(cell, cost=plan.cost(position)) for position, cell in enumerate(plan.cells)]
    made = {outcome.cell.name for outcome in planned[: plan.within]}
    names = _varying(planned)
    session.printer.rows(
        planned,
        {
            "name": lambda each: each.cell.name,
            **{name: partial(_value, name) for name in names},
            "cost": lambda each: each.cost,
            "made": lambda each: "yes" if each.cell.name in made else "no: beyond the budget",
        },
        document=lambda each: {
            "name": each.cell.name,
            "hyperparameters": dict(each.cell.hyperparameters),
            "cost": each.cost,
            "within_budget": each.cell.name in made,
        },
    )


def _show(session: Session, done: Sweep) -> None:
    """Write the combinations, the best first; of the hyperparameters those that differ."""
    names = _varying(done.outcomes)
    session.printer.rows(
        done.outcomes,
        {
            "name": lambda each: each.cell.name,
            "status": lambda each: each.job.status.value if each.job else "not made",
            "eval loss": lambda each: each.eval_loss,
            "loss": lambda each: each.loss,
            **{name: partial(_value, name) for name in names},
            "cost": lambda each: each.cost,
            "output model": lambda each: each.job.output_model if each.job else None,
        },
        document=lambda each: each.to_dict(),
    )
    if done.best is not None:
        session.printer.note(f"next: {session.command('deploy', done.best.cell.name)}")


def _judge(session: Session, done: Sweep, again: str) -> None:
    """Raise Failed unless every combination has been trained to its end."""
    under_way = [each.cell.name for each in done.outcomes if each.job and not each.job.status.is_final]
    if under_way:
        raise Failed(
            f"no answer from {', '.join(under_way)}; they may come back", code=75, hint=f"resume with: {again}"
        )
    bad = [each for each in done.outcomes if each.job and each.job.status.value != "Completed"]
    if bad:
        words = ", ".join(f"{each.cell.name} ({each.job.status.value})" for each in bad if each.job)
        show = session.command("jobs", "show", bad[0].cell.name)
        count = f"{len(bad)} of {len(done.outcomes)}"
        raise Failed(f"{count} jobs did not complete: {words}", code=JOB_FAILED, hint=f"try: {show}")
    if done.missing:
        raise Failed(f"{len(done.missing)} of {len(done.outcomes)} jobs were not made: they might exceed --max-cost")


def _tell(session: Session, job: Job) -> None:
    session.printer.note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {job.name}  {job.status.value}")


def _varying(outcomes: Sequence[SweepOutcome]) -> list[str]:
    """Return the hyperparameters that are not the same for all."""
    names = {name: None for each in outcomes for name in each.cell.hyperparameters}
    return [name for name in names if len({each.cell.hyperparameters.get(name) for each in outcomes}) > 1]


def _value(name: str, outcome: SweepOutcome) -> str | None:
    return outcome.cell.hyperparameters.get(name)


def _files(job: JobFile) -> list[str]:
    return [data for data in (job.training_data, job.validation_data) if data and Path(data).is_file()]
