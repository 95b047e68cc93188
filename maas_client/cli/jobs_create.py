"""`maas jobs create`: every choice that a job leaves to its user."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from ..names import invent_name
from .exits import naming, resumable
from .jobs import show_job
from .options import Command, key_value
from .render import show
from .session import Session, pass_session
from .spending import PRICES, refuse_create_above

SHORT = {
    "epochs": "num_train_epochs",
    "learning_rate": "learning_rate",
    "batch_size": "per_device_train_batch_size",
}
"""The hyperparameters that have an option of their own."""


@click.command(
    cls=Command,
    help="""Create a hosted fine-tuning job. A file is checked and uploaded first.

    \b
    Example:
      maas jobs create --model Phi-4-mini-instruct --training-data train.jsonl --epochs 3 --wait
    """,
)
@click.option("--model", required=True, metavar="NAME", help="The base model's name, or its azureml:// id.")
@click.option("--training-data", required=True, metavar="FILE|ASSET", help="A JSONL file, NAME:VERSION or an id.")
@click.option("--validation-data", metavar="FILE|ASSET", help="The same for validation; 20 % of the rows by default.")
@click.option("--name", metavar="NAME", help="The job's name; invented by default.")
@click.option("--epochs", type=int, metavar="N", help="How often every row is seen.")
@click.option("--learning-rate", type=float, metavar="X", help="The learning rate.")
@click.option("--batch-size", type=int, metavar="N", help="Rows per device and step.")
@click.option("--hyperparameter", type=key_value, metavar="KEY=VALUE", multiple=True, help="Any other; repeatable.")
@click.option("--task", type=click.Choice(["chat", "text"]), default="chat", help="What is trained.")
@click.option("--compute", metavar="NAME", help="Your own compute cluster, in place of serverless.")
@click.option("--instance-type", "instance_types", multiple=True, metavar="SIZE", help="A VM size; repeatable.")
@click.option("--job-tier", type=click.Choice(["Spot", "Basic", "Standard", "Premium"]), help="The queue's tier.")
@click.option("--output-name", metavar="NAME", help="The tuned model's name, by default the job's with -model.")
@click.option("--experiment", metavar="NAME", help="The experiment that Studio lists it under.")
@click.option("--display-name", metavar="TEXT", help="What Studio shows.")
@click.option("--tag", "tags", type=key_value, metavar="KEY=VALUE", multiple=True, help="A label; repeatable.")
@click.option("--allow-retired", is_flag=True, help="Go on with a model whose fine-tuning has ended.")
@click.option("--wait", is_flag=True, help="Follow the job to its end.")
@click.option("--prices", type=PRICES, metavar="FILE", help="Your prices; says first what training may cost.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="X", help="Create nothing that may cost more.")
@pass_session
def create(
    session: Session,
    /,
    *,
    model: str,
    training_data: str,
    validation_data: str | None,
    name: str | None,
    epochs: int | None,
    learning_rate: float | None,
    batch_size: int | None,
    hyperparameter: tuple[tuple[str, str], ...],
    tags: tuple[tuple[str, str], ...],
    task: Literal["chat", "text"],
    wait: bool,
    prices: Path | None,
    max_cost: float | None,
    **asked: Any,
) -> None:
    """Create a job."""
    short = {"epochs": epochs, "learning_rate": learning_rate, "batch_size": batch_size}
    hyperparameters = _together(short, hyperparameter)
    cost = refuse_create_above(
        max_cost,
        prices,
        model=model,
        training_data=training_data,
        validation_data=validation_data,
        hyperparameters=hyperparameters,
        task=task,
        own_compute=bool(asked["compute"] or asked["instance_types"]),
    )
    if cost:
        session.printer.note(cost)
    name = name or _invented(model)
    watch = session.command("jobs", "watch", name)
    files = [data for data in (training_data, validation_data) if data and Path(data).is_file()]
    with (
        session.client() as maas,
        resumable(watch, _unsure(session, name)),
        session.printer.progress("data") as advance,
        naming(*files),
    ):
        job = maas.jobs.create(
            model=model,
            training_data=training_data,
            validation_data=validation_data,
            name=name,
            hyperparameters=hyperparameters,
            tags=dict(tags),
            task=task,
            on_progress=partial(show, advance),
            **asked,
        )
    if wait:
        from .watch import follow

        session.printer.note(f"job {job.name} created")
        job = follow(session, job.name, quietly=True)
        show_job(session, job)
        return
    show_job(session, job)
    session.printer.note(f"next: {watch}")


def _invented(model: str) -> str:
    """Return a name for the job. It is chosen here, so that Ctrl-C leaves no job whose name nobody knows."""
    from ..job import plain_name

    return invent_name(f"ft-{plain_name(model)}")


def _unsure(session: Session, name: str) -> str:
    show = session.command("jobs", "show", name)
    return f"job {name} may have been made (`{show}` tells); the same command with --name {name} makes it but once"


def _together(short: dict[str, float | None], others: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Put the hyperparameters of both spellings together; one that was given twice is a mistake."""
    chosen: dict[str, Any] = {SHORT[name]: value for name, value in short.items() if value is not None}
    for name, value in others:
        if name in chosen:
            raise click.UsageError(f"the hyperparameter {name} is given twice", click.get_current_context())
        chosen[name] = value
    return chosen
