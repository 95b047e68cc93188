"""`maas estimate`: token counts, training time and cost of a dataset."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..app.exit_codes import Failed, file_names_in_errors
from ..app.options import EXISTING_FILE, Command
from ..app.renamed_options import RenamedOption
from ..app.session import Session, pass_session
from .cost_limit import raise_above, require_prices

if TYPE_CHECKING:
    from ...datasets.cost.estimate import CostEstimate
    from ...datasets.cost.token_report import TokenReport


def _print_template(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """Print a price file for the models that can be fine-tuned today."""
    if not value or ctx.resilient_parsing:
        return
    from ...catalog.foundry_lookup import list_offers
    from ...catalog.lookup import list_models
    from ...datasets.cost.foundry_prices import foundry_template
    from ...datasets.cost.prices import template
    from ...planning.machine_prices import machine_template

    today = datetime.now(UTC).date()
    click.echo(template(facts for facts in list_models() if not facts.finetune_retired(today)), nl=False)
    tuned = [offer for offer in list_offers() if offer.serving != "special" and not offer.training_retired(today)]
    click.echo(foundry_template(tuned), nl=False)
    click.echo(f"\n{machine_template()}", nl=False)
    ctx.exit()


@click.command(
    cls=Command,
    help="""Count the tokens of FILE, and estimate training time and cost. No request is sent.

    Counts are exact if the model's tokenizer is found in --tokenizer, in MAAS_TOKENIZERS or in the Hugging Face
    cache, and the extra `tokens` is installed; otherwise they are an estimate with an error bound. Exits with 1 if
    the cost may exceed --max-cost.

    A model of Azure AI Foundry is billed for the tokens of FILE in each epoch, and by the hour for reinforcement; the
    service chooses the epochs unless --epochs is given.

    There are no built-in prices. --prices takes the file that --prices-template prints, filled in, or a response of
    https://prices.azure.com/api/retail/prices saved as it is.

    \b
    Example:
      maas estimate --prices-template > prices.toml
      maas estimate train.jsonl --model Phi-4-mini-instruct --epochs 3 --prices prices.toml
      maas estimate train.jsonl --model gpt-4.1-mini --training-tier Developer --prices prices.toml
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--model", metavar="NAME", required=True, help="Base model.")
@click.option(
    "--epochs", type=click.IntRange(min=1), metavar="N", help="Number of epochs (1, or the service's choice)."
)
@click.option(
    "--validation-data",
    "validation",
    cls=RenamedOption,
    former=["--validation"],
    type=EXISTING_FILE,
    metavar="FILE",
    help="Validation file; split off FILE by default.",
)
@click.option(
    "--max-seq-length", type=click.IntRange(min=1), metavar="N", help="Maximum tokens per row; the rest is truncated."
)
@click.option("--batch-size", type=int, metavar="N", help="Rows per step (1); -1 lets the service choose.")
@click.option("--method", metavar="METHOD", help="Fine-tuning method on Foundry; that of the rows by default.")
@click.option("--training-tier", metavar="TIER", help="Training tier on Foundry, whose price is taken.")
@click.option("--task", type=click.Choice(["chat", "text"]), help="Task; detected from the rows by default.")
@click.option(
    "--tokenizer", type=click.Path(exists=True, path_type=Path), metavar="DIR", help="Folder of the tokenizer."
)
@click.option("--download-tokenizer", is_flag=True, help="Download the tokenizer if it is not on this machine.")
@click.option("--exact", is_flag=True, help="Fail if the tokens cannot be counted exactly.")
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Price file, TOML or JSON.")
@click.option(
    "--max-cost", type=click.FloatRange(min=0), metavar="X", help="Fail if the cost may exceed X; requires --prices."
)
@click.option(
    "--prices-template",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_template,
    help="Print a price file to fill in, and exit.",
)
@pass_session
def estimate(
    session: Session,
    file: Path,
    model: str,
    epochs: int | None,
    validation: Path | None,
    max_seq_length: int | None,
    batch_size: int | None,
    method: str | None,
    training_tier: str | None,
    task: Literal["chat", "text"] | None,
    tokenizer: Path | None,
    download_tokenizer: bool,
    exact: bool,
    prices: Path | None,
    max_cost: float | None,
) -> None:
    """Estimate a job."""
    from ...catalog.surface_of_model import find_on_any_surface
    from ...datasets.cost.estimate import CostEstimate
    from ...datasets.cost.training_estimate import estimate_training

    require_prices(max_cost, prices)
    with file_names_in_errors(*filter(None, (file, validation))):
        cost_estimate = estimate_training(
            file,
            model=find_on_any_surface(model),
            validation=validation,
            epochs=epochs,
            batch_size=batch_size,
            max_seq_length=max_seq_length,
            method=method,
            training_tier=training_tier,
            tokenizer=tokenizer,
            exact=exact,
            download=download_tokenizer,
            task=task,
            prices=prices,
        )
    if isinstance(cost_estimate, CostEstimate):
        _show(session, cost_estimate)
        counted = cost_estimate.training.kept
    else:
        from .estimate_foundry import show

        show(session, cost_estimate)
        counted = cost_estimate.training.counted
    if not counted:
        raise Failed(f"the service would drop all rows of {file}", hint=f"try: maas check {file} --model {model}")
    if max_cost is not None:
        raise_above(max_cost, cost_estimate)


