"""What a cell of the scenario table says in a word, and its sources as numbers: shared by every way to show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..catalog.model_facts import Source
from .needs import Need, TableMethod
from .scenarios import ScenarioTable


def cell_text(table: ScenarioTable, need: Need, method: TableMethod) -> str:
    """Return yes or no, or `no, now yes` where versions differ; a star where the findings differ."""
    said = ["yes" if version.says(need, method) else "no" for version in table.versions]
    finding = table.finding(need, method)
    star = " *" if finding is not None and finding.differs_from(table.versions[-1]) else ""
    return ", now ".join(dict.fromkeys(said)) + star


class NumberedSources:
    """Numbers sources in the order in which they are named."""

    def __init__(self) -> None:
        self._numbers: dict[Source, int] = {}

    def marks(self, sources: Sequence[Source]) -> str:
        """Return the numbers of these sources, such as `[1, 3]`."""
        numbers = [self._numbers.setdefault(each, len(self._numbers) + 1) for each in sources]
        return f"[{', '.join(map(str, numbers))}]"

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield each source that was named, with its number and its date if it has one."""
        for source, number in self._numbers.items():
            yield number, source.document + (f" ({source.date})" if source.date else "")
