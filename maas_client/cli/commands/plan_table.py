"""`maas plan --table`: the scenario table in its dated versions, and what measurements and papers say of its cells."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import click

from ..app.options import ExtendedOption, F, output_option
from ..app.session import Session

if TYPE_CHECKING:
    from ...planning.scenario_sources import NumberedSources
    from ...planning.scenarios import ScenarioTable
    from ..output.printer import Printer

TITLE = "The scenario table of Microsoft's cookbook for Phi models; yes and no are the page's, oldest first"
STAR = "* measurements or papers say otherwise"

_OF_THE_PROGRAM = "of the program"
"""What `--version` without a value asks for, as with every command."""


def _read_version(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the version of the table; without a value, show that of the program."""
    if value == _OF_THE_PROGRAM and not ctx.resilient_parsing:
        from ..._version import __version__

        click.echo(f"maas {__version__}")
        ctx.exit()
    return value


_OPTIONS = (
    click.option(
        "--table",
        is_flag=True,
        help="Show the cookbook's scenario table in its dated versions, and what measurements and papers say of it.",
    ),
    click.option(
        "--version",
        cls=ExtendedOption,
        is_flag=False,
        flag_value=_OF_THE_PROGRAM,
        callback=_read_version,
        metavar="2024|seed|current",
        help="With --table: only this version of it. Without a value, show the program's version and exit.",
    ),
    output_option("markdown", help="Output format; `markdown` is for --table."),
)


def table_options(command: F) -> F:
    """Add `--table`, `--version` and `--output markdown` to a command, which runs only without `--table`."""

    @wraps(command)
    def with_table(*arguments: Any, **options: Any) -> Any:
        table, version, output = (options.pop(name) for name in ("table", "version", "output"))
        ctx = click.get_current_context()
        if table:
            show_table(ctx.ensure_object(Session).printer, version, markdown=output == "markdown")
            return None
        for is_given, option in ((version is not None, "--version"), (output == "markdown", "--output markdown")):
            if is_given:
                raise click.UsageError(f"{option} requires --table", ctx)
        return command(*arguments, **options)

    decorated: Any = with_table
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return cast("F", decorated)  # click's options return what they decorate


def show_table(printer: Printer, version: str | None, *, markdown: bool) -> None:
    """Print the scenario table: as Markdown, as JSON, or for a reader of a terminal."""
    from ...planning.scenario_markdown import markdown as as_markdown
    from ...planning.scenario_sources import NumberedSources
    from ...planning.scenarios import scenario_table

    table = scenario_table(version)
    if markdown:
        click.echo(as_markdown(table), nl=False)
    elif printer.is_json:
        printer.document(table.to_dict())
    else:
        sources = NumberedSources()
        _print_cells(printer, table)
        _print_contradictions(printer, table, sources)
        _print_findings(printer, table, sources)
        printer.line("")
        printer.line("Sources")
        for number, text in sources.lines():
            printer.paragraph(f"  {f'[{number}]':<6}", text)


def _print_cells(printer: Printer, table: ScenarioTable) -> None:
    from ...planning.needs import NEEDS, TABLE_METHODS
    from ...planning.scenario_sources import cell_text

    printer.paragraph("", TITLE)
    titles = ["need", *(facts.title for facts in TABLE_METHODS.values()), "for"]
    rows = [
        [need, *(cell_text(table, need, method) for method in TABLE_METHODS), facts.title]
        for need, facts in NEEDS.items()
    ]
    printer.table(titles, rows)
    printer.line(STAR)
    printer.line("")
    for version in table.versions:
        printer.paragraph(f"{version.name:<9}", f"{version.document}; {version.period}")


def _print_contradictions(printer: Printer, table: ScenarioTable, sources: NumberedSources) -> None:
    printer.line("")
    printer.line("Where it contradicts itself, or the facts")
    for each in table.contradictions:
        start = f"  {', '.join(each.versions)}: " if len(table.versions) > 1 else "  "
        printer.paragraph("  ", f"{start.strip()} {each.text} {sources.marks(each.sources)}".strip())


def _print_findings(printer: Printer, table: ScenarioTable, sources: NumberedSources) -> None:
    from ...planning.needs import TABLE_METHODS
    from ...planning.scenario_sources import cell_text

    printer.line("")
    printer.line("What measurements and papers say of the cells that changed, or that they do not support")
    for each in table.contested():
        said = cell_text(table, each.need, each.method).removesuffix(" *")
        printer.line(f"  {each.need}, {TABLE_METHODS[each.method].title}: {each.verdict} (page: {said})")
        printer.paragraph("    ", f"{each.text} {sources.marks(each.sources)}")
