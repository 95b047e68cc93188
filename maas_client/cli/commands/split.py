"""`maas split`: a data set in parts for training, validation and testing."""

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
    """Take 80/10/10 apart."""
    try:
        return None if text is None else tuple(float(share) for share in text.split("/"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not like 80/20 or 80/10/10") from None


@click.command(
    cls=Command,
    help="""Split FILE into parts for training, validation and testing, of which none gives away another.

    A row's own words decide where it goes, without white space, case and punctuation. So equal rows stay together, and
    by ratio a row stays in its part when others come or go. By count, the rows with the smallest hashes are for testing
    and the next for validation: a row that comes or goes moves at most one other from each part to the next, where no
    rows belong together.

    \b
    Example:
      maas split data.jsonl --ratio 80/10/10 --by user_id
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--ratio", callback=parse_ratio, metavar="T/V[/T]", help="Shares of the parts, by default 80/20.")
@click.option("--validation-count", type=click.IntRange(1), metavar="N", help="Rows for validation, instead of shares.")
@click.option("--test-count", type=click.IntRange(1), metavar="N", help="Rows for testing, instead of shares.")
@click.option("--by", metavar="COLUMN", help="Keep rows of one value together: of a column or /json/pointer.")
@click.option("--seed", type=int, default=0, metavar="N", help="Another seed gives another split; by default 0.")
@click.option("--out-dir", type=EXISTING_FOLDER, help="Where the parts go; beside FILE by default.")
@click.option("--overwrite", is_flag=True, help="Replace parts that are there.")
@click.option("--skip-bad", is_flag=True, help="Leave out lines that are no rows, rather than write nothing.")
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
    """Split a data set."""
    if ratio is not None and (validation_count or test_count):
        raise click.UsageError("the parts are split by --ratio or by counts, not by both")
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
    """Write what was split to stdout, and what to think of to stderr."""
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
