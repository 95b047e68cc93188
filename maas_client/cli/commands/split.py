"""`maas split`: split a dataset into training, validation and test parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.options import EXISTING_FILE, EXISTING_FOLDER, Command
from ..app.session import Session, pass_session
from ..output.printer import format_size

if TYPE_CHECKING:
    from ...datasets.split.result import DatasetSplit
    from ..output.printer import Printer


def parse_ratio(_ctx: click.Context, _param: click.Parameter, text: str | None) -> tuple[float, ...] | None:
    """Parse a ratio like 80/10/10."""
    try:
        return None if text is None else tuple(float(share) for share in text.split("/"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a ratio like 80/20 or 80/10/10") from None


@click.command(
    cls=Command,
    help="""Split FILE into training, validation and test parts without leakage between them.

    Rows are assigned by a hash of their text, ignoring white space, case and punctuation. Equal rows stay together,
    and with --ratio a row keeps its part when other rows are added or removed. With counts, the rows with the smallest
    hashes form the test part and the next ones the validation part: adding or removing a row moves at most one
    other row from each part to the next, as long as rows are not grouped.

    \b
    Example:
      maas split data.jsonl --ratio 80/10/10 --by user_id
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--ratio", callback=parse_ratio, metavar="T/V[/T]", help="Ratio of the parts; 80/20 by default.")
@click.option(
    "--validation-count", type=click.IntRange(1), metavar="N", help="Number of validation rows, instead of a ratio."
)
@click.option("--test-count", type=click.IntRange(1), metavar="N", help="Number of test rows, instead of a ratio.")
@click.option(
    "--by", metavar="COLUMN", help="Keep rows together that have the same value in this column or /json/pointer."
)
@click.option("--seed", type=int, default=0, metavar="N", help="Random seed of the split (0).")
@click.option("--out-dir", type=EXISTING_FOLDER, help="Output folder; the folder of FILE by default.")
@click.option("--overwrite", is_flag=True, help="Overwrite existing parts.")
@click.option("--skip-bad", is_flag=True, help="Skip lines that are not valid rows instead of failing.")
@pass_session
def split(
    session: Session,
    file: Path,
    ratio: tuple[float, ...] | None,
    validation_count: int | None,
    test_count: int | None,
    by: str | None,
    seed: int,
    out_dir: Path | None,
    overwrite: bool,
    skip_bad: bool,
) -> None:
    """Split a dataset."""
    if ratio is not None and (validation_count or test_count):
        raise click.UsageError("--ratio cannot be combined with --validation-count or --test-count")
    from ...datasets.split.file_split import split_file
    from ...datasets.split.plan import DEFAULT_RATIO

    printer = session.printer
    with printer.progress(file.name) as advance:
        result = split_file(
            file,
            ratio=ratio or DEFAULT_RATIO,
            validation_count=validation_count,
            test_count=test_count,
            by=by,
            seed=seed,
            out_dir=out_dir,
            overwrite=overwrite,
            on_bad="skip" if skip_bad else "refuse",
            on_progress=advance,
        )
    _show(printer, file, result)


def _show(printer: Printer, file: Path, result: DatasetSplit) -> None:
    """Print the parts to stdout and warnings to stderr."""
    if printer.is_json:
        printer.document(result.to_dict())
    else:
        rows = max(result.rows, 1)
        cells = [
            [part.name, str(part.rows), f"{part.rows / rows:.1%}", format_size(part.bytes), str(part.path)]
            for part in result.parts
        ]
        printer.table(["part", "rows", "share", "size", "file"], cells)
        printer.note(f"{file}: {result.summary}")
    for warning in result.warnings:
        printer.note(f"warning: {warning}")
