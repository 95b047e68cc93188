"""`maas plan`: which ways there are to fine-tune a model, which of them fit, and which to take."""

from __future__ import annotations

from pathlib import Path

import click

from ..app.exit_codes import file_names_in_errors
from ..app.options import EXISTING_FILE, NEW_FILE, Command
from ..app.session import Session, pass_session
from .plan_check import check_option
from .plan_table import table_options


def _print_schema(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """Print the schema of the JSON output."""
    if not value or ctx.resilient_parsing:
        return
    from ...planning.schema import plan_schema

    ctx.ensure_object(Session).printer.document(plan_schema())
    ctx.exit()


@click.command(
    cls=Command,
    help="""Show the ways to fine-tune a model, which of them fit a GPU, and which to take. No request is sent.

    A way is a platform, a method and a machine. Memory and time are computed from the model's shape, the rows of
    --data, and the GPU; without --gpu and --sku each way is shown on the smallest VM size of Azure that it fits.
    Costs are those of your price file: its table `machines` has `per_hour` and `currency` by VM size or GPU.

    \b
    Example:
      maas plan --model Phi-3-mini-4k-instruct --data train.jsonl --gpu "RTX 4090"
      maas plan --model Phi-4 --data train.jsonl --need memory --sku Standard_NC24ads_A100_v4
      maas plan --model Phi-4 --gpu H100 --gpus 2 --method zero
      maas plan --table
      maas plan --model Phi-4 --check adapter_config.json
    """,
)
@click.option("--model", metavar="NAME", help="Base model; the smallest that Azure ML fine-tunes by default.")
@click.option("--data", type=EXISTING_FILE, metavar="FILE", help="Training file, JSONL.")
@click.option(
    "--need", metavar="NEED", help="What matters: cost, memory, parameters, parallel, or a task such as chat."
)
@click.option("--gpu", "gpu", multiple=True, metavar="NAME", help="GPU to train on, such as 'RTX 4090'; repeatable.")
@click.option("--gpus", multiple=True, type=int, metavar="N", help="How many of them in a machine (1); repeatable.")
@click.option("--sku", multiple=True, metavar="SIZE", help="VM size to train on; repeatable.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="X", help="What it may cost; requires --prices.")
@click.option("--method", metavar="METHOD", help="full, lora, qlora, dora, peft, deepspeed or zero.")
@click.option("--platform", metavar="NAME", help="Platform, such as kaito or trl; all of them by default.")
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Price file, TOML or JSON.")
@click.option("--rank", type=click.IntRange(min=1), default=16, metavar="N", help="Rank of adapters (16).")
@click.option(
    "--max-seq-length", type=click.IntRange(min=1), metavar="N", help="Maximum tokens per row; the rest is truncated."
)
@click.option("--batch-size", type=click.IntRange(min=1), default=1, metavar="N", help="Rows per device and step (1).")
@click.option("--epochs", type=click.IntRange(min=1), default=3, metavar="N", help="Number of epochs (3).")
@click.option("--job-file", type=NEW_FILE, metavar="OUT", help="Write the settings of the way to take as a job file.")
@click.option("--overwrite", is_flag=True, help="Replace a job file that exists.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of the output of --output json, and exit.",
)
@table_options
@check_option
@pass_session
def plan(
    session: Session,
    /,
    *,
    model: str | None,
    data: Path | None,
    need: str | None,
    gpu: tuple[str, ...],
    gpus: tuple[int, ...],
    sku: tuple[str, ...],
    budget: float | None,
    method: str | None,
    platform: str | None,
    prices: Path | None,
    rank: int,
    max_seq_length: int | None,
    batch_size: int,
    epochs: int,
    job_file: Path | None,
    overwrite: bool,
) -> None:
    """Plan a fine-tuning."""
    from ... import plan as make_plan
    from .plan_output import show

    with file_names_in_errors(*filter(None, (data, prices))):
        made = make_plan(
            model=model,
            data=data,
            need=need,
            gpu=gpu,
            gpus=gpus or 1,
            sku=sku,
            budget=budget,
            method=method,
            platform=platform,
            prices=prices,
            rank=rank,
            sequence_length=max_seq_length,
            batch_size=batch_size,
            epochs=epochs,
        )
    show(session, made)
    if job_file is not None:
        from .plan_job_file import write_job_file

        write_job_file(session, made, job_file, overwrite=overwrite)
