"""`maas run`: all steps of a job file, from the dataset check to the first answer; resumable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from ...jobs.cluster_use import clusters_named
from ...workflow.eviction import MOST_EVICTIONS
from ..app.deployment_options import size_options
from ..app.duration_option import DURATION
from ..app.exit_codes import file_names_in_errors
from ..app.options import EXISTING_FILE, Command, given_options
from ..app.session import Session, pass_session
from ..app.wait_options import refuse_timeout_without_wait, wait_options
from .cost_limit import check_cost_limit, require_prices
from .job_file_option import for_service, job_file_options, local_files, read_job_file
from .job_options import job_options, with_options
from .run_cleanup import RunCleanup
from .run_output import (
    ResumeHints,
    open_run_view,
    print_next_commands,
    resume_hint_on_ctrl_c,
    show_plan,
    show_result,
)

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile
    from ...workflow.steps import Step, StepUpdate


class RunLimits(TypedDict):
    """How long a run may take, in seconds, and how many evictions it survives."""

    timeout: float | None
    max_queue: float | None
    max_evictions: int


@click.command(
    cls=Command,
    help="""Run all steps of a job file: check, upload, create, train, deploy, wait until ready, chat.

    Each step first checks what already exists and is never done twice: after any interruption, including kill -9, the
    same command resumes, and once everything is done it creates nothing. The job name is the file's `name` plus a
    digest of model, data and hyperparameters, so a changed file creates a new job. The endpoint of a tuned model is
    billed by the hour, whether used or not. Exits with 5 if the job fails, and with 6 if a file is rejected.

    \b
    Example:
      maas run -f job.yaml --prompt "When do you open?"
      maas run -f job.yaml --set hyperparameters.num_train_epochs=3 --no-deploy
    """,
)
@job_file_options(required=True)
@job_options("Beginning of the job's name; run-MODEL by default.")
@click.option("--endpoint-name", metavar="NAME", help="Endpoint name; derived from the job name by default.")
@click.option(
    "--endpoint-instance-type", metavar="SIZE", help="Serve on machines of this size, by a managed online endpoint."
)
@click.option(
    "--endpoint-instance-count",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many of these machines; 1 by default.",
)
@size_options
@click.option("--prompt", metavar="TEXT", help="Prompt to send to the endpoint; the first one of the data by default.")
@click.option("--no-deploy", is_flag=True, help="Stop once the job has completed.")
@click.option("--again", is_flag=True, help="Create another job if this one failed or was canceled.")
@click.option(
    "--delete-endpoint",
    is_flag=True,
    help="Delete the endpoint at the end, also after Ctrl-C, if this command created it.",
)
@click.option(
    "--delete-compute",
    is_flag=True,
    help="Delete the job's clusters at the end unless another job needs them; after Ctrl-C, the job is canceled first.",
)
@wait_options("the endpoint has answered, or with --no-deploy the job has ended", default=True)
@click.option(
    "--max-queue", type=DURATION, metavar="TIME", help="Stop if the job is still queued after this time, such as 30m."
)
@click.option(
    "--max-evictions",
    type=click.IntRange(min=0),
    default=MOST_EVICTIONS,
    show_default=True,
    metavar="N",
    help="Go on from the last checkpoint at most N times after low-priority nodes were taken away.",
)
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Price file; print the estimated cost first.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="X", help="Fail if the job may cost more than X.")
@click.option("--dry-run", is_flag=True, help="Show names and what already exists, without creating anything.")
@pass_session
def run(
    session: Session,
    /,
    *,
    file: Path,
    overrides: tuple[tuple[str, str], ...],
    endpoint_name: str | None,
    prompt: str | None,
    no_deploy: bool,
    wait: bool | None,
    again: bool,
    delete_endpoint: bool,
    delete_compute: bool,
    timeout: float | None,
    max_queue: float | None,
    max_evictions: int,
    prices: Path | None,
    max_cost: float | None,
    dry_run: bool,
    **given: Any,
) -> None:
    """Run a whole job."""
    no_wait = wait is False
    refuse_timeout_without_wait(not no_wait, timeout)
    if delete_endpoint and (no_deploy or no_wait):
        raise click.UsageError(
            "--delete-endpoint cannot be combined with --no-deploy or --no-wait", click.get_current_context()
        )
    if delete_compute and no_wait:
        raise click.UsageError(
            "--delete-compute cannot be combined with --no-wait: the job needs its cluster", click.get_current_context()
        )
    job_file = read_job_file(session, file, overrides)
    job = replace(
        with_options(job_file, given),
        endpoint_name=endpoint_name or job_file.endpoint_name,
        prompt=prompt or job_file.prompt,
        prices=prices or job_file.prices,
        max_cost=job_file.max_cost if max_cost is None else max_cost,
    )
    job = for_service(session, job)
    session = session.for_job(job)
    require_prices(job.max_cost, job.prices)
    if job.several or job.sweep:
        raise click.UsageError("this job file is a sweep: use `maas sweep -f`", click.get_current_context())
    if dry_run:
        show_plan(session, job)
        return
    hints = ResumeHints(session, given_options(click.get_current_context()))
    until: Step = "create" if no_wait else "train" if no_deploy else "chat"
    limits: RunLimits = {"timeout": timeout, "max_queue": max_queue, "max_evictions": max_evictions}
    clusters = clusters_named(job.compute, job.inputs) if delete_compute else ()
    if delete_compute and not clusters:
        raise click.UsageError("--delete-compute needs a job with `compute`", click.get_current_context())
    cleanup = RunCleanup(session.command, delete_endpoint, clusters)
    hints.first = cleanup.needed_first
    _run(session, job, hints, until=until, again=again, limits=limits, cleanup=cleanup)


def _run(
    session: Session,
    job: JobFile,
    hints: ResumeHints,
    *,
    until: Step,
    again: bool,
    limits: RunLimits,
    cleanup: RunCleanup,
) -> None:
    """Run the steps, clean up if requested, and show the result."""
    spec = job.spec()
    with open_run_view(session, until) as view:

        def on_step(update: StepUpdate) -> None:
            hints.on_step(update)
            cleanup.on_step(update)
            view.on_step(update)
            if (update.step, update.state) == ("check", "done") and (cost := _cost(job)):
                view.note(cost)

        with (
            hints.add_hints(),
            resume_hint_on_ctrl_c(hints, cleanup),
            file_names_in_errors(*local_files(job)),
            cleanup.after(view.maas, view.note),
        ):
            result = view.maas.workflow.run(
                spec,
                until=until,
                endpoint_name=job.endpoint_name,
                sku=job.sku,
                capacity=job.capacity,
                model_format=job.model_format,
                endpoint_instance_type=job.endpoint_instance_type,
                endpoint_instance_count=job.endpoint_instance_count,
                prompt=job.prompt,
                again=again,
                **limits,
                on_step=on_step,
                on_progress=view.on_progress,
            )
    show_result(session, result)
    print_next_commands(session, job, hints, result, until=until, deleted=bool(cleanup.done))


def _cost(job: JobFile) -> str | None:
    """Return the estimated cost as text, None without prices; raise Failed above the limit."""
    spec = job.spec()
    return check_cost_limit(
        job.max_cost,
        job.prices,
        model=spec.model,
        training_data=str(job.training_data),
        validation_data=job.validation_data,
        hyperparameters=job.hyperparameters,
        task=spec.task,
        own_compute=spec.own_compute,
        method=spec.method,
        training_tier=spec.training_tier,
    )
