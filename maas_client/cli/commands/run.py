"""`maas run`: the whole job of a file, from the check to an answer; the same command goes on after anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import naming
from ..app.options import EXISTING_FILE, Command, key_value, words_given
from ..app.session import Session, pass_session
from .cost_limit import need_prices, refuse_create_above
from .job_file_option import read_job_file
from .run_output import View, Ways, files_of, resumable_by, say_what_is_next, show_plan, show_result, view

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile
    from ...workflow.steps import Step, StepUpdate, WorkflowResult


@click.command(
    cls=Command,
    help="""Do the whole job of a file: check, upload, create, train, deploy, wait for an answer, chat.

    Each step first asks the service what is there, and does nothing twice: whatever ended it, kill -9 included, the
    same command goes on, and once all is done it makes nothing. The job's name is the file's `name` and a digest of
    model, data and hyperparameters, so that a changed file makes a new job. An endpoint of a tuned model costs money
    by the hour, used or not. Ends with 5 when the job failed, and with 6 when a file is refused.

    \b
    Example:
      maas run -f job.yaml --prompt "When do you open?"
      maas run -f job.yaml --set hyperparameters.num_train_epochs=3 --no-deploy
    """,
)
@click.option("--file", "-f", type=EXISTING_FILE, required=True, metavar="FILE", help="The job file.")
@click.option("--set", "overrides", type=key_value, metavar="KEY=VALUE", multiple=True, help="A key of it; repeatable.")
@click.option("--endpoint-name", metavar="NAME", help="The endpoint's name, made of the job's by default.")
@click.option("--prompt", metavar="TEXT", help="What to ask the endpoint; the data's first question by default.")
@click.option("--no-deploy", is_flag=True, help="End when the job has completed.")
@click.option("--no-wait", is_flag=True, help="End when the job has been created.")
@click.option("--again", is_flag=True, help="Make another job where this one failed or was canceled.")
@click.option("--delete-endpoint", is_flag=True, help="Delete the endpoint in the end, if it was made by this command.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="S", help="Wait for so many seconds in all.")
@click.option("--max-queue", type=click.FloatRange(min=0), metavar="S", help="Or if it has not begun to train by then.")
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Your prices; says first what training may cost.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="X", help="Create nothing that may cost more.")
@click.option("--dry-run", is_flag=True, help="Tell names and what is there already, and make nothing.")
@pass_session
def run(
    session: Session,
    *,
    file: Path,
    overrides: tuple[tuple[str, str], ...],
    endpoint_name: str | None,
    prompt: str | None,
    no_deploy: bool,
    no_wait: bool,
    again: bool,
    delete_endpoint: bool,
    timeout: float | None,
    max_queue: float | None,
    prices: Path | None,
    max_cost: float | None,
    dry_run: bool,
) -> None:
    """Run a whole job."""
    if delete_endpoint and (no_deploy or no_wait):
        raise click.UsageError("there is no endpoint to delete without a deployment", click.get_current_context())
    said = read_job_file(session, file, overrides)
    job = replace(
        said,
        endpoint_name=endpoint_name or said.endpoint_name,
        prompt=prompt or said.prompt,
        prices=prices or said.prices,
        max_cost=said.max_cost if max_cost is None else max_cost,
    )
    need_prices(job.max_cost, job.prices)
    if job.several or job.sweep:
        raise click.UsageError("this file is of a sweep: `maas sweep -f` makes its jobs", click.get_current_context())
    if dry_run:
        show_plan(session, job)
        return
    ways = Ways(session, words_given(click.get_current_context()))
    until: Step = "create" if no_wait else "train" if no_deploy else "chat"
    limits = {"timeout": timeout, "max_queue": max_queue}
    _run(session, job, ways, until=until, again=again, limits=limits, delete_endpoint=delete_endpoint)


def _run(
    session: Session,
    job: JobFile,
    ways: Ways,
    *,
    until: Step,
    again: bool,
    limits: Mapping[str, float | None],
    delete_endpoint: bool,
) -> None:
    """Do the work, show what came of it, and delete the endpoint if that is wanted."""
    asked = job.spec()
    with view(session, until) as seen:

        def on_step(update: StepUpdate) -> None:
            ways.saw(update)
            seen.saw(update)
            if (update.step, update.state) == ("check", "done") and (cost := _cost(job)):
                seen.say(cost)

        with ways.told(), resumable_by(ways), naming(*files_of(job)):
            result = seen.maas.workflow.run(
                asked,
                until=until,
                endpoint_name=job.endpoint_name,
                prompt=job.prompt,
                again=again,
                timeout=limits["timeout"],
                max_queue=limits["max_queue"],
                on_step=on_step,
                on_progress=seen.sends,
            )
            deleted = delete_endpoint and _delete(seen, result)
    show_result(session, result)
    say_what_is_next(session, job, ways, result, until=until, deleted=deleted)


def _cost(job: JobFile) -> str | None:
    """Return what training may cost, in words, None without prices; raise Failed above the limit."""
    asked = job.spec()
    return refuse_create_above(
        job.max_cost,
        job.prices,
        model=asked.model,
        training_data=str(job.training_data),
        validation_data=job.validation_data,
        hyperparameters=job.hyperparameters,
        task=asked.task,
        own_compute=asked.own_compute,
    )


def _delete(seen: View, result: WorkflowResult) -> bool:
    """Delete the endpoint if this command has made it, now or before; say whether it did."""
    from ...workflow.naming import TAG

    endpoint = result.endpoint
    if endpoint is None or endpoint.tags.get(TAG) != result.job.name:
        seen.say("the endpoint was not made by `maas run` for this job, and is kept")
        return False
    seen.maas.endpoints.delete(endpoint.name)
    seen.say(f"endpoint {endpoint.name} is deleted; the tuned model is kept")
    return True
