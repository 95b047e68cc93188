"""Choosing a token counter: the model's tokenizer if there is one, else an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from ...core.extras import install_command
from ..rows.schemas import Row, Task
from .estimation import EstimateMeasure
from .row_tokens import ExactMeasure, Measure, RowCounter, RowTokens, TemplateCounter
from .tokenizer_loading import download as download_tokenizer, load
from .tokenizer_lookup import SearchPath, known_tokenizer, named_tokenizer, places


def counter_for(
    model: ModelFacts,
    *,
    tokenizer: str | PathLike[str] | None = None,
    exact: bool = False,
    download: bool = False,
    task: Task | None = None,
    surroundings: SearchPath | None = None,
) -> RowCounter:
    """Return a counter for the tokens of a model's rows.

    Args:
        model: the base model.
        tokenizer: a folder with its tokenizer, or with a subfolder for its family.
        exact: refuse to estimate.
        download: download the tokenizer if it is not on this machine; otherwise nothing is ever downloaded.
        task: chat or text; detected from each row by default.
        surroundings: where else a tokenizer may be, by default taken from the environment.

    Returns:
        A counter; its `source` says how it counts, and why if it estimates.

    Raises:
        InvalidInput: a tokenizer was named, or exact counts were requested, and there is no usable tokenizer.
        TransportError: the download failed.
    """
    around = surroundings or SearchPath()
    return TemplateCounter(_measure(model, tokenizer, exact, download, around), model.template, task=task)


def _measure(
    model: ModelFacts, tokenizer: str | PathLike[str] | None, exact: bool, download: bool, around: SearchPath
) -> Measure:
    if tokenizer is not None:
        return ExactMeasure(load(named_tokenizer(model, tokenizer), model))
    path = known_tokenizer(model, around)
    if path is None:
        return _without_file(model, exact, download, around)
    return _from_file(path, model, exact or download)


def _without_file(model: ModelFacts, exact: bool, download: bool, around: SearchPath) -> Measure:
    if download:
        return ExactMeasure(download_tokenizer(model))
    missing = f"no tokenizer of {model.name} in {places(around)}"
    if exact:
        raise InvalidInput(
            f"exact counts were requested, but there is {missing}. Name its folder (--tokenizer, `tokenizer=`), or "
            "allow its download (--download-tokenizer, `download=True`). Both need the extra `tokens`: "
            f"{install_command('tokens')}"
        )
    return EstimateMeasure(model, f"there is {missing}")


def _from_file(path: Path, model: ModelFacts, exact: bool) -> Measure:
    """Count with a tokenizer that the search found; if it is unusable, estimate, or raise for exact counts."""
    try:
        return ExactMeasure(load(path, model))
    except InvalidInput as error:
        if exact:
            raise
        return EstimateMeasure(model, str(error))


@dataclass(frozen=True, slots=True)
class LazyModelCounter:
    """Counts a model's rows; the counter is chosen at the first row, so this object can be pickled for a subprocess."""

    model: ModelFacts
    tokenizer: str | None = None
    task: Task | None = None

    @property
    def chosen(self) -> RowCounter:
        """The counter itself. Raises InvalidInput like `counter_for`."""
        return _found(self.model, self.tokenizer, self.task)

    def count(self, row: Row) -> RowTokens:
        """Count the tokens of one row, including the model's chat template."""
        return self.chosen.count(row)


@lru_cache(maxsize=8)
def _found(model: ModelFacts, tokenizer: str | None, task: Task | None) -> RowCounter:
    return counter_for(model, tokenizer=tokenizer, task=task)
