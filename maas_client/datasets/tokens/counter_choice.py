"""Choosing what counts tokens: the model's tokenizer where there is one, else an estimate that says so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
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
    """Return what counts the tokens of a model's rows.

    Args:
        model: the base model.
        tokenizer: a folder with its tokenizer, or with a sub-folder for its family.
        exact: refuse to estimate.
        download: fetch the tokenizer if it is not on this machine; without it nothing is ever downloaded.
        task: chat or text; told from each row when left out.
        surroundings: where else a tokenizer may be, by default as the environment says.

    Returns:
        A counter; its `source` says what it counts with, and why it estimates if it does.

    Raises:
        InvalidInput: a tokenizer was named, or exact counts were asked for, and there is no tokenizer to count with.
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
            "allow its download (--download-tokenizer, `download=True`); pip install 'maas-client[tokens]' for both"
        )
    return EstimateMeasure(model, f"there is {missing}")


def _from_file(path: Path, model: ModelFacts, exact: bool) -> Measure:
    """Count with a file that nobody named: whatever is wrong with it is told, and stops only who wants exact counts."""
    try:
        return ExactMeasure(load(path, model))
    except InvalidInput as error:
        if exact:
            raise
        return EstimateMeasure(model, str(error))


@dataclass(frozen=True, slots=True)
class LazyModelCounter:
    """Counts a model's rows; what counts them is found when the first row is counted, and may travel to a process."""

    model: ModelFacts
    tokenizer: str | None = None

    def count(self, row: Row) -> RowTokens:
        """Count one row's tokens, with the model's template around them."""
        return _found(self.model, self.tokenizer).count(row)


@lru_cache(maxsize=8)
def _found(model: ModelFacts, tokenizer: str | None) -> RowCounter:
    return counter_for(model, tokenizer=tokenizer)
