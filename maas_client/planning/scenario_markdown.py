"""The scenario table as Markdown: for the command line, and for a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .needs import NEEDS, TABLE_METHODS
from .scenario_sources import NumberedSources, cell_text
from .scenarios import ScenarioTable

INTRODUCTION = (
    "The scenario table of Microsoft's cookbook for Phi models says which method serves which need. It was changed "
    "without a note, so it is quoted here with its version. Yes and no are the page's, the oldest first where "
    "versions differ; a star marks what measurements or papers do not support."
)


def markdown(table: ScenarioTable) -> str:
    """Return the table in its versions, its contradictions, and the findings on its contested cells, as Markdown."""
    return "\n\n".join(_parts(table)) + "\n"


def _parts(table: ScenarioTable) -> Iterator[str]:
    sources = NumberedSources()
    yield "# The scenario table"
    yield INTRODUCTION
    yield "\n".join(_cells(table))
    yield "\n".join(
        f"- `{version.name}`: {version.document}; {version.period}. Platforms that it names: "
        f"{', '.join(version.platforms)}."
        for version in table.versions
    )
    yield "## The six columns"
    yield "\n".join(f"- **{facts.title}** {facts.summary}." for facts in TABLE_METHODS.values())
    yield "## Where it contradicts itself, or the facts"
    yield "\n".join(
        f"- {', '.join(f'`{name}`' for name in each.versions)}: {each.text} {sources.marks(each.sources)}"
        for each in table.contradictions
    )
    yield "## What measurements and papers say"
    yield "Of each cell that changed, or that they do not support:"
    yield "\n".join(_findings(table, sources))
    yield "## Sources"
    yield "\n".join(f"{number}. {text}" for number, text in sources.lines())


def _cells(table: ScenarioTable) -> Iterator[str]:
    titles = ["need", *(facts.title for facts in TABLE_METHODS.values()), "asked with"]
    yield _line(titles)
    yield _line(["---"] * len(titles))
    for need, facts in NEEDS.items():
        cells = [cell_text(table, need, method) for method in TABLE_METHODS]
        yield _line([facts.title, *cells, f"`--need {need}`"])


def _findings(table: ScenarioTable, sources: NumberedSources) -> Iterator[str]:
    yield _line(["need", "method", "page", "found", "why"])
    yield _line(["---"] * 5)
    for each in table.contested():
        said = cell_text(table, each.need, each.method).removesuffix(" *")
        method = TABLE_METHODS[each.method].title
        why = f"{each.text} {sources.marks(each.sources)}"
        yield _line([NEEDS[each.need].title, method, said, each.verdict, why])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