def _show(session: Session, cost_estimate: CostEstimate) -> None:
    """Print the estimate of a job on Azure ML."""
    from ...datasets.cost.training_time import BASIS

    session.printer.record(cost_estimate.to_dict(), _fields(cost_estimate))
    session.printer.note(f"time estimate: {BASIS}")
    if cost_estimate.price and cost_estimate.price.note:
        session.printer.note(cost_estimate.price.note)
    session.printer.note("the service also counts validation rows; whether it bills them is unknown")


def _fields(cost_estimate: CostEstimate) -> dict[str, object]:
    """Return the displayed fields of an estimate."""
    price, training = cost_estimate.price, cost_estimate.training
    epochs = f"{cost_estimate.epochs} epoch{'s' * (cost_estimate.epochs != 1)}"
    source_of_validation = "in the validation file" if cost_estimate.validation else "that the service splits off"
    return {
        "model": cost_estimate.model.name,
        "token counts": _counted(cost_estimate),
        "rows": _rows(training),
        "validation rows": _rows(cost_estimate.validation) if cost_estimate.validation else None,
        "longest row": f"{training.max:,} tokens (limit {training.max_seq_length:,})",
        "assistant tokens": f"{training.learnt:,} of {training.total:,} tokens",
        "tokens per epoch": f"{cost_estimate.tokens_per_epoch:,} in {cost_estimate.training_rows:,} rows",
        "tokens": f"{cost_estimate.training_tokens:,} in {epochs}",
        "with validation": f"{cost_estimate.tokens_with_validation:,} including the rows {source_of_validation}",
        "steps": f"{cost_estimate.steps:,}, {cost_estimate.batch_size} row{'s' * (cost_estimate.batch_size != 1)} each",
        "rough time": str(cost_estimate.time),
        "cost": _cost(cost_estimate),
        "hosting": f"{price.hosting_per_hour:g} {price.currency} per hour, whether used or not"
        if price and price.hosting_per_hour is not None
        else None,
    }


def _cost(cost_estimate: CostEstimate) -> str:
    if cost_estimate.money is None:
        return "unknown: there are no built-in prices; pass a price file with --prices (--prices-template prints one)"
    return f"{cost_estimate.money}; {cost_estimate.money.likely:,.2f} if the validation rows are billed"


def _counted(cost_estimate: CostEstimate) -> str:
    bound = cost_estimate.error_bound
    return cost_estimate.training.source + (f"; within {bound:.0%} for most text" if bound else "")


def _rows(report: TokenReport) -> str:
    """Return how many rows are kept, truncated and dropped."""
    lost = report.rows - report.kept - report.without_answer
    notes = {
        "dropped": lost,
        f"truncated to {report.max_seq_length:,} tokens": report.truncated - report.without_answer,
        "dropped because truncation removes the answer": report.without_answer,
    }
    notes_text = "".join(f"; {count:,} {what}" for what, count in notes.items() if count)
    return f"{report.kept:,} of {report.rows:,} kept{notes_text}"
