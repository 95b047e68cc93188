"""Finding a model's tokenizer on this machine: a named folder, the Hugging Face cache, tiktoken's cache."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...catalog.lookup import list_models
from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput

VARIABLE = "MAAS_TOKENIZERS"
"""The environment variable for a folder with a subfolder for each family or model."""

JSON, RANKS = "tokenizer.json", "cl100k_base.tiktoken"
RANKED_FAMILY = "phi-3-small"
"""The family whose tokenizer is a rank file."""

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {"phi-3": ("phi-3-mini",)}
_TIKTOKEN_KEY = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
"""The SHA-1 of the URL of cl100k_base: how tiktoken's own cache names the file (`tiktoken/load.py`)."""


@dataclass(frozen=True, slots=True)
class SearchPath:
    """What the search depends on: environment variables, the home folder and the temporary folder."""

    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)
    temporary: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))


def hub_name(model: ModelFacts) -> str:
    """Return the model's repository on the Hugging Face hub."""
    return f"microsoft/{model.name.lower() if model.name == 'Phi-4' else model.name}"


def named_tokenizer(model: ModelFacts, folder: str | os.PathLike[str]) -> Path:
    """Return the tokenizer's file in a named folder; the file itself may be named as well.

    Raises InvalidInput if there is none.
    """
    path = Path(folder)
    if path.is_file():
        return path
    found = _in_folder(path, model) or _below(path, model)
    if found is None:
        files = " or ".join(_files(model))
        raise InvalidInput(
            f"there is no tokenizer of {model.name} in {str(path)!r}: neither {files}, nor a folder "
            f"{' or '.join(_folders(model))} with it"
        )
    return found


def known_tokenizer(model: ModelFacts, surroundings: SearchPath) -> Path | None:
    """Return the tokenizer's file from the usual places on this machine; None if there is none.

    Searches the folder of `MAAS_TOKENIZERS`, then the Hugging Face cache (for this model, else for another one of its
    family: they share a tokenizer), then tiktoken's cache. Raises InvalidInput if the variable does not name a folder.
    """
    folder = surroundings.variables.get(VARIABLE)
    if folder and not Path(folder).is_dir():
        raise InvalidInput(f"{VARIABLE} is {folder!r}, which is not a folder")
    found = _below(Path(folder), model) if folder else None
    return found or _in_hub_cache(_hub_cache(surroundings), model) or _in_tiktoken_cache(model, surroundings)


def places(surroundings: SearchPath) -> str:
    """Describe the searched places."""
    folder = surroundings.variables.get(VARIABLE)
    return f"{VARIABLE}{f' ({folder})' if folder else ''} and {_hub_cache(surroundings)}"


def _files(model: ModelFacts) -> tuple[str, ...]:
    return (RANKS, JSON) if model.template.family == RANKED_FAMILY else (JSON,)


def _folders(model: ModelFacts) -> tuple[str, ...]:
    family = model.template.family
    return (model.name, family, *_OTHER_NAMES.get(family, ()))


def _in_folder(folder: Path, model: ModelFacts) -> Path | None:
    return next((folder / name for name in _files(model) if (folder / name).is_file()), None)


def _below(folder: Path, model: ModelFacts) -> Path | None:
    found = (_in_folder(folder / name, model) for name in _folders(model))
    return next(filter(None, found), None)


def _hub_cache(surroundings: SearchPath) -> Path:
    """Return the cache folder, determined like in huggingface_hub (`constants.py`)."""
    variables = surroundings.variables
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if variables.get(name):
            return Path(variables[name]).expanduser()
    cache = Path(variables.get("XDG_CACHE_HOME") or surroundings.home / ".cache")
    return Path(variables.get("HF_HOME") or cache / "huggingface").expanduser() / "hub"


def _in_hub_cache(cache: Path, model: ModelFacts) -> Path | None:
    if not cache.is_dir():
        return None
    there = {path.name.lower(): path for path in cache.iterdir()}
    family = [other for other in list_models() if other.template == model.template and other.name != model.name]
    for each in (model, *family):
        repository = there.get(f"models--{hub_name(each).replace('/', '--')}".lower())
        found = (_in_folder(snapshot, model) for snapshot in _snapshots(repository)) if repository else iter(())
        if path := next(filter(None, found), None):
            return path
    return None


def _snapshots(repository: Path) -> Iterator[Path]:
    """Yield the downloaded revisions of a repository, the current one first."""
    current = repository / "refs" / "main"
    if current.is_file():
        yield repository / "snapshots" / current.read_text(encoding="utf-8").strip()
    yield from sorted((repository / "snapshots").glob("*"))


def _in_tiktoken_cache(model: ModelFacts, surroundings: SearchPath) -> Path | None:
    if model.template.family != RANKED_FAMILY:
        return None
    named = (surroundings.variables.get(name) for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"))
    folder = Path(next(filter(None, named), surroundings.temporary / "data-gym-cache"))
    path = folder / _TIKTOKEN_KEY
    return path if path.is_file() else None
