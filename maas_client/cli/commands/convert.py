"""`maas convert`: convert a file of another format to a chat dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ...datasets.convert.format_names import SOURCE_FORMATS
from ..app.options import EXISTING_FILE, NEW_FILE, Command, key_value
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ...datasets.convert import DatasetConversion, LineCounts, SourceFormat
    from ..output.printer import Printer


@click.command(
    cls=Command,
    help="""Convert FILE to chat rows, from JSON (JSON lines, an array, or multi-line values), CSV, TSV or Parquet.

    The file format and the row format are detected. If detection is ambiguous, set one of them with --from: json,
    csv, tsv or parquet for the file, any other FORMAT for its rows. OpenAI's, Anthropic's and Bedrock's
    conversations are `chat`, with or without tools; of preference rows (`dpo`, `preference`) the preferred answer
    is taken. The conversion stops at a row that the service would drop or end the job at, unless --skip-bad
    skips such rows. Rows marked as not to be learned (weight 0, train false, label false) are left out and counted,
    for the service ignores such marks. OUT is written atomically.

    For Azure AI Foundry (--for foundry) preference rows become rows of preferences, tool calls have no content, and
    images and weights are kept; with --method reinforcement the last answer becomes `reference_answer`.

    \b
    Example:
      maas convert pairs.parquet --to train.jsonl --method dpo
      maas convert faq.csv --to train.jsonl --map user=Question --map assistant=Answer
      maas convert vicuna.json --to train.jsonl --from sharegpt --skip-bad
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--to", "target", type=NEW_FILE, required=True, metavar="OUT", help="Output file.")
@click.option(
    "--from",
    "source_format",
    type=click.Choice(SOURCE_FORMATS),
    default="auto",
    metavar="FORMAT",
    help=f"One of {', '.join(SOURCE_FORMATS)}.",
)
@click.option(
    "--map",
    "columns",
    type=key_value,
    metavar="ROLE=COLUMN",
    multiple=True,
    help="Column of the user, assistant or system message; repeatable.",
)
@click.option(
    "--encoding",
    metavar="NAME",
    help="Encoding of a file of text, such as windows-1252; UTF-8, UTF-16 and UTF-32 are recognized.",
)
@click.option(
    "--for",
    "service",
    type=click.Choice(["azureml", "foundry"]),
    help="Service that the rows are for; by default that of the method or the selected platform.",
)
@click.option(
    "--method",
    type=click.Choice(["supervised", "dpo", "reinforcement"]),
    help="Method of fine-tuning, for Foundry; that of the rows by default.",
)
@click.option("--skip-bad", is_flag=True, help="Skip rows that cannot be converted, and list the first of them.")
@click.option("--overwrite", is_flag=True, help="Overwrite OUT if it exists.")
@pass_session
def convert(
    session: Session,
    file: Path,
    target: Path,
    source_format: SourceFormat,
    columns: tuple[tuple[str, str], ...],
    encoding: str | None,
    service: Literal["azureml", "foundry"] | None,
    method: Literal["supervised", "dpo", "reinforcement"] | None,
    skip_bad: bool,
    overwrite: bool,
) -> None:
    """Convert a file."""
    from ...datasets.check.rule_sets import rule_set
    from ...datasets.convert import convert_file
    from ...datasets.surface_choice import choose_rules

    rules = choose_rules(service, method, default=session.platform())
    mapping = dict(columns)
    if len(mapping) < len(columns):
        raise click.UsageError("--map sets a role twice")
    printer = session.printer
    with printer.progress(file.name) as advance:
        conversion = convert_file(
            file,
            target,
            source_format=source_format,
            columns=mapping or None,
            overwrite=overwrite,
            on_bad="skip" if skip_bad else "refuse",
            encoding=encoding,
            surface=rules.surface,
            method=rules.method,
            on_progress=advance,
        )
    _show(printer, file, target, conversion)
    printer.note(f"next: maas check {target}{rule_set(rules.surface).option}")


def _show(printer: Printer, file: Path, target: Path, conversion: DatasetConversion) -> None:
    """Print the result to stdout, and what was skipped or left out to stderr."""
    shown = {
        "file": target,
        "format": conversion.source_format,
        "columns": conversion.columns,
        "rows read": conversion.rows_read,
        "rows written": conversion.rows_written,
        "rows skipped": conversion.rows_skipped,
        "rows left out": conversion.left_out,
        "rejected answers left out": conversion.rejected_answers_left_out or None,
        "dropped keys": conversion.dropped_keys,
        "encoding": "" if conversion.encoding == "utf-8" else conversion.encoding,
        "lines": "" if conversion.lines is None else _lines(conversion.lines),
    }
    printer.record({"file": str(target), **conversion.to_dict()}, shown)
    lines = conversion.lines
    if lines is not None and lines.multiline_rows:
        count, first = lines.multiline_rows, lines.first_multiline
        printer.note(
            f"{count} row{'s' * (count != 1)} with line breaks in a quoted field; the first is in line {first}"
        )
    if lines is not None and lines.doubtful_rows:
        count, first = lines.doubtful_rows, lines.first_doubtful
        printer.note(
            f"warning: {count} row{'s' * (count != 1)} of several lines that each look like a row of their own, the "
            f"first in line {first}: check the quotation marks there"
        )
    for mark, count in conversion.left_out.items():
        printer.note(
            f"{count} row{'s' * (count != 1)} left out: {mark} says that they must not be learned, and the service "
            "ignores such marks"
        )
    rejected = conversion.rejected_answers_left_out
    if rejected:
        printer.note(
            f"{rejected} rejected answer{'s' * (rejected != 1)} "
            "left out: the service does not train on preferences, so the preferred answers became chat rows"
        )
    for each in conversion.bad:
        where = f"{file}:{each.number}" if conversion.unit == "line" else f"{file}, row {each.number}"
        printer.note(f"{where}: skipped: {each.reason}")


def _lines(lines: LineCounts) -> str:
    """Say what each line of a table is, so that they add up."""
    kinds = {"header": lines.header, "blank": lines.blank, "of rows written": lines.written}
    kinds |= {"left out": lines.left_out, "skipped": lines.skipped}
    return f"{lines.read} read: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
