"""`maas jobs create`: every choice that a job leaves to its user, from options or a job file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ...core.names import invent_name
from ...job_files.keys import SHORT
from ..app.exit_codes import file_names_in_errors, resume_hint_on_interrupt
from ..app.options import EXISTING_FILE, Command, given_options, key_value
from ..app.session import Session, pass_session
from ..output.printer import show_upload_progress
from .cost_limit import check_cost_limit
from .job_file_option import read_job_file
from .jobs import show_job

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile
    from ...jobs.spec import PlannedRequest


@click.command(
    cls=Command,
    help="""Create a hosted fine-tuning job. A file is checked and uploaded first.

    A job file (-f), YAML or JSON, may say everything that the options do, and options win over it; `az ml` files of
    `type: finetuning` are read, too. Values may hold ${VAR} and ${VAR:-default}; paths are relative to the file.

    \b
    Example:
      maas jobs create --model Phi-4-mini-instruct --training-data train.jsonl --epochs 3 --wait
      maas jobs create -f job.yaml --set hyperparameters.num_train_epochs=3 --dry-run
    """,
)
@click.option("--file", "-f", type=EXISTING_FILE, metavar="FILE", help="A job file: docs/job.schema.json has its keys.")
@click.option("--set", "overrides", type=key_value, metavar="KEY=VALUE", multiple=True, help="A key of it; repeatable.")
@click.option("--model", metavar="NAME", help="The base model's name, or its azureml:// id.")
@click.option("--training-data", metavar="FILE|ASSET", help="A JSONL file, NAME:VERSION or an id.")
@click.option("--validation-data", metavar="FILE|ASSET", help="The same for validation; 20 % of the rows by default.")
@click.option("--name", metavar="NAME", help="The job's name; invented by default.")
@click.option("--epochs", type=int, metavar="N", help="How often every row is seen.")
@click.option("--learning-rate", type=float, metavar="X", help="The learning rate.")
@click.option("--batch-size", type=int, metavar="N", help="Rows per device and step.")
@click.option("--hyperparameter", type=key_value, metavar="KEY=VALUE", multiple=True, help="Any other; repeatable.")
@click.option("--task", type=click.Choice(["chat", "text"]), help="What is trained; chat by default.")
@click.option("--compute", metavar="NAME", help="Your own compute cluster, in place of serverless.")
@click.option("--instance-type", "instance_types", multiple=True, metavar="SIZE", help="A VM size; repeatable.")
@click.option("--job-tier", type=click.Choice(["Spot", "Basic", "Standard", "Premium"]), help="The queue's tier.")
@click.option("--output-name", metavar="NAME", help="The tuned model's name, by default the job's with -model.")
@click.option("--experiment", metavar="NAME", help="The experiment that Studio lists it under.")
@click.option("--display-name", metavar="TEXT", help="What Studio shows.")
@click.option("--tag", "tags", type=key_value, metavar="KEY=VALUE", multiple=True, help="A label; repeatable.")
@click.option("--allow-retired", is_flag=True, help="Go on with a model whose fine-tuning has ended.")
@click.option("--wait", is_flag=True, help="Follow the job to its end.")
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Your prices; says first what training may cost.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="X", help="Create nothing that may cost more.")
@click.option("--sweep", is_flag=True, help="Make a job of each combination of values: see `maas sweep`.")
@click.option("--dry-run", is_flag=True, help="Print the request, and send nothing that changes anything.")
@pass_session
def create(
    session: Session,
    /,
    *,
    file: Path | None,
    overrides: tuple[tuple[str, str], ...],
    epochs: int | None,
    learning_rate: float | None,
    batch_size: int | None,
    hyperparameter: tuple[tuple[str, str], ...],
    tags: tuple[tuple[str, str], ...],
    dry_run: bool,
    **given: Any,
) -> None:
    """Create a job."""
    if overrides and file is None:
        raise click.UsageError("--set replaces what a job file says; name one with -f", click.get_current_context())
    job_file = read_job_file(session, file, overrides)
    short = {"epochs": epochs, "learning_rate": learning_rate, "batch_size": batch_size}
    job = replace(
        job_file,
        hyperparameters={**job_file.hyperparameters, **_merge_hyperparameters(short, hyperparameter)},
        tags={**job_file.tags, **dict(tags)},
        **{name: value for name, value in given.items() if value is not None and value is not False and value != ()},
    )
    for option in ("model", "training_data"):
        if not getattr(job, option):
            missing = f"Missing option '--{option.replace('_', '-')}', or a job file (-f) with `{option}`."
            raise click.UsageError(missing, click.get_current_context())
    if job.several and not job.sweep:
        raise click.UsageError(
            f"{', '.join(job.several)}: several values make a sweep, a job for each; say --sweep, or `sweep: true` in "
            "the file",
            click.get_current_context(),
        )
    if job.sweep:
        from .sweep import list_jobs, sweep_jobs

        resume_command = session.command("jobs", "create", *given_options(click.get_current_context()))
        list_jobs(session, job) if dry_run else sweep_jobs(session, job, resume_command)
        return
    _create(session, job, dry_run=dry_run)


def _create(session: Session, job: JobFile, *, dry_run: bool) -> None:
    """Create the job that options and file have come to, or print the request that would."""
    spec = job.spec()
    model, data = str(job.model), str(job.training_data)
    task: Literal["chat", "text"] = job.task or "chat"
    cost = check_cost_limit(
        job.max_cost,
        job.prices,
        model=model,
        training_data=data,
        validation_data=job.validation_data,
        hyperparameters=job.hyperparameters,
        task=task,
        own_compute=spec.own_compute,
    )
    if cost:
        session.printer.note(cost)
    files = [path for path in (data, job.validation_data) if path and Path(path).is_file()]
    if dry_run:
        with session.client() as maas, file_names_in_errors(*files):
            _show_request(session, maas.jobs.preview(spec))
        return
    name = job.name or _generate_name(model)
    watch = session.command("jobs", "watch", name)
    with (
        session.client() as maas,
        resume_hint_on_interrupt(watch, _interrupted_status(session, name)),
        session.printer.progress("data") as advance,
        file_names_in_errors(*files),
    ):
        created = maas.jobs.create(
            model=model,
            training_data=data,
            validation_data=job.validation_data,
            name=name,
            hyperparameters=job.hyperparameters,
            tags=job.tags,
            properties=job.properties,
            task=task,
            compute=job.compute,
            instance_types=job.instance_types,
            job_tier=job.job_tier,
            output_name=job.output_name,
            experiment=job.experiment,
            display_name=job.display_name,
            allow_retired=job.allow_retired,
            on_progress=partial(show_upload_progress, advance),
        )
    if job.wait:
        from .jobs_watch import wait_and_show

        session.printer.note(f"job {created.name} created")
        created = wait_and_show(session, created.name)
        show_job(session, created)
        return
    show_job(session, created)
    session.printer.note(f"next: {watch}")


def _show_request(session: Session, planned: PlannedRequest) -> None:
    """Write a request as it would be sent: as one document of JSON, else the way HTTP writes it."""
    printer = session.printer
    if printer.is_json:
        headers, body = dict(planned.headers), dict(planned.body)
        printer.document({"method": planned.method, "url": planned.url, "headers": headers, "body": body})
    else:
        printer.line(f"{planned.method} {planned.url}")
        for name, value in planned.headers.items():
            printer.line(f"{name}: {value}")
        printer.line("")
        for line in json.dumps(planned.body, indent=2, ensure_ascii=False).splitlines():
            printer.line(line)
    printer.note("nothing was sent that makes or changes anything")


def _generate_name(model: str) -> str:
    """Return a name for the job. It is chosen here, so that Ctrl-C leaves no job whose name nobody knows."""
    from ...catalog.model_id import plain_name

    return invent_name(f"ft-{plain_name(model)}")


def _interrupted_status(session: Session, name: str) -> str:
    show = session.command("jobs", "show", name)
    return f"job {name} may have been made (`{show}` tells); the same command with --name {name} makes it but once"


def _merge_hyperparameters(short: Mapping[str, float | None], others: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Put the hyperparameters of both spellings together; one that was given twice is a mistake."""
    chosen: dict[str, Any] = {SHORT[name]: value for name, value in short.items() if value is not None}
    for name, value in others:
        if name in chosen:
            raise click.UsageError(f"the hyperparameter {name} is given twice", click.get_current_context())
        chosen[name] = value
    return chosen
